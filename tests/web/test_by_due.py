"""The queue by the clock: the nearest deadline of each order, which it is, and pages in its order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, insert, select, update
from test_pages import listed
from web_city import NOW, SignIn, order_row, warning_row

from mingjian.domain.order import Deadline, OrderState, deadline_of, facts_of
from mingjian.store.tables import supervision_order, warning
from mingjian.store.tables.people import OPEN_ORDER

HOUR = timedelta(hours=1)
SIGN, ACCEPT, FINISH = NOW + 4 * HOUR, NOW + 48 * HOUR, NOW + 168 * HOUR


@pytest.mark.parametrize(
    ("state", "sign_due", "signed", "accepted", "kind", "due"),
    [
        ("issued", SIGN, None, None, Deadline.SIGN, SIGN),
        ("issued", None, None, None, Deadline.ACCEPT, ACCEPT),  # issued before signing had a clock
        ("signed", SIGN, NOW, None, Deadline.ACCEPT, ACCEPT),
        ("taken_over", SIGN, NOW, None, Deadline.MEETING, ACCEPT),
        ("accepted", SIGN, NOW, NOW, Deadline.FINISH, FINISH),
        ("evaluating", SIGN, NOW, NOW, Deadline.FINISH, FINISH),
        ("closed", SIGN, NOW, NOW, None, FINISH),
        ("frozen", SIGN, None, None, None, SIGN),
    ],
)
def test_the_store_keeps_the_deadline_that_the_rule_names(
    city: Engine, state: str, sign_due: object, signed: object, accepted: object, kind: Deadline, due: object
) -> None:
    kept = order_row("A3", "ca-a", state=state, sign_due=sign_due, signed_at=signed, accepted_at=accepted)
    with city.connect() as conn:
        conn.execute(insert(supervision_order), kept)
        row = conn.execute(select(supervision_order).where(supervision_order.c.id == "DA3")).mappings().one()
        assert deadline_of(facts_of(row)) is kind
        assert row["next_due"] == due
        conn.rollback()


def test_every_state_has_a_deadline_or_is_over() -> None:
    """A new state must be thought of: `over` leaves the list by the clock."""
    kept = order_row("X", "ca-a", sign_due=SIGN, signed_at=NOW)
    over = {s for s in OrderState if deadline_of(facts_of({**kept, "state": s})) is None}
    assert over == {OrderState.CLOSED, OrderState.FROZEN}
    named = ", ".join(f"'{state}'" for state in sorted(over))
    assert f"state NOT IN ({named})" == OPEN_ORDER


def test_the_nearest_deadline_first_and_what_is_not_dispatched_not_at_all(signed_in: SignIn) -> None:
    client = signed_in("clerk")
    page = client.get("/warnings?sort=due").text
    # A2 is accepted: its finish counts. C1 is closed, A3 has no order yet.
    assert listed(page) == ["A1", "A2"]
    assert listed(client.get("/warnings?sort=due&status=all").text) == ["A1", "A2"]
    assert "2026-03-04 09:00 前受理" in page
    assert "2026-03-09 09:00 前办结" in page
    assert "只列已派单的在办事项" in page
    told = client.get("/api/v1/warnings?sort=due").json()["warnings"]
    assert [(w["id"], w["deadline"]) for w in told] == [("A1", "accept"), ("A2", "finish")]


def test_filters_hold_by_the_clock_too(signed_in: SignIn) -> None:
    client = signed_in("clerk")
    assert listed(client.get("/warnings?sort=due&level=medium").text) == ["A2"]
    assert listed(client.get("/warnings?sort=due&status=dispatched&mine=1").text) == ["A1"]


@pytest.mark.parametrize("who", ["inspector", "line", "district"])
def test_who_looks_over_the_city_lists_by_level(signed_in: SignIn, who: str) -> None:
    client = signed_in(who)
    assert 'name="sort"' not in client.get("/warnings").text
    assert client.get("/warnings?sort=due").status_code == 400
    refused = client.get("/api/v1/warnings?sort=due")
    assert (refused.status_code, "承办单位" in refused.json()["detail"]) == (400, True)


def test_orders_over_the_api_are_those_that_are_open(signed_in: SignIn, city: Engine) -> None:
    """A state that is asked for is listed whatever it is."""
    closed = order_row("C1", "ca-a", state="closed", signed_at=NOW, accepted_at=NOW)
    with city.begin() as conn:
        conn.execute(insert(supervision_order), closed)
    try:
        client = signed_in("inspector")
        told = client.get("/api/v1/orders").json()["orders"]
        assert [o["id"] for o in told] == ["DA1", "DB1", "DB2", "DA2"]
        assert told == sorted(told, key=lambda o: (o["next_due"], o["id"]))
        assert [o["id"] for o in client.get("/api/v1/orders?state=closed").json()["orders"]] == ["DC1"]
        assert [o["id"] for o in client.get("/api/v1/orders?light=alarm").json()["orders"]] == ["DB1"]
        assert client.get("/api/v1/orders?light=none&state=lost").json()["orders"] == []
    finally:
        with city.begin() as conn:
            conn.execute(delete(supervision_order).where(supervision_order.c.id == "DC1"))


def test_pages_by_the_clock_show_each_order_once(signed_in: SignIn, city: Engine) -> None:
    ids = [f"P{n:03}" for n in range(120)]
    with city.begin() as conn:
        made = [
            warning_row(i, sector="paging", unit_id="ca-a", status="dispatched", bundle=f"b{i}") for i in ids
        ]
        conn.execute(insert(warning), made)
        # Many share a moment, so that pages end between orders of the same deadline.
        orders = [order_row(i, "ca-a", sign_due=NOW + (n // 40) * HOUR) for n, i in enumerate(ids)]
        conn.execute(insert(supervision_order), orders)
    try:
        client, seen, after = signed_in("clerk"), [], ""
        while True:
            asked = {"sector": "paging", "sort": "due", "after": after}
            page = client.get("/api/v1/warnings", params=asked).json()
            seen += [w["id"] for w in page["warnings"]]
            after = page["after"]
            if not after:
                break
        assert seen == ids
        html = client.get("/warnings?sector=paging&sort=due").text
        assert "sort=due" in html.split('rel="next"')[0].rsplit("<a", 1)[1]
    finally:
        with city.begin() as conn:
            conn.execute(delete(supervision_order).where(supervision_order.c.warning_id.in_(ids)))
            conn.execute(delete(warning).where(warning.c.id.in_(ids)))


@pytest.mark.parametrize("query", ["after=1.2.A1", "after=2026-03-04~A1", "after=~", "after=x"])
def test_a_cursor_of_another_list_says_what_to_do(signed_in: SignIn, query: str) -> None:
    client = signed_in("clerk")
    assert client.get(f"/warnings?sort=due&{query}").status_code == 400
    assert client.get(f"/api/v1/warnings?sort=due&{query}").status_code == 400


def test_an_order_that_is_not_known_is_refused(signed_in: SignIn) -> None:
    assert signed_in("inspector").get("/api/v1/warnings?sort=amount").status_code == 422
    assert signed_in("inspector").get("/warnings?sort=amount").status_code == 400


def test_a_case_tells_by_when_to_sign(signed_in: SignIn, city: Engine) -> None:
    mine = supervision_order.c.id == "DA1"
    with city.begin() as conn:
        conn.execute(update(supervision_order).where(mine).values(sign_due=SIGN))
    try:
        client = signed_in("clerk")
        assert "2026-03-02 13:00 前签收" in client.get("/warnings").text
        assert "签收期限" in client.get("/warnings/A1").text
        told = client.get("/api/v1/warnings/A1").json()
        assert (told["deadline"], told["next_due"]) == ("sign", told["order"]["sign_due"])
        assert "sign by 2026-03-02 13:00" in client.get("/warnings?lang=en").text
    finally:
        with city.begin() as conn:
            conn.execute(update(supervision_order).where(mine).values(sign_due=None))
