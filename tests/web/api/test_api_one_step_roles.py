"""Roles with one step of the workflow read what waits for it and nothing else: the visitor, the data steward."""

from __future__ import annotations

from datetime import timedelta

import pytest
from api_client import Api, Callers
from fastapi import FastAPI
from sqlalchemy import insert, update

from mingjian.domain.clock import MovableClock
from mingjian.store.orders import WARNING, Step, add_steps
from mingjian.store.tables import app_user, model_run, supervision_order, warning


def stand(app: FastAPI, clock: MovableClock, status: str, order: str, *taken: str) -> str:
    """A matter in this state, with these steps of its unit behind it."""
    with app.state.office.engine.begin() as conn:
        conn.execute(update(warning).where(warning.c.id == "A2").values(status=status))
        conn.execute(
            update(supervision_order).where(supervision_order.c.warning_id == "A2").values(state=order)
        )
        steps = [
            Step(WARNING, "A2", a, status, status, "clerk", clock.now(), note="核查结论：属实") for a in taken
        ]
        add_steps(conn, steps)
    return "A2"


@pytest.fixture
def steward(call: Callers, api_app: FastAPI) -> Api:
    row = {"id": "data", "name": "数据管理员", "role": "R10", "data_scope": "city"}
    with api_app.state.office.engine.begin() as conn:
        conn.execute(insert(app_user), [row])
    return call("data")


def ids(api: Api) -> set[str]:
    return {row["id"] for row in api.get("/warnings").json()["warnings"]}


def test_a_visitor_reads_only_what_is_evaluated(call: Callers, api_app: FastAPI, clock: MovableClock) -> None:
    visitor = call("visitor")
    assert ids(visitor) == set()
    assert visitor.get("/warnings/A2").status_code == 404
    stand(api_app, clock, "evaluating", "evaluating")
    assert ids(visitor) == {"A2"}
    offered = {a["action"] for a in visitor.get("/warnings/A2/actions").json()["actions"]}
    assert offered == {"visit_back"}


def test_a_visitor_asks_without_knowing_the_finding(
    call: Callers, api_app: FastAPI, clock: MovableClock
) -> None:
    warned = stand(api_app, clock, "evaluating", "evaluating", "draft_finding", "confirm")
    visitor = call("visitor")
    told = [
        visitor.get(f"/warnings/{warned}{part}") for part in ("", "/steps", "/co-handlers", "/attachments")
    ]
    assert [answer.status_code for answer in told] == [200, 200, 403, 403]
    assert "核查结论" not in "".join(answer.text for answer in told)
    assert "核查结论" in call("inspector").get(f"/warnings/{warned}/steps").text
    assert visitor.step(warned, "visit_back", reason="satisfied").status_code == 201
    assert [s["action"] for s in visitor.get(f"/warnings/{warned}/steps").json()["steps"]] == ["visit_back"]


def test_a_data_steward_closes_what_was_reported_as_a_data_error(
    steward: Api, call: Callers, api_app: FastAPI, clock: MovableClock
) -> None:
    assert ids(steward) == set()
    warned = stand(api_app, clock, "data_error", "in_review", "report_data_error")
    assert ids(steward) == {warned}
    assert steward.step(warned, "close_data", note="已更正").status_code == 409
    seen = steward.get(f"/warnings/{warned}").json()
    clock.move(days=1)
    run = {
        "model_id": seen["model"],
        "as_of": clock.now().date() + timedelta(days=400),
        "version": 1,
        "hash": "h",
        "outcome": "done",
    }
    with api_app.state.office.engine.begin() as conn:
        conn.execute(insert(model_run), [run])
    next_day = call("data")
    assert next_day.step(warned, "close_data", note="已更正").json()["state"] == "closed_data"
