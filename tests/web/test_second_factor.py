"""Codes at sign-in: added by scanning, each taken once, counted towards the lock, replaced by recovery codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine, delete, select, update
from web_city import PASSWORD, csrf_of

from mingjian.domain.clock import MovableClock
from mingjian.domain.errors import MingjianError
from mingjian.store.sealed import Sealer
from mingjian.store.tables import app_user, audit_log, recovery_code, user_factor
from mingjian.store.users import create_user

KEY = re.compile(r"<code>([A-Z2-7]{32})</code>")
RECOVERY = re.compile(r"<code>([a-z2-7-]{19})</code>")
FACTOR = "/account/second-factor"


@pytest.fixture
def careful(app: FastAPI, city: Engine) -> Iterator[TestClient]:
    """A browser of an account without a second factor."""
    with city.begin() as conn:
        conn.execute(delete(recovery_code))
        conn.execute(delete(user_factor))
        create_user(conn, "careful", "谨慎者", "R4", None, "city", PASSWORD)
    with TestClient(app, follow_redirects=False) as client:
        _password(client)
        yield client


def _password(client: TestClient, next: str = "/warnings") -> Response:
    client.cookies.clear()
    csrf = csrf_of(client.get("/sign-in").text)
    form = {"csrf": csrf, "user": "careful", "password": PASSWORD, "next": next}
    return client.post("/sign-in", data=form)


def _send(client: TestClient, page: str, to: str, **form: str) -> Response:
    return client.post(to, data={"csrf": csrf_of(client.get(page).text), **form})


def _code(client: TestClient, code: str) -> int:
    return _send(client, "/sign-in/code", "/sign-in/code", code=code).status_code


def _now(totp: pyotp.TOTP, clock: MovableClock, steps: int = 0) -> str:
    return totp.at(int(clock.now().timestamp()) + 30 * steps)


def _add(client: TestClient, clock: MovableClock) -> tuple[pyotp.TOTP, list[str]]:
    """Add a device as a person does; its secret and the recovery codes. The clock then moves on a minute."""
    assert _send(client, FACTOR, f"{FACTOR}/start", password=PASSWORD).status_code == 303
    key = KEY.search(client.get(FACTOR).text)
    assert key is not None
    totp = pyotp.TOTP(key[1])
    done = _send(client, FACTOR, FACTOR, code=_now(totp, clock))
    clock.move(minutes=1)
    return totp, RECOVERY.findall(done.text)


def test_the_password_alone_lets_nobody_in(careful: TestClient, clock: MovableClock) -> None:
    totp, _codes = _add(careful, clock)
    assert _password(careful).headers["location"] == "/sign-in/code"
    assert careful.get("/warnings").status_code == 303
    assert careful.get("/api/v1/warnings").status_code == 401
    assert _code(careful, _now(totp, clock)) == 303
    assert careful.get("/warnings").status_code == 200


def test_a_code_is_taken_once(careful: TestClient, clock: MovableClock) -> None:
    totp, _codes = _add(careful, clock)
    code = _now(totp, clock)
    _password(careful)
    assert _code(careful, code) == 303
    _password(careful)
    assert _code(careful, code) == 401
    assert _code(careful, _now(totp, clock, steps=-1)) == 401


def test_a_phone_half_a_minute_off_is_understood_and_a_minute_off_is_not(
    careful: TestClient, clock: MovableClock
) -> None:
    totp, _codes = _add(careful, clock)
    _password(careful)
    assert _code(careful, _now(totp, clock, steps=2)) == 401
    assert _code(careful, _now(totp, clock, steps=1)) == 303


def test_wrong_codes_lock_even_when_the_password_is_typed_again(
    careful: TestClient, clock: MovableClock
) -> None:
    totp, _codes = _add(careful, clock)
    for _ in range(5):
        _password(careful)
        assert _code(careful, "000000") == 401
    assert _password(careful).status_code == 401
    clock.move(minutes=16)
    assert _password(careful).status_code == 303
    assert _code(careful, _now(totp, clock)) == 303


def test_a_recovery_code_lets_in_once(careful: TestClient, clock: MovableClock, city: Engine) -> None:
    _totp, codes = _add(careful, clock)
    assert len(set(codes)) == 10
    _password(careful)
    assert _code(careful, codes[3].upper()) == 303
    _password(careful)
    assert _code(careful, codes[3]) == 401
    assert _code(careful, codes[4]) == 303
    with city.connect() as conn:
        kept = str(conn.execute(select(recovery_code)).all()) + str(
            conn.execute(select(audit_log.c.detail)).all()
        )
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_the_time_between_password_and_code_is_short(careful: TestClient, clock: MovableClock) -> None:
    totp, _codes = _add(careful, clock)
    _password(careful)
    clock.move(minutes=11)
    assert careful.get("/sign-in/code").headers["location"] == "/sign-in"
    csrf = csrf_of(careful.get("/sign-in").text)
    answer = careful.post("/sign-in/code", data={"csrf": csrf, "code": _now(totp, clock)})
    assert answer.headers["location"] == "/sign-in"


def test_a_device_is_added_and_removed_only_by_who_knows_the_password(
    careful: TestClient, clock: MovableClock
) -> None:
    assert _send(careful, FACTOR, f"{FACTOR}/start", password="wrong").status_code == 401
    assert careful.get(f"{FACTOR}/qr.svg").status_code == 404
    totp, _codes = _add(careful, clock)
    _password(careful)
    _code(careful, _now(totp, clock))
    clock.move(minutes=1)
    remove = f"{FACTOR}/remove"
    assert _send(careful, FACTOR, remove, password="wrong", code=_now(totp, clock)).status_code == 401
    assert _send(careful, FACTOR, remove, password=PASSWORD, code="000000").status_code == 401
    assert _send(careful, FACTOR, remove, password=PASSWORD, code=_now(totp, clock)).status_code == 303
    assert _password(careful).headers["location"] == "/warnings"


def test_the_picture_is_shown_until_it_is_confirmed(careful: TestClient, clock: MovableClock) -> None:
    _send(careful, FACTOR, f"{FACTOR}/start", password=PASSWORD)
    picture = careful.get(f"{FACTOR}/qr.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "<svg" in picture.text and "style=" not in picture.text
    assert picture.headers["cache-control"] == "no-store"
    key = KEY.search(careful.get(FACTOR).text)
    assert key is not None
    _send(careful, FACTOR, FACTOR, code=_now(pyotp.TOTP(key[1]), clock))
    assert careful.get(f"{FACTOR}/qr.svg").status_code == 404
    assert key[1] not in careful.get(FACTOR).text


def test_where_codes_are_required_nothing_else_is_reachable_first(
    careful: TestClient, clock: MovableClock, city: Engine
) -> None:
    with city.begin() as conn:
        conn.execute(update(app_user).where(app_user.c.id == "careful").values(totp_required=True))
    assert careful.get("/warnings").headers["location"] == FACTOR
    assert careful.get("/api/v1/warnings").status_code == 403
    totp, _codes = _add(careful, clock)
    assert careful.get("/warnings").status_code == 200
    remove = f"{FACTOR}/remove"
    csrf = csrf_of(careful.get(FACTOR).text)
    form = {"csrf": csrf, "password": PASSWORD, "code": _now(totp, clock)}
    assert careful.post(remove, data=form).status_code == 403


def test_the_secret_is_sealed_and_opens_with_its_own_key_only(
    careful: TestClient, clock: MovableClock, city: Engine, tmp_path: Path
) -> None:
    totp, _codes = _add(careful, clock)
    with city.connect() as conn:
        sealed = conn.scalar(select(user_factor.c.secret).where(user_factor.c.user_id == "careful"))
    assert sealed is not None and totp.secret not in sealed
    with pytest.raises(MingjianError):
        Sealer(tmp_path / "elsewhere", "factor.key").open(sealed)
