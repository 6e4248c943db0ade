"""A session is a row: it ends by its user, by time, by a new password or from outside, and then it is over at once."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select
from web_city import ACCOUNTS, PASSWORD, SignIn, csrf_of

from mingjian.domain.clock import MovableClock
from mingjian.domain.sign_in import AgentClass, EndReason
from mingjian.store import accounts, sessions
from mingjian.store.tables import user_session
from mingjian.store.users import create_user
from mingjian.web.session import COOKIE


def _newest(city: Engine, user: str) -> tuple[str, str | None]:
    """(id, why it ended) of the user's newest session."""
    query = select(user_session.c.id, user_session.c.end_reason).where(user_session.c.user_id == user)
    with city.connect() as conn:
        row = conn.execute(
            query.order_by(user_session.c.begun.desc(), user_session.c.last_seen.desc())
        ).first()
    assert row is not None
    return row.id, row.end_reason


def _alive(client: TestClient) -> bool:
    return client.get("/warnings").status_code == 200


def test_a_stolen_cookie_is_worthless_after_sign_out(app: FastAPI, signed_in: SignIn, city: Engine) -> None:
    client = signed_in("clerk")
    thief = TestClient(app, follow_redirects=False)
    thief.cookies.set(COOKIE, client.cookies[COOKIE])
    assert _alive(thief)
    client.post("/sign-out", data={"csrf": csrf_of(client.get("/warnings").text)})
    assert not _alive(thief)


def test_an_ended_session_is_asked_to_sign_in_and_not_sent_in_circles(
    signed_in: SignIn, city: Engine, clock: MovableClock
) -> None:
    client = signed_in("clerk")
    with city.begin() as conn:
        sessions.end_all(conn, clock.now(), "clerk", EndReason.ENDED_BY_ADMINISTRATOR, actor="admin")
    assert client.get("/").headers["location"].startswith("/sign-in")
    assert client.get("/sign-in").status_code == 200


def test_a_session_left_alone_for_an_hour_is_over(
    signed_in: SignIn, city: Engine, clock: MovableClock
) -> None:
    client = signed_in("line")
    for _ in range(3):
        clock.move(minutes=50)
        assert _alive(client)
    clock.move(minutes=61)
    assert not _alive(client)
    with city.connect() as conn:
        ended = select(user_session.c.end_reason).where(user_session.c.user_id == "line")
        assert EndReason.IDLE in set(conn.scalars(ended))


def test_a_session_in_use_is_over_after_ten_hours(
    signed_in: SignIn, city: Engine, clock: MovableClock
) -> None:
    client = signed_in("district")
    for _ in range(11):
        clock.move(minutes=50)
        assert _alive(client)
    clock.move(minutes=51)
    assert not _alive(client)


def test_the_administrator_ends_one_session_and_leaves_the_other(
    signed_in: SignIn, city: Engine, clock: MovableClock
) -> None:
    with city.begin() as conn:
        before = {s["id"] for s in sessions.open_sessions(conn, clock.now(), "auditor")}
    first, second = signed_in("auditor"), signed_in("auditor")
    with city.begin() as conn:
        now_open = {s["id"] for s in sessions.open_sessions(conn, clock.now(), "auditor")}
        id = min(now_open - before)
        reason = EndReason.ENDED_BY_ADMINISTRATOR
        assert sessions.end_all(conn, clock.now(), "auditor", reason, actor="admin", only=id[:12]) == 1
    assert sorted(c.get("/health").status_code for c in (first, second)) == [200, 303]


def test_freezing_an_account_ends_its_sessions_at_once(
    signed_in: SignIn, city: Engine, clock: MovableClock
) -> None:
    client = signed_in("clerk_b")
    with city.begin() as conn:
        accounts.freeze(conn, clock.now(), "clerk_b", "moved away", actor="auditor")
    assert not _alive(client)
    with city.begin() as conn:
        accounts.unfreeze(conn, clock.now(), "clerk_b", "checked", actor="auditor")
    assert not _alive(client)
    assert _alive(signed_in("clerk_b"))


def test_the_key_in_the_cookie_is_not_in_the_database(
    signed_in: SignIn, city: Engine, clock: MovableClock
) -> None:
    client = signed_in("leader")
    id, _reason = _newest(city, "leader")
    assert id not in client.cookies[COOKIE]
    with city.begin() as conn:
        assert sessions.find(conn, clock.now(), id) is None


def test_a_password_set_by_any_way_ends_old_sessions(signed_in: SignIn, city: Engine) -> None:
    client = signed_in("clerk_b")
    name, role, unit_id, scope = ACCOUNTS["clerk_b"]
    with city.begin() as conn:
        create_user(conn, "clerk_b", name, role, unit_id, scope, "another long password")
    assert not _alive(client)
    with city.begin() as conn:
        create_user(conn, "clerk_b", name, role, unit_id, scope, PASSWORD)


def test_only_the_class_of_a_device_is_kept() -> None:
    seen = [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140",
        "Mozilla/5.0 (Linux; Android 15; HarmonyOS) Mobile",
        "curl/8.5",
        "",
    ]
    assert [AgentClass.of(agent).value for agent in seen] == ["desktop", "mobile", "program", "program"]
