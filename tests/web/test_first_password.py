"""A one-time password opens one page: the one that changes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select
from web_city import csrf_of

from mingjian.domain.clock import MovableClock
from mingjian.domain.errors import MingjianError
from mingjian.domain.sign_in import PasswordFault, password_fault
from mingjian.store import accounts
from mingjian.store.tables import app_user, audit_log

NEW = "three quiet horses"


@pytest.fixture
def newcomer(app: FastAPI, city: Engine, clock: MovableClock) -> Iterator[tuple[TestClient, str]]:
    """A browser signed in with a one-time password just made, and that password."""
    with city.begin() as conn:
        exists = conn.scalar(select(app_user.c.id).where(app_user.c.id == "newcomer"))
        if exists:
            password = accounts.reset(conn, clock.now(), "newcomer", second_factor=True, actor="admin")
        else:
            password = accounts.add(
                conn,
                clock.now(),
                id="newcomer",
                name="新来者",
                role="R4",
                unit_id=None,
                data_scope="city",
                totp_required=False,
                actor="admin",
            )
    with TestClient(app, follow_redirects=False) as client:
        _sign_in(client, password)
        yield client, password


def _sign_in(client: TestClient, password: str) -> int:
    form = {"csrf": csrf_of(client.get("/sign-in").text), "user": "newcomer", "password": password}
    return client.post("/sign-in", data=form).status_code


def _change(client: TestClient, old: str, new: str, again: str | None = None) -> int:
    csrf = csrf_of(client.get("/account/password").text)
    form = {"csrf": csrf, "old": old, "new": new, "again": new if again is None else again}
    return client.post("/account/password", data=form).status_code


def test_nothing_else_is_reachable_before_the_change(newcomer: tuple[TestClient, str]) -> None:
    client, _password = newcomer
    for page in ("/", "/warnings", "/warnings/A1", "/overview", "/health", "/account/second-factor"):
        answer = client.get(page)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account/password"), page
    answer = client.get("/api/v1/warnings")
    assert (answer.status_code, "A1" in answer.text) == (403, False)
    csrf = csrf_of(client.get("/account/password").text)
    assert client.post("/warnings/A1/steps", data={"csrf": csrf, "action": "triage"}).status_code == 303


def test_after_the_change_everything_is_and_the_old_password_is_dead(
    newcomer: tuple[TestClient, str], city: Engine
) -> None:
    client, password = newcomer
    assert _change(client, password, NEW) == 303
    assert client.get("/warnings").status_code == 200
    client.cookies.clear()
    assert _sign_in(client, password) == 401
    assert _sign_in(client, NEW) == 303
    assert client.get("/warnings").status_code == 200
    with city.connect() as conn:
        logged = conn.execute(
            select(audit_log.c.action, audit_log.c.detail).where(audit_log.c.object_id == "newcomer")
        )
        said = str(logged.all())
    assert "password_changed" in said
    assert NEW not in said and password not in said


def test_a_session_elsewhere_ends_with_the_change(app: FastAPI, newcomer: tuple[TestClient, str]) -> None:
    client, password = newcomer
    with TestClient(app, follow_redirects=False) as elsewhere:
        _sign_in(elsewhere, password)
        assert _change(client, password, NEW) == 303
        assert elsewhere.get("/account/password").headers["location"].startswith("/sign-in")


def test_a_bad_new_password_or_a_wrong_old_one_changes_nothing(newcomer: tuple[TestClient, str]) -> None:
    client, password = newcomer
    assert _change(client, password, "short") == 400
    assert _change(client, password, NEW, "three quiet hearses") == 400
    assert _change(client, "not the password", NEW) == 401
    assert client.get("/warnings").headers["location"] == "/account/password"


def test_five_wrong_old_passwords_lock_the_account(newcomer: tuple[TestClient, str]) -> None:
    client, password = newcomer
    assert [_change(client, "wrong", NEW) for _ in range(5)] == [401] * 5
    assert _change(client, password, NEW) == 401


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        ("eleven char", PasswordFault.TOO_SHORT),
        ("x" * 201, PasswordFault.TOO_LONG),
        ("my name is LiMing!", PasswordFault.HOLDS_THE_ID),
        ("Password1234", PasswordFault.COMMON),
        ("abababababab", PasswordFault.COMMON),
        ("the old one is long", PasswordFault.NOT_NEW),
        ("three quiet horses", None),
        ("青山隐隐水迢迢秋尽江南", PasswordFault.TOO_SHORT),
        ("青山隐隐水迢迢秋尽江南草未凋", None),
    ],
)
def test_what_a_new_password_must_be(new: str, fault: PasswordFault | None) -> None:
    assert password_fault("liming", new, "the old one is long") is fault


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "R99"},
        {"role": "SYSTEM"},
        {"data_scope": "world"},
        {"unit_id": "nowhere"},
        {"id": "clerk"},
        {"id": " "},
    ],
    ids=str,
)
def test_an_account_that_cannot_be_is_refused(
    city: Engine, clock: MovableClock, wrong: dict[str, str]
) -> None:
    said = {"id": "x1", "name": "x", "role": "R1", "unit_id": "ca-a", "data_scope": "own_org"} | wrong
    with city.begin() as conn, pytest.raises(MingjianError):
        accounts.add(conn, clock.now(), totp_required=False, actor="admin", **said)
