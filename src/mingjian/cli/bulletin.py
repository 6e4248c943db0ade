"""`mingjian bulletin`: the day on one page for leadership, in HTML and Word."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mingjian.cli.common import DAY, first_day
from mingjian.content import load_content
from mingjian.domain.clock import clock_for
from mingjian.domain.i18n import _, language
from mingjian.run import home
from mingjian.store import db
from mingjian.terminal import terminal


def register(app: typer.Typer) -> None:
    app.command("bulletin")(bulletin)


def bulletin(
    out: Annotated[Path, typer.Option("--out", help="写到哪个目录 · where to write")] = Path(),
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=DAY, help="简报日，默认今天 · its day, today if unsaid"),
    ] = None,
) -> None:
    """当日督办简报，一页，末尾印审计锚（HTML 与 Word）· the day on one page, with the audit log's anchor.

    例 · example:  mingjian bulletin --out bulletins
    """
    from mingjian.report.bulletin import render_bulletin  # here, not above: --help should not wait for it

    day = first_day(as_of)
    with db.open_store(home()).connect() as conn:
        made = render_bulletin(conn, load_content(), day, language(), clock_for(day).now())
    out.mkdir(parents=True, exist_ok=True)
    page, word = out / f"bulletin-{day}.html", out / f"bulletin-{day}.docx"
    page.write_text(made.html, encoding="utf-8")
    word.write_bytes(made.docx)
    terminal().print(_("已写 {a} 与 {b}", a=page, b=word), highlight=False)
