"""Signing in: who gets in, who is locked out, and what a session is worth."""

from __future__ import annotations

import stat
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine, select
from web_city import ACCOUNTS, PASSWORD, SignIn, csrf_of

from mingjian.domain.clock import MovableClock
from mingjian.store import audit
from mingjian.store.identity import find_user
from mingjian.store.tables import app_user, audit_log
from mingjian.store.users import create_user, demo_users, verify_password
from mingjian.web.session import COOKIE


def _try(client: TestClient, user: str, password: str, next: str = "/") -> Response:
    token = csrf_of(client.get("/sign-in").text)
    return client.post("/sign-in", data={"csrf": token, "user": user, "password": password, "next": next})


def test_each_role_lands_on_its_own_page(signed_in: SignIn) -> None:
    landed = {
        u: signed_in(u).get("/").headers["location"] for u in ("inspector", "clerk", "leader", "auditor")
    }
    assert landed == {
        "inspector": "/warnings",
        "clerk": "/warnings",
        "leader": "/overview",
        "auditor": "/health",
    }


def test_wrong_password_and_unknown_account_read_the_same(visitor: TestClient) -> None:
    wrong, unknown = _try(visitor, "clerk", "wrong"), _try(visitor, "nobody", "wrong")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.text.replace("clerk", "") == unknown.text.replace("nobody", "")


def test_five_wrong_passwords_lock_for_fifteen_minutes(visitor: TestClient, clock: MovableClock) -> None:
    for _ in range(5):
        assert _try(visitor, "locked_out", "wrong").status_code == 401
    assert _try(visitor, "locked_out", PASSWORD).status_code == 401
    clock.move(minutes=14)
    assert _try(visitor, "locked_out", PASSWORD).status_code == 401
    clock.move(minutes=2)
    assert _try(visitor, "locked_out", PASSWORD).status_code == 303


def test_sign_in_needs_the_forms_token(visitor: TestClient) -> None:
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", data={"csrf": "guess", "user": "clerk", "password": PASSWORD})
    assert answer.status_code == 403


def test_cookie_cannot_be_read_by_scripts_and_ends_with_the_day(
    visitor: TestClient, clock: MovableClock
) -> None:
    cookie = _try(visitor, "clerk", PASSWORD).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert visitor.get("/warnings").status_code == 200
    clock.move(hours=11)
    assert visitor.get("/warnings").status_code == 303


def test_altered_cookie_is_nobody(visitor: TestClient) -> None:
    _try(visitor, "clerk", PASSWORD)
    value = visitor.cookies[COOKIE]
    visitor.cookies.clear()
    visitor.cookies.set(COOKIE, value[:-2] + "xx")
    assert visitor.get("/warnings").headers["location"].startswith("/sign-in")


def test_session_changes_at_sign_in(visitor: TestClient) -> None:
    visitor.get("/sign-in")
    before = visitor.cookies[COOKIE]
    _try(visitor, "clerk", PASSWORD)
    assert visitor.cookies[COOKIE] != before


def test_sign_out_ends_the_session(visitor: TestClient) -> None:
    client = visitor
    _try(client, "clerk", PASSWORD)
    token = csrf_of(client.get("/warnings").text)
    assert client.post("/sign-out", data={"csrf": "guess"}).status_code == 403
    assert client.post("/sign-out", data={"csrf": token}).status_code == 303
    assert client.get("/warnings").status_code == 303


def test_new_password_ends_old_sessions(signed_in: SignIn, city: Engine) -> None:
    client = signed_in("clerk_b")
    name, role, unit_id, scope = ACCOUNTS["clerk_b"]
    with city.begin() as conn:
        create_user(conn, "clerk_b", name, role, unit_id, scope, "another password")
    assert client.get("/warnings").status_code == 303
    with city.begin() as conn:
        create_user(conn, "clerk_b", name, role, unit_id, scope, PASSWORD)


def test_next_leads_only_to_this_site(visitor: TestClient) -> None:
    for bad in ("https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example"):
        assert _try(visitor, "clerk", PASSWORD, next=bad).headers["location"] == "/"
        visitor.cookies.clear()
    assert _try(visitor, "clerk", PASSWORD, next="/warnings/A1").headers["location"] == "/warnings/A1"


def test_key_is_kept_private_and_stays(app: FastAPI, tmp_path: Path) -> None:
    key = tmp_path / "secret" / "session.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [p.name for p in key.parent.iterdir()] == ["session.key"]


def test_passwords_are_kept_as_argon2_and_attempts_are_audited(city: Engine, clock: MovableClock) -> None:
    with city.begin() as conn:
        stored = conn.scalar(select(app_user.c.password_hash).where(app_user.c.id == "clerk"))
        assert stored is not None
        assert stored.startswith("$argon2id$")
        assert verify_password(conn, clock.now(), "clerk", "wrong") is None
        assert verify_password(conn, clock.now(), "clerk", PASSWORD) is not None
        done = conn.scalars(
            select(audit_log.c.action).where(audit_log.c.object_id == "clerk").order_by(audit_log.c.id.desc())
        )
        assert list(done)[:2] == ["sign_in", "sign_in_failed"]
        assert audit.verify(conn) is None


def test_demo_users_are_one_for_each_group(city: Engine) -> None:
    with city.connect() as conn, conn.begin() as work:
        made = demo_users(conn, "demo password 1")
        assert [(u.id, u.name, u.role) for u in made] == [
            ("inspector", "纪检员", "R4"),
            ("clerk", "承办人", "R1"),
            ("leader", "领导", "LEADER"),
        ]
        clerk = find_user(conn, "clerk")
        assert clerk is not None
        assert (clerk.unit_id, clerk.line_code, clerk.region_code) == ("ca-a", "civil_affairs", "150102")
        work.rollback()
