"""`mingjian users` as an administrator types it: secrets are shown once, and what is ended is over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from mingjian.cli import app
from mingjian.domain.clock import SystemClock
from mingjian.domain.errors import MingjianError
from mingjian.store import db, sessions, tokens
from mingjian.store.identity import find_user
from mingjian.store.tables import app_user, audit_log
from mingjian.store.users import verify_password


@pytest.fixture
def store(server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A database of this module's own, where the commands look for it."""
    url = db.create_database(server_url, "users")
    monkeypatch.setenv("MINGJIAN_DATABASE_URL", url)
    monkeypatch.setenv("MINGJIAN_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    return db.open_store(tmp_path)


def mingjian(*words: str) -> str:
    done = CliRunner().invoke(app, ["--lang", "zh", "users", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def password_in(said: str) -> str:
    found = re.search(r"一次性密码：(\S+)", said)
    assert found is not None
    return found[1]


def test_an_account_from_its_first_day_to_its_last(store: Engine) -> None:
    now = SystemClock().now
    first = password_in(mingjian("add", "liming", "--name", "李明", "--role", "R3", "--scope", "city"))
    second = password_in(mingjian("reset", "liming"))
    with store.begin() as conn:
        assert verify_password(conn, now(), "liming", first) is None
        user = verify_password(conn, now(), "liming", second)
        assert user is not None and user.must_change
    assert "待改密码" in mingjian("list")
    mingjian("freeze", "liming", "--reason", "已调离")
    with store.begin() as conn:
        assert verify_password(conn, now(), "liming", second) is None
    assert "已冻结" in mingjian("list")
    mingjian("unfreeze", "liming", "--reason", "核实无误")
    with store.begin() as conn:
        assert find_user(conn, "liming") is not None
        kept = str(conn.execute(select(app_user)).all()) + str(conn.execute(select(audit_log)).all())
    assert first not in kept and second not in kept


def test_sessions_are_listed_and_ended(store: Engine) -> None:
    mingjian("add", "wangfang", "--name", "王芳", "--role", "R3", "--scope", "city")
    now = SystemClock().now()
    with store.begin() as conn:
        user = find_user(conn, "wangfang")
        assert user is not None
        sessions.begin(conn, now, user, "the key", sessions.Way.PASSWORD, sessions.AgentClass.MOBILE)
    listed = mingjian("sessions", "wangfang")
    assert "mobile" in listed and "the key" not in listed
    assert "1" in mingjian("end", "wangfang")
    assert "没有未结束的会话" in mingjian("sessions", "wangfang")


def test_a_token_is_shown_once_and_revoked(store: Engine) -> None:
    mingjian("add", "script", "--name", "月报", "--role", "R3", "--scope", "city")
    said = mingjian("token", "script", "--name", "月报脚本", "--scope", "read:figures", "--days", "30")
    found = re.search(r"令牌 (\w+)：(mj_\S+)", said)
    assert found is not None
    listed = mingjian("tokens", "script")
    assert found[1] in listed and "read:figures" in listed and found[2] not in listed
    mingjian("revoke", found[1])
    with store.begin() as conn:
        assert tokens.find(conn, SystemClock().now(), found[2]) is None
    with pytest.raises(MingjianError):
        mingjian("revoke", found[1])


@pytest.mark.parametrize(
    "words", [("reset", "x"), ("freeze", "x", "--reason", "y"), ("unfreeze", "x", "--reason", "y")]
)
def test_an_unknown_account_is_told(store: Engine, words: tuple[str, ...]) -> None:
    with pytest.raises(MingjianError):
        mingjian(*words)
