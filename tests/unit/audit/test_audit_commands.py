"""The auditor's and the leader's commands over a small city: anchor, bulletin, verify, show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from tests.audit_unlocked import audit_unlocked
from tests.dash_rows import MONDAY, add_city
from typer.testing import CliRunner

from mingjian.cli import app
from mingjian.domain.errors import MingjianError
from mingjian.store import anchors, audit, db

DAY = "2026-03-02"


def call(*words: str) -> tuple[int, str]:
    """Exit code and all that was said, as `mingjian.cli.main` would say it."""
    done = CliRunner().invoke(app, words)
    error = done.exception if isinstance(done.exception, MingjianError) else None
    assert error or done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return (error.exit_code if error else done.exit_code), done.output + (f"{error}" if error else "")


def said(*words: str) -> str:
    code, answer = call(*words)
    assert code == 0, answer
    return " ".join(answer.split())


@pytest.fixture(scope="module")
def city(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A small city of 2 March with five audit rows and that day's anchor; later tests of this module harm its log."""
    home = tmp_path_factory.mktemp("audit-home")
    url = db.create_database(server_url, "audit_commands")
    engine = db.connect(url)
    db.upgrade(engine)
    entry = {"actor": "zhao", "action": "change", "object_kind": "order", "object_id": "D1"}
    with engine.begin() as conn:
        add_city(conn)
        audit.record_many(conn, at=MONDAY, entries=[entry] * 5)
        anchors.make(conn, MONDAY)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"DATABASE_URL": url, "HOME": str(home), "SOURCES": str(home)}.items():
            patch.setenv(f"MINGJIAN_{name}", value)
        yield engine
    engine.dispose()


def harm(engine: Engine, statement: str) -> None:
    with engine.begin() as conn, audit_unlocked(conn):
        conn.execute(text(statement))


def test_the_bulletin_prints_the_anchor_and_verify_reads_it_back(city: Engine, tmp_path: Path) -> None:
    assert f"bulletin-{DAY}.docx" in said("bulletin", "--out", str(tmp_path), "--as-of", DAY)
    page = tmp_path / f"bulletin-{DAY}.html"
    assert f"审计锚 {DAY}" in page.read_text(encoding="utf-8")
    for name in (page, page.with_suffix(".docx")):
        answer = said("audit", "verify", "--against", str(name))
        assert "审计链完整" in answer and "印出的锚相符" in answer
    assert "印出的锚相符" in said("audit", "verify", "--against", _hash_of(page))
    assert "Daily supervision bulletin" in _english(tmp_path / "en")


def test_a_day_is_anchored_once_and_shown_again(city: Engine) -> None:
    first = said("audit", "anchor")
    again = said("audit", "anchor")
    assert "已设锚" in first and "今日的锚已有" in again
    assert first.split("审计锚")[1] == again.split("审计锚")[1]


def test_readings_by_command_are_shown_by_person_object_and_day(city: Engine) -> None:
    listed = json.loads(said("warnings", "list", "--json"))
    said("warnings", "show", listed[0]["id"])
    rows = json.loads(said("audit", "show", "--action", "view", "--json"))
    assert [row["object_id"] for row in rows] == ["warnings show", "warnings list"]
    assert rows[1]["detail"] == {
        "purpose": "operate", "mask": "token", "count": len(listed), "ids": [row["id"] for row in listed],
    }  # fmt: skip
    assert "zhao" in said("audit", "show", "--kind", "order", "--id", "D1", "--day", DAY, "--actor", "zhao")
    older = json.loads(said("audit", "show", "--before", "3", "--json"))
    assert [row["id"] for row in older] == [2, 1]
    assert "没有符合条件的审计行" in said("audit", "show", "--day", "2020-01-01")
    assert "--before" in said("audit", "show", "--limit", "1")


def test_what_cannot_be_checked_against_is_told(city: Engine, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>nothing</p>")
    assert call("audit", "verify", "--against", str(tmp_path / "a.html"))[0] == 1
    assert "没有文件" in call("audit", "verify", "--against", str(tmp_path / "b.html"))[1]
    code, answer = call("audit", "verify", "--against", "f" * 64)
    assert code == 1 and "没有一行的哈希" in answer


def test_every_fault_is_named_and_no_anchor_is_made_over_it(city: Engine) -> None:
    harm(city, "UPDATE audit_log SET actor = 'nobody' WHERE id = 2")
    harm(city, "DELETE FROM audit_log WHERE id = 4")
    code, answer = call("audit", "verify")
    assert code == 1
    assert "第 2 行" in answer and "被改动" in answer and "第 4 行" in answer and "缺失" in answer
    harm(city, "DELETE FROM audit_anchor")
    code, answer = call("audit", "anchor")
    assert code == 1 and "第 2 行" in answer
    assert "已设锚" in said("audit", "anchor", "--despite", "已取证", "--actor", "auditor")


def _hash_of(page: Path) -> str:
    line = page.read_text(encoding="utf-8").split('class="hash">')[1]
    return line.split("<")[0]


def _english(out: Path) -> str:
    said("--lang", "en", "bulletin", "--out", str(out), "--as-of", DAY)
    return (out / f"bulletin-{DAY}.html").read_text(encoding="utf-8")
