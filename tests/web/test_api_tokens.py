"""Programs sign in with tokens: limited by scope, by their user, by time, and revocable."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from routes_of import token_scopes
from sqlalchemy import Engine, func, select
from web_city import SignIn, csrf_of

from mingjian.domain.clock import MovableClock
from mingjian.domain.errors import MingjianError
from mingjian.domain.sign_in import Scope
from mingjian.store import accounts, tokens
from mingjian.store.tables import api_token, audit_log
from mingjian.web.api.problem import MEDIA_TYPE
from mingjian.web.scopes import WARNINGS
from mingjian.web.viewer import SignedIn

Program = Callable[..., TestClient]


@pytest.fixture
def program(app: FastAPI, city: Engine, clock: MovableClock) -> Program:
    """`program("clerk", Scope.READ_WARNINGS)`: a client that sends a token of that account."""

    def make(account: str, *scopes: Scope, days: int = 30) -> TestClient:
        with city.begin() as conn:
            id, secret = tokens.make(conn, clock.now(), account, "a test", scopes, days, actor="admin")
        client = TestClient(app, follow_redirects=False, headers={"Authorization": f"Bearer {secret}"})
        client.headers["X-Token-Id"] = id
        return client

    return make


def test_a_token_sees_what_its_user_sees(program: Program, signed_in: SignIn) -> None:
    by_token = program("clerk", Scope.READ_WARNINGS)
    assert by_token.get("/api/v1/warnings").json() == signed_in("clerk").get("/api/v1/warnings").json()
    assert by_token.get("/api/v1/warnings/B1").status_code == 404
    assert program("leader", Scope.READ_WARNINGS).get("/api/v1/warnings").status_code == 403


def test_a_token_does_only_what_it_names(program: Program) -> None:
    assert program("inspector", Scope.READ_FIGURES).get("/api/v1/warnings").status_code == 403
    assert program("inspector", Scope.WRITE_WARNINGS).get("/api/v1/warnings").status_code == 403


def test_pages_and_forms_know_no_tokens(program: Program) -> None:
    client = program("inspector", *Scope)
    assert client.get("/warnings").headers["location"].startswith("/sign-in")
    assert client.get("/account/password").headers["location"].startswith("/sign-in")
    assert client.post("/warnings/A1/steps", data={"action": "triage"}).status_code in (303, 403)


def test_a_token_ends_by_time_by_revocation_and_with_its_account(
    program: Program, city: Engine, clock: MovableClock
) -> None:
    short, revoked, frozen = (
        program(account, Scope.READ_WARNINGS, days=1) for account in ("clerk", "clerk", "clerk_b")
    )
    assert [c.get("/api/v1/warnings").status_code for c in (short, revoked, frozen)] == [200, 200, 200]
    with city.begin() as conn:
        tokens.revoke(conn, clock.now(), revoked.headers["X-Token-Id"], actor="admin")
        accounts.freeze(conn, clock.now(), "clerk_b", "moved away", actor="admin")
        accounts.unfreeze(conn, clock.now(), "clerk_b", "checked", actor="admin")
    clock.move(hours=23)
    assert [c.get("/api/v1/warnings").status_code for c in (short, revoked, frozen)] == [200, 401, 401]
    clock.move(hours=2)
    assert short.get("/api/v1/warnings").status_code == 401


def test_a_made_up_token_is_nobody(app: FastAPI) -> None:
    for said in ("Bearer mj_guess", "Bearer ", "bearer mj_" + "x" * 5000, "Basic YTpi"):
        client = TestClient(app, headers={"Authorization": said})
        assert client.get("/api/v1/warnings").status_code == 401


def test_only_the_hash_and_the_day_are_kept(program: Program, city: Engine, clock: MovableClock) -> None:
    client = program("clerk", Scope.READ_WARNINGS)
    client.get("/api/v1/warnings")
    secret = client.headers["Authorization"].removeprefix("Bearer ")
    with city.connect() as conn:
        row = conn.execute(select(api_token).where(api_token.c.id == client.headers["X-Token-Id"])).one()
        logged = str(conn.execute(select(audit_log.c.detail)).all())
    assert row.last_used == clock.now().date()
    assert secret not in str(row) and secret not in logged


@pytest.mark.parametrize(
    ("account", "scopes", "days"),
    [
        ("clerk", [], 30),
        ("clerk", [Scope.ADMIN], 366),
        ("clerk", [Scope.ADMIN], 0),
        ("no one", [Scope.ADMIN], 30),
    ],
)
def test_a_token_that_cannot_be_is_refused(
    city: Engine, clock: MovableClock, account: str, scopes: list[Scope], days: int
) -> None:
    with city.begin() as conn, pytest.raises(MingjianError):
        tokens.make(conn, clock.now(), account, "x", scopes, days, actor="admin")


def test_a_write_needs_a_write_scope_by_token_and_the_sessions_token_by_cookie(
    app: FastAPI, program: Program, signed_in: SignIn
) -> None:
    @app.post("/api/echo", dependencies=[WARNINGS])
    def echo(viewer: SignedIn) -> dict[str, str]:
        return {"user": viewer.user.id}

    assert program("clerk", Scope.READ_WARNINGS).post("/api/echo").status_code == 403
    assert program("clerk", Scope.WRITE_WARNINGS).post("/api/echo").json() == {"user": "clerk"}
    browser = signed_in("clerk")
    csrf = csrf_of(browser.get("/warnings").text)
    assert browser.post("/api/echo").status_code == 403
    assert browser.post("/api/echo", headers={"X-CSRF-Token": csrf}).json() == {"user": "clerk"}


def test_every_route_of_the_api_says_what_a_token_must_name(app: FastAPI) -> None:
    scopes = token_scopes(app)
    undeclared = [route for route, scope in scopes.items() if scope is None]
    assert scopes and not undeclared, "name a dependency of web.scopes at the router of these"
    free = {path for (_method, path), scope in scopes.items() if scope == "any"}
    assert free == {"/api/v1/me", "/api/v1/openapi.json"}
    assert set(scopes.values()) == {*Scope, "any"}, "a scope that guards nothing is none"


def test_a_token_without_the_scope_is_refused_everywhere_and_noted(
    app: FastAPI, program: Program, city: Engine
) -> None:
    """Every route with a token that names all other scopes: refused before the body or the matter is looked at."""
    clients = {scope: program("inspector", *(set(Scope) - {scope})) for scope in Scope}
    with city.connect() as conn:
        before = conn.scalar(select(func.max(audit_log.c.id)))
    walked = [(method, path, scope) for (method, path), scope in token_scopes(app).items() if scope != "any"]
    for method, template, scope in walked:
        path = re.sub(r"\{\w+\}", "A1", template)
        answer = clients[Scope(scope)].request(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (403, MEDIA_TYPE), (method, template)
        assert answer.json()["type"] == "urn:mingjian:problem:too-narrow" and scope in answer.json()["detail"]
    with city.connect() as conn:
        noted = (
            conn.execute(
                select(audit_log.c.detail).where(audit_log.c.action == "refused", audit_log.c.id > before)
            )
            .scalars()
            .all()
        )
    assert [d["kind"] for d in noted] == ["too-narrow"] * len(walked)


def test_figures_are_read_by_who_may_see_the_overview(program: Program) -> None:
    found = program("leader", Scope.READ_FIGURES).get("/api/v1/figures").json()
    assert found["district"] is None and {row["level"] for row in found["open"]} <= {"高", "中", "低"}
    assert program("clerk", Scope.READ_FIGURES).get("/api/v1/figures").status_code == 403
