"""Matters on one subject at dispatch: duplicates are carried on by the open order, the line's others follow it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from supervise_queue import Queue
from supervise_road import sent_out, take, walk
from test_supervise_routing import ruled

from mingjian.domain.roles import Role
from mingjian.store.invariants import broken
from mingjian.supervise import dispatch

SAME = {"bundle": "project:P1", "subject_id": "P1"}


def whole(queue: Queue) -> bool:
    with queue.engine.connect() as conn:
        return broken(conn) == []


def test_the_same_model_on_the_same_subject_is_carried_on_by_the_open_order(queue: Queue) -> None:
    lead = sent_out(queue, **SAME)
    again = queue.warn(**SAME, period="2026-02")
    assert dispatch(queue.run, "subsidy") == {"merged": 1}
    row = queue.warning(again)
    assert (row["status"], row["merged_into"], row["unit_id"]) == ("closed_merged", lead, None)
    assert row["closed_at"] == queue.clock.now() and len(queue.orders()) == 1
    step = queue.steps(again)[-1]
    assert (step["action"], step["actor"], step["note"]) == ("merge", "system", lead)
    assert step["reason"] == "same_model_and_subject" == queue.audited(again)[-1]["detail"]["reason"]
    line = queue.steps(lead)[-1]
    assert (line["action"], line["note"], line["from_state"]) == ("absorb", again, line["to_state"])
    assert whole(queue)


def test_of_several_in_one_batch_the_most_serious_leads(queue: Queue) -> None:
    low = queue.warn(level="低", **SAME)
    high = queue.warn(level="高", **SAME)
    other = queue.warn(level="低", bundle="project:P2", subject_id="P2")
    assert dispatch(queue.run, "subsidy") == {"dispatched": 2, "merged": 1}
    assert queue.warning(low)["merged_into"] == high
    assert {o["warning_id"] for o in queue.orders()} == {high, other}
    assert whole(queue)


def test_a_more_serious_one_is_not_hidden_behind_a_lower_level(queue: Queue) -> None:
    sent_out(queue, level="低", **SAME)
    queue.warn(level="高", **SAME)
    assert dispatch(queue.run, "subsidy") == {"dispatched": 1}


@pytest.mark.parametrize(
    ("walked", "merges"), [((), True), (("sign", "accept", "start_verifying"), True), ("all", False)]
)
def test_only_an_order_whose_work_is_not_handed_in_carries_on(queue: Queue, walked, merges) -> None:
    lead = sent_out(queue, **SAME)
    actions = walked if walked != "all" else (
        "sign", "accept", "start_verifying", "draft_finding", "confirm", "plan", "draft_report", "report",
    )  # fmt: skip
    walk(queue, lead, *actions)
    queue.warn(**SAME)
    assert dispatch(queue.run, "subsidy") == ({"merged": 1} if merges else {"dispatched": 1})


def test_what_the_policy_leaves_apart_stays_apart(queue: Queue) -> None:
    ruled(queue, same_model="apart", same_line="apart")
    sent_out(queue, **SAME)
    queue.warn(**SAME)
    assert dispatch(queue.run, "subsidy") == {"dispatched": 1}


def test_another_model_of_the_line_follows_to_the_unit_that_has_the_subject(queue: Queue) -> None:
    queue.add_unit("MZ-XC", "civil_affairs", "district", "150102")
    queue.add_unit("MZ-XC2", "civil_affairs", "district", "150103")
    queue.add_unit("CZ-XC", "finance", "district", "150103")
    first = sent_out(queue, **SAME)
    beside = queue.warn(**SAME, model="subsidy.age_ineligible", region_code="150103", district_code="150103")
    money = queue.warn(
        **SAME, model="subsidy.funds_idle", owner="finance", region_code="150103", district_code="150103"
    )
    assert dispatch(queue.run, "subsidy") == {"dispatched": 2}
    assert queue.order(first)["unit_id"] == queue.order(beside)["unit_id"] == "MZ-XC"
    assert (queue.order(beside)["routed_why"], queue.order(money)["unit_id"]) == ("bundled", "CZ-XC")


def test_a_lead_that_an_officer_has_in_hand_is_waited_for_by_the_next_run(
    queue: Queue, queue_engine: Engine
) -> None:
    lead = sent_out(queue, **SAME)
    again = queue.warn(**SAME)
    with queue_engine.begin() as officer:
        officer.execute(text("SELECT 1 FROM warning WHERE id = :id FOR UPDATE"), {"id": lead})
        assert dispatch(queue.run, "subsidy") == {"lead_busy": 1}
    assert queue.warning(again)["status"] == "new"
    assert dispatch(queue.run, "subsidy") == {"merged": 1}


def test_a_dispatcher_still_merges_by_hand(queue: Queue) -> None:
    lead, other = sent_out(queue), sent_out(queue)
    take(queue, other, "merge", Role.R3, reason="FP08", note="同一事项", lead_id=lead)
    assert queue.warning(other)["merged_into"] == lead
    assert whole(queue)
