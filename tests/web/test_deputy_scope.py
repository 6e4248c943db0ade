"""While somebody is away, the deputy sees what the two of them may see, never more, and not a day longer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, insert
from web_city import NOW, PASSWORD, TODAY, SignIn, csrf_of, warning_row

from mingjian.domain.clock import MovableClock
from mingjian.store.tables import absence, app_user, warning
from mingjian.store.users import create_user

IDS = {"A1", "A2", "A3", "B1", "B2", "B3", "C1"}
# (deputy, absent, what the deputy sees alone, what both see)
PAIRS = {
    "a handler for a supervisor of the district": ("hand", "over", {"B1"}, {"B1", "B2", "B3"}),
    "a supervisor of the district for a handler": ("over", "hand", {"B1", "B2", "B3"}, {"B1", "B2", "B3"}),
    "a dispatcher of the district for a steward of the city": ("desk", "model", {"B1", "B2", "B3"}, IDS),
    "an auditor, who may not read cases, for a supervisor": ("watch", "over", set(), set()),
}
PEOPLE = {
    "hand": ("R1", "own_org"),
    "over": ("R4", "own_region"),
    "desk": ("R3", "own_region"),
    "model": ("R9", "city"),
    "watch": ("R11", "city"),
}


@pytest.fixture
def people(city: Engine) -> Iterator[None]:
    with city.begin() as conn:
        for id, (role, scope) in PEOPLE.items():
            create_user(conn, id, id, role, "ca-b", scope, PASSWORD)
    yield
    with city.begin() as conn:
        conn.execute(delete(absence))
        conn.execute(app_user.update().where(app_user.c.id.in_(PEOPLE)).values(active=False))


def away(city: Engine, absent: str, deputy: str, first: int = 0, last: int = 2) -> None:
    row = {"user_id": absent, "deputy_id": deputy, "reason": "leave", "actor": "admin", "created_at": NOW}
    days = {"first_day": TODAY + timedelta(days=first), "last_day": TODAY + timedelta(days=last)}
    with city.begin() as conn:
        conn.execute(insert(absence).values(**row, **days))


def seen(signed_in: SignIn, account: str) -> set[str]:
    answer = signed_in(account).get("/api/v1/warnings?status=all&limit=200")
    return {w["id"] for w in answer.json()["warnings"]} & IDS if answer.status_code == 200 else set()


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("name", PAIRS)
def test_the_deputy_sees_both_scopes_while_it_lasts(
    city: Engine, signed_in: SignIn, clock: MovableClock, name: str
) -> None:
    deputy, absent, alone, both = PAIRS[name]
    assert seen(signed_in, deputy) == alone
    away(city, absent, deputy, first=1)
    assert seen(signed_in, deputy) == alone
    clock.move(days=1)
    assert seen(signed_in, deputy) == both
    clients = signed_in(deputy)
    reached = {id for id in IDS if clients.get(f"/api/v1/warnings/{id}").status_code == 200}
    assert reached == both
    clock.move(days=2)
    assert seen(signed_in, deputy) == alone


@pytest.mark.usefixtures("people")
def test_each_row_is_read_as_whoever_sees_it_may(city: Engine, signed_in: SignIn) -> None:
    """The handler acts on his own rows as before, and on the other's only as the other."""
    away(city, "over", "hand")
    actions = {
        id: {a["action"] for a in signed_in("hand").get(f"/api/v1/warnings/{id}/actions").json()["actions"]}
        for id in ("B1", "B2")
    }
    assert "sign" in actions["B1"], "his own, in his own role"
    assert "sign" not in actions["B2"], "the other's matter is not his to sign"


@pytest.mark.usefixtures("people")
def test_a_role_reaches_no_further_than_its_own_scope(city: Engine, signed_in: SignIn) -> None:
    """A dispatcher of district B reads the whole city for the steward, and dispatches nothing of district A."""
    with city.begin() as conn:
        conn.execute(
            insert(warning).values(warning_row("T1", unit_id="ca-a", status="triaged", sector="tried"))
        )
    away(city, "model", "desk")
    desk = signed_in("desk")
    page = desk.get("/warnings/T1")
    assert page.status_code == 200 and 'value="dispatch"' not in page.text
    form = {"csrf": csrf_of(page.text), "action": "dispatch", "unit_id": "ca-a"}
    assert desk.post("/warnings/T1/steps", data=form).status_code == 409
    key = {"X-CSRF-Token": form["csrf"], "Idempotency-Key": "deputy-dispatch-1"}
    bulk = desk.post("/api/v1/bulk/dispatch", headers=key, json={"items": [{"warning_id": "T1"}]}).json()
    assert (bulk["done"], bulk["refused"]) == (0, 1)
    with city.begin() as conn:
        conn.execute(delete(warning).where(warning.c.id == "T1"))


@pytest.mark.usefixtures("people")
def test_what_was_given_to_a_person_is_not_lent(city: Engine, signed_in: SignIn) -> None:
    assert signed_in("hand").get("/approvals").status_code == 403
    away(city, "over", "hand")
    assert signed_in("hand").get("/approvals").status_code == 403
    assert signed_in("hand").get("/health").status_code == 200
