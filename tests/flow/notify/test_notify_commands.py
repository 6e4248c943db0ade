"""`mingjian messages` and `mingjian contacts` as a clerk types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from post_desk import Desk, letter
from tests.flow.conftest import SOURCES
from typer.testing import CliRunner

from mingjian.cli import app
from mingjian.domain.errors import MingjianError, NotFound


@pytest.fixture
def clerk(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    monkeypatch.setenv("MINGJIAN_HOME", str(tmp_path))
    monkeypatch.setenv("MINGJIAN_SOURCES", str(tmp_path))
    monkeypatch.setenv("MINGJIAN_DATABASE_URL", desk.engine.url.render_as_string(hide_password=False))
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "deaths.yaml").write_text(SOURCES["deaths"], encoding="utf-8")
    return desk


def typed(*words: str) -> str:
    done = CliRunner().invoke(app, [*words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_dead_are_listed_replayed_and_sent(clerk: Desk) -> None:
    assert "没有发不出的消息" in typed("messages", "dead")
    clerk.put(letter("a", channel="pigeon"))
    clerk.deliver()
    assert "没有可用渠道" in typed("messages", "dead")
    clerk.channels("pigeon: {kind: file}")
    number = str(clerk.row("a")["id"])
    assert "1 条" in typed("messages", "replay", number, "--reason", "渠道已补上")
    assert "已发 1" in typed("messages", "retry")
    assert "共 1 条：已发 1" in typed("messages", "list")
    (entry,) = clerk.audited(number)
    assert entry["detail"] == {"was": "no_channel", "attempts": 0, "reason": "渠道已补上"}


def test_retry_does_not_wait_and_is_audited(clerk: Desk) -> None:
    outbox = clerk.run.home / "outbox"
    outbox.write_text("in the way")
    clerk.put(letter("a"))
    assert "待重试 1" in typed("messages", "retry")
    outbox.unlink()
    assert "已发 1" in typed("messages", "retry")
    assert [entry["action"] for entry in clerk.audited("")] == ["retry"]


def test_lists_page_by_key(clerk: Desk) -> None:
    clerk.put(*(letter(f"m{n}", f"U{n}") for n in range(5)))
    first = typed("messages", "list", "--limit", "2")
    last = str(clerk.row("m1")["id"])
    assert "U1" in first and "U2" not in first and f"--after {last}" in first
    assert "U2" in typed("messages", "list", "--after", last, "--limit", "2")


def test_a_replay_of_what_is_not_dead_says_so(clerk: Desk) -> None:
    with pytest.raises(NotFound, match="999999"):
        CliRunner().invoke(app, ["messages", "replay", "999999", "--reason", "x"], catch_exceptions=False)


HEAD = "owner_kind,owner_id,channel,address,active\n"


def test_contacts_are_imported_masked_and_taken_out_of_use(clerk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(HEAD + "unit,MZ,sms,13800001234,1\nuser,li,mail,li.na@city.test,\n", encoding="utf-8-sig")
    assert "2 个" in typed("contacts", "import", str(file))
    said = typed("contacts", "list")
    assert "138****34" in said and "l***@city.test" in said and "13800001234" not in said
    file.write_text(HEAD + "unit,MZ,sms,13800001234,0\n", encoding="utf-8")
    typed("contacts", "import", str(file))
    assert "✓" not in typed("contacts", "list", "--owner", "MZ")
    told = str([entry["detail"] for entry in [*clerk.audited(""), *clerk.audited("MZ")]])
    assert "13800001234" not in told and "'owners': 2" in told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("unit,MZ,sms,139-abc", ":2:"),
        ("unit,MZ,pigeon,13800001234", "pigeon"),
        ("unit,MZ,wecom,13800001234", "wecom"),
        ("gang,MZ,sms,13800001234", ":2:"),
        ('unit,MZ,mail,"a@b.test\nBcc: all@b.test"', ":2:"),
    ],
)
def test_a_wrong_contact_is_named_by_its_line_and_nothing_is_imported(
    clerk: Desk, tmp_path: Path, line: str, told: str
) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(f"{HEAD}{line}\nunit,JY,sms,13900001111\n", encoding="utf-8")
    with pytest.raises(MingjianError, match=told) as refusal:
        CliRunner().invoke(app, ["contacts", "import", str(file)], catch_exceptions=False)
    assert "139-abc" not in str(refusal.value)
    assert "JY" not in typed("contacts", "list")
