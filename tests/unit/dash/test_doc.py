"""docs/dash.md says what the database says."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from mingjian.report.dashdoc import dash_markdown


def test_the_page_is_the_one_the_comments_make(conn: Connection, repo: Path) -> None:
    written = (repo / "docs" / "dash.md").read_text(encoding="utf-8")
    assert written == dash_markdown(conn), "write dash_markdown(conn) to docs/dash.md again"
