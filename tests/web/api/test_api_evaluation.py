"""Double evaluation over the API and on the page: both sides speak, and the matrix says what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from api_client import Api, Callers
from fastapi import FastAPI
from sqlalchemy import update

from mingjian.domain.clock import MovableClock
from mingjian.store.tables import supervision_order, warning

PASSING = {"evidence": 4, "truth": 4, "cause": 3, "redress": 5}


@pytest.fixture
def evaluating(api_app: FastAPI) -> str:
    """A matter whose report was accepted."""
    engine = api_app.state.office.engine
    with engine.begin() as conn:
        conn.execute(update(warning).where(warning.c.id == "A2").values(status="evaluating"))
        conn.execute(
            update(supervision_order).where(supervision_order.c.warning_id == "A2").values(state="evaluating")
        )
    return "A2"


def said(api: Api, warned: str, action: str, expect: int = 201, **more: object) -> dict:
    answer = api.step(warned, action, **more)
    assert answer.status_code == expect, answer.text
    return answer.json()


def test_a_plain_call_back_and_scores_lead_to_the_closing(call: Callers, evaluating: str) -> None:
    inspector, dispatcher = call("inspector"), call("dispatcher")
    offered = {a["action"]: a for a in inspector.get(f"/warnings/{evaluating}/actions").json()["actions"]}
    assert [s["code"] for s in offered["evaluate"]["scores"]] == list(PASSING)
    said(dispatcher, evaluating, "visit_back", reason="satisfied")
    said(inspector, evaluating, "close", 409, reason="satisfied")
    assert said(inspector, evaluating, "evaluate", evaluation={"scores": PASSING})["state"] == "evaluating"
    assert said(inspector, evaluating, "close", reason="satisfied")["state"] == "closed"
    figures = inspector.get("/units/ca-a/figures").json()
    assert (figures["evaluated"], figures["satisfied"], figures["satisfaction"]) == (1, 1, 1.0)


def test_both_sides_finding_fault_send_it_back_one_level_up(call: Callers, evaluating: str) -> None:
    inspector, dispatcher = call("inspector"), call("dispatcher")
    public = {"scores": {"result": 1, "speed": 2, "manner": 4}, "resolved": False, "respondent": "affected"}
    said(dispatcher, evaluating, "visit_back", reason="unsatisfied 仍未到账", evaluation=public)
    failing = {"scores": {**PASSING, "redress": 2}}
    assert said(inspector, evaluating, "evaluate", evaluation=failing)["state"] == "rectifying"
    order = inspector.get(f"/orders/D{evaluating}").json()
    assert (order["tier"], order["state"]) == (2, "rectifying")


@pytest.mark.parametrize(
    "scores", [{"truth": 0}, {"truth": 6}, {"truth": "x"}, {"truth": 2.5}, {f"n{n}": 3 for n in range(9)}]
)
def test_scores_off_the_scale_are_refused_before_anything_is_read(
    call: Callers, evaluating: str, scores: dict
) -> None:
    said(call("inspector"), evaluating, "evaluate", 422, evaluation={"scores": scores})


@pytest.mark.parametrize("scores", [{}, {"truth": 3}, {**PASSING, "charm": 3}])
def test_scores_that_are_not_the_sides_own_are_told_which_are(
    call: Callers, evaluating: str, scores: dict
) -> None:
    refusal = said(call("inspector"), evaluating, "evaluate", 409, evaluation={"scores": scores})
    assert "evidence" in refusal["title"] + refusal.get("detail", "")


def test_not_reached_on_three_days_may_be_closed_and_is_not_counted(
    call: Callers, evaluating: str, clock: MovableClock
) -> None:
    said(call("inspector"), evaluating, "evaluate", evaluation={"scores": PASSING})
    for _ in range(3):
        dispatcher = call("dispatcher")  # a session ends overnight
        said(dispatcher, evaluating, "visit_back", reason="not_reached")
        said(dispatcher, evaluating, "visit_back", 409, reason="not_reached")
        clock.at += timedelta(hours=24)
    inspector = call("inspector")
    assert said(inspector, evaluating, "close", reason="not_reached")["state"] == "closed"
    figures = inspector.get("/units/ca-a/figures").json()
    assert (figures["evaluated"], figures["not_reached"]) == (0, 1) and figures.get("satisfaction") is None


def test_figures_are_of_matters_the_reader_may_see(call: Callers, evaluating: str) -> None:
    said(call("dispatcher"), evaluating, "visit_back", reason="satisfied")
    assert call("clerk").get("/units/ca-a/figures").json()["evaluated"] == 1
    assert call("clerk_b").get("/units/ca-a/figures").json()["evaluated"] == 0
    assert call("inspector").get("/units/none/figures").status_code == 404
    early = {"since": "2025-01-01", "until": "2025-12-31"}
    assert call("inspector").get("/units/ca-a/figures", params=early).json()["evaluated"] == 0


def test_the_page_asks_for_scores_and_says_what_follows(call: Callers, evaluating: str) -> None:
    dispatcher, inspector = call("dispatcher"), call("inspector")
    address = f"/warnings/{evaluating}"
    assert 'name="score.manner"' in dispatcher.client.get(address).text
    said(dispatcher, evaluating, "visit_back", reason="satisfied")
    form = {"csrf": inspector.csrf, "action": "evaluate", **{f"score.{k}": 2 for k in PASSING}}
    assert inspector.client.post(f"{address}/steps", data={**form, "score.truth": 9}).status_code == 400
    assert inspector.client.post(f"{address}/steps", data=form).status_code == 303
    page = inspector.client.get(address).text
    assert "公众满意、监督不合格：退回整改" in page and "结果属实 2" in page
    english = inspector.client.get(address, params={"lang": "en"}).text
    assert "public: satisfied, supervisor: fail: back to be put right" in english
