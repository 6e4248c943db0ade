"""The dual track on a moved clock: opened, added to, called back case by case, and closed when the band holds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from campaign_desk import (
    PLACES,
    all_campaigns,
    call,
    cases,
    close,
    many,
    ran,
    to_closing,
    track,
    warned_in,
    weeks_pass,
    whole,
)
from sqlalchemy import text
from supervise_queue import Queue, city_time
from supervise_road import take, walk

from mingjian.domain.campaign import CallRefusal
from mingjian.domain.errors import NotFound, TransitionError
from mingjian.domain.roles import Role
from mingjian.store.invariants import Invariant, broken
from mingjian.supervise import campaigns, dispatch

R = Role


def test_one_model_in_three_districts_becomes_one_order_top_down(queue: Queue) -> None:
    opened, local = many(queue)
    row, order = queue.warning(opened["warning_id"]), queue.order(opened["warning_id"])
    assert (opened["reason"], opened["state"], opened["least_districts"]) == ("many_districts", "open", 3)
    assert (row["subject_kind"], row["district_code"], row["status"]) == ("campaign", None, "dispatched")
    assert (order["unit_id"], order["routed_why"], order["routed_rule"]) == ("MZ-CITY", "city", "dual_track")
    assert opened["plan_due"] == city_time(3, 16, 18) and opened["finish_due"] == city_time(6, 2, 18)
    assert [(c["kind"], c["case_id"], c["district_code"]) for c in cases(queue, opened["id"])] == [
        ("warning", w, d) for w, d in zip(local, PLACES, strict=True)
    ]
    assert [queue.warning(w)["status"] for w in local] == ["dispatched"] * 3  # bottom-up goes on
    assert "campaign_opened" in {letter["template"] for letter in queue.letters()}
    assert [a["action"] for a in queue.audited(opened["id"])] == ["open_campaign", "list_cases"]
    assert whole(queue)


def test_the_same_day_again_adds_nothing(queue: Queue) -> None:
    many(queue)
    assert campaigns(queue.run) == {"opened": 0, "cases": 0}


@pytest.mark.parametrize(
    ("districts", "columns"),
    [
        (PLACES[:2], {}),
        (("150102",) * 3, {}),
        (PLACES, {"last_seen": date(2026, 1, 31)}),
        (PLACES, {"status": "closed_fp"}),
        (PLACES, {"status": "recorded"}),
        (PLACES, {"model": "subsidy.funds_idle"}),
    ],
    ids=["two districts", "one district", "long ago", "found false", "told to nobody", "another model"],
)
def test_what_is_not_the_same_matter_in_many_districts_opens_none(queue: Queue, districts, columns) -> None:
    track(queue)
    warned_in(queue, *districts, **columns)
    assert campaigns(queue.run) == {"opened": 0, "cases": 0}


def test_a_model_that_counts_requests_lists_them(queue: Queue) -> None:
    evidence = [
        {"table": "complaint", "key": {"service_request_id": f"SR{n}"}, "row": {"district_code": d}}
        for n, d in enumerate(PLACES)
    ]
    queue.add_unit("RX", "hotline", "city", "150100")
    common = {"model": "utility.common_problem", "sector": "utility", "owner": "hotline", "subject_kind": "topic",
              "subject_id": "停暖", "bundle": "topic:停暖", "region_code": None, "district_code": None}  # fmt: skip
    warned = queue.warn(**common, evidence=evidence[:2])
    dispatch(queue.run, "utility")
    assert campaigns(queue.run) == {"opened": 1, "cases": 2}
    (opened,) = all_campaigns(queue)
    assert (opened["warning_id"], opened["reason"]) == (warned, "listed_model")
    assert queue.order(warned)["routed_rule"] == "common_problem"
    # The next quarter's warning is carried on by the open order, and its requests join the campaign.
    queue.warn(**common, evidence=evidence[1:], period="2026-04-01")
    assert dispatch(queue.run, "utility") == {"merged": 1}
    assert campaigns(queue.run) == {"opened": 0, "cases": 1}
    assert [c["case_id"] for c in cases(queue, opened["id"])] == ["SR0", "SR1", "SR2"]
    assert whole(queue)


def test_later_cases_join_while_the_campaign_is_open(queue: Queue) -> None:
    opened, _local = many(queue)
    queue.clock.at += timedelta(days=40)
    later = warned_in(queue, "150105")
    assert campaigns(queue.run) == {"opened": 0, "cases": 1}
    assert cases(queue, opened["id"])[-1]["case_id"] == later[0]


def test_it_closes_when_each_case_is_called_back_and_the_band_holds(queue: Queue) -> None:
    opened, _local = many(queue)
    numbers = [c["id"] for c in cases(queue, opened["id"])]
    to_closing(queue, opened)
    assert queue.order(opened["warning_id"])["state"] == "evaluating"
    with pytest.raises(TransitionError, match="3 件未回访"):
        close(queue, opened)
    assert [(d.case, d.settled) for d in call(queue, opened["id"], *numbers)] == [(n, True) for n in numbers]
    with pytest.raises(TransitionError, match="0 周"):
        close(queue, opened)
    weeks_pass(queue, 3, *PLACES)
    weeks_pass(queue, 7, *PLACES[:2])  # in the band: fewer districts than the policy's
    with pytest.raises(TransitionError, match="7 周"):
        close(queue, opened)
    weeks_pass(queue, 1)
    close(queue, opened)
    (closed,) = all_campaigns(queue)
    assert (closed["state"], closed["closed_at"]) == ("closed", queue.clock.now())
    assert whole(queue)


@pytest.mark.parametrize("outcome", ["no_feed", "blocked", "failed"])
def test_a_week_without_a_real_run_proves_nothing(queue: Queue, outcome: str) -> None:
    opened, _local = many(queue)
    to_closing(queue, opened)
    call(queue, opened["id"], *(c["id"] for c in cases(queue, opened["id"])))
    weeks_pass(queue, 4)
    weeks_pass(queue, 1, outcome=outcome)
    weeks_pass(queue, 4)
    with pytest.raises(TransitionError, match="4 周"):
        close(queue, opened)


def test_a_listed_models_band_is_its_own_subject(queue: Queue) -> None:
    track(queue, models=["subsidy.deceased_payee"], spread=[])
    evidence = [{"table": "complaint", "key": {"service_request_id": "SR1"}, "row": {}}]
    (warned,) = warned_in(queue, "150102", subject_id="停暖", bundle="停暖", evidence=evidence)
    campaigns(queue.run)
    (opened,) = all_campaigns(queue)
    to_closing(queue, opened)
    call(queue, opened["id"], *(c["id"] for c in cases(queue, opened["id"])))
    weeks_pass(queue, 8, "150102", subject="停水")
    ran(queue, queue.clock.now().date() - timedelta(days=1), "150102", subject="停暖")
    with pytest.raises(TransitionError, match="0 周"):
        close(queue, opened)
    weeks_pass(queue, 8, "150102", subject="停水")
    close(queue, opened)
    assert queue.warning(warned)["status"] == "closed"


def test_the_plan_and_the_end_are_those_of_the_campaign(queue: Queue) -> None:
    opened, _local = many(queue)
    walk(queue, opened["warning_id"], "sign", "accept", "start_verifying", "draft_finding", "confirm")
    assert queue.order(opened["warning_id"])["finish_due"] == opened["plan_due"]
    walk(queue, opened["warning_id"], "plan")
    assert queue.order(opened["warning_id"])["finish_due"] == opened["finish_due"]


def test_nobody_reached_settles_a_case_at_the_last_attempt(queue: Queue) -> None:
    opened, _local = many(queue)
    first = cases(queue, opened["id"])[0]["id"]
    most = queue.terms.policy.evaluation.attempts
    tried = [call(queue, opened["id"], first, outcome="not_reached")[0].settled for _n in range(most)]
    assert tried == [False] * (most - 1) + [True]


def test_calls_are_refused_one_by_one(queue: Queue) -> None:
    opened, local = many(queue)
    a, b, c = (one["id"] for one in cases(queue, opened["id"]))
    take(queue, local[1], "sign", R.R1, "chen")
    done = call(queue, opened["id"], a, a, b, c, 999_999)
    assert [d.refusal for d in done] == [
        None, CallRefusal.CALLED_ALREADY, CallRefusal.HANDLED_IT, None, CallRefusal.NOT_LISTED,
    ]  # fmt: skip
    assert call(queue, opened["id"], a)[0].refusal is CallRefusal.CALLED_ALREADY
    with pytest.raises(NotFound):
        call(queue, "nothing", a)


def test_a_matter_that_was_none_takes_its_campaign_back(queue: Queue) -> None:
    opened, _local = many(queue)
    walk(queue, opened["warning_id"], "sign", "accept", "start_verifying", "draft_finding")
    take(queue, opened["warning_id"], "report_data_error", R.R2, reason="FP06", note="数据重复")
    ran(queue, queue.clock.now().date() + timedelta(days=1))
    take(queue, opened["warning_id"], "close_data", R.R10)
    assert all_campaigns(queue)[0]["state"] == "withdrawn"
    assert (
        call(queue, opened["id"], cases(queue, opened["id"])[0]["id"])[0].refusal is CallRefusal.CAMPAIGN_OVER
    )
    assert whole(queue)


def test_an_open_campaign_is_not_merged_away(queue: Queue) -> None:
    opened, local = many(queue)
    with pytest.raises(TransitionError, match="面上整治"):
        take(queue, opened["warning_id"], "merge", R.R3, reason="FP08", note="同一", lead_id=local[0])


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        ("UPDATE campaign SET state = 'closed', closed_at = opened_at", Invariant.CAMPAIGN_CLOSED_EARLY),
        (
            "DROP INDEX ix_campaign_open;"
            "INSERT INTO campaign (id, warning_id, matter, model, reason, state, opened_at, plan_due, finish_due)"
            " SELECT 'C2', 'W000000', matter, model, reason, state, opened_at, plan_due, finish_due FROM campaign;"
            "INSERT INTO campaign_case (campaign_id, kind, case_id, added_at)"
            " SELECT 'C2', kind, case_id, added_at FROM campaign_case",
            Invariant.CASE_IN_TWO_CAMPAIGNS,
        ),
    ],
)
def test_the_rules_name_a_damaged_campaign(queue: Queue, damage: str, rule: Invariant) -> None:
    many(queue)
    with queue.engine.connect() as conn:
        for statement in damage.split(";"):
            conn.execute(text(statement))
        assert rule in {breach.rule for breach in broken(conn)}
        conn.rollback()
