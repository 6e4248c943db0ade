"""People take steps: table, role and guard decide; what changes is recorded, or nothing changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import insert
from supervise_queue import Queue, city_time
from supervise_road import passing

from mingjian.domain.errors import NotFound, TransitionError
from mingjian.domain.roles import Role
from mingjian.domain.warning import WarningState
from mingjian.store.tables import model_run
from mingjian.supervise import act, dispatch
from mingjian.supervise.said import Actor, Said

R = Role


def take(queue: Queue, target: str, action: str, actor: str, role: Role, **said: Any) -> WarningState:
    with queue.engine.begin() as conn:
        return act(conn, queue.clock, target, action, Actor(actor, role), Said(**said), terms=queue.terms)


def walk(queue: Queue, warned: str, *actions: str) -> None:
    for action in actions:
        actor, role, said = ROAD[action]
        take(queue, warned, action, actor, role, **said)


ROAD: dict[str, tuple[str, R, dict[str, Any]]] = {
    "sign": ("li", R.R1, {}),
    "accept": ("li", R.R1, {}),
    "start_verifying": ("li", R.R1, {"note": "已调取发放明细"}),
    "draft_finding": ("li", R.R1, {"note": "起草核查意见"}),
    "confirm": ("wang", R.R2, {"reason": "confirmed", "note": "证据见附件"}),
    "propose_fp": ("wang", R.R2, {"reason": "FP01", "note": "同名不同人"}),
    "report_data_error": ("wang", R.R2, {"reason": "FP06", "note": "登记日期有误"}),
    "plan": ("wang", R.R2, {"note": "张某负责,3月底前追回"}),
    "draft_report": ("li", R.R1, {"note": "已追回"}),
    "report": ("wang", R.R2, {"reason": "done", "note": "回单见附件"}),
    "accept_report": ("zhao", R.R4, {}),
    "visit_back": ("chen", R.R13, {"reason": "satisfied"}),
    "evaluate": ("zhao", R.R4, {"scores": passing()}),
    "close": ("zhao", R.R4, {"reason": "satisfied"}),
    "recheck": ("zhao", R.R4, {}),
    "archive": ("sun", R.R5, {}),
    "reopen": ("sun", R.R5, {"reason": "evidence_false"}),
    "verify_again": ("qian", R.R3, {}),
}
TO_VERIFYING = ("sign", "accept", "start_verifying")
TO_CLOSED = (
    *TO_VERIFYING,
    "draft_finding",
    "confirm",
    "plan",
    "draft_report",
    "report",
    "accept_report",
    "visit_back",
    "evaluate",
    "close",
)


@pytest.fixture
def warned(queue: Queue) -> str:
    """A dispatched 中 warning."""
    warned = queue.warn()
    dispatch(queue.run, "subsidy")
    return warned


def test_the_whole_road_from_dispatch_to_the_archive(queue: Queue, warned: str) -> None:
    walk(queue, warned, *TO_CLOSED)
    assert queue.warning(warned)["closed_at"] == queue.clock.now()
    assert queue.order(warned)["state"] == "closed" and queue.order(warned)["next_check"] is None
    walk(queue, warned, "recheck", "archive")
    assert queue.warning(warned)["status"] == "archived"
    took = [s["action"] for s in queue.steps(warned)]
    assert took == ["triage", "dispatch", *TO_CLOSED, "recheck", "archive"]
    assert [a["action"] for a in queue.audited(warned)] == took
    assert queue.chain_holds()


def test_a_step_may_be_taken_by_the_orders_id(queue: Queue, warned: str) -> None:
    assert take(queue, f"D{warned}", "sign", "li", R.R1) == WarningState.SIGNED
    assert queue.order(warned)["light"] == "none"


def test_signing_and_accepting_clear_the_light_and_keep_the_clock(queue: Queue, warned: str) -> None:
    due = queue.order(warned)["finish_due"]
    walk(queue, warned, "sign", "accept")
    order = queue.order(warned)
    assert (order["state"], order["light"], order["accepted_at"]) == ("accepted", "none", queue.clock.now())
    assert order["finish_due"] == due and order["next_check"] == city_time(3, 12, 0)
    assert order["version"] == 3


def test_confirming_and_planning_stamp_new_deadlines(queue: Queue, warned: str) -> None:
    walk(queue, warned, *TO_VERIFYING, "draft_finding", "confirm")
    assert queue.order(warned)["finish_due"] == city_time(3, 5, 18)
    walk(queue, warned, "plan")
    assert queue.order(warned)["finish_due"] == city_time(3, 30, 18)
    stamps = [(s["reason"], s["note"]) for s in queue.steps(f"D{warned}") if s["action"] == "stamp"]
    assert stamps == [("plan", "3"), ("rectify", "20")]


def test_handing_in_stops_the_clock_and_getting_it_back_starts_it(queue: Queue, warned: str) -> None:
    walk(queue, warned, *TO_VERIFYING, "draft_finding", "confirm", "plan", "draft_report", "report")
    assert queue.order(warned)["finished_at"] == queue.clock.now()
    assert queue.order(warned)["next_check"] is None
    take(queue, warned, "return_report", "zhao", R.R4, reason="照片重复使用")
    assert queue.order(warned)["finished_at"] is None and queue.order(warned)["next_check"] is not None


@pytest.mark.parametrize(
    ("action", "role", "says"),
    [("accept", R.R1, "sign"), ("close", R.R4, "sign"), ("sign", R.R2, "R1"), ("refuse", R.R1, "sign")],
)
def test_a_step_outside_the_table_is_refused_and_changes_nothing(
    queue: Queue, warned: str, action: str, role: Role, says: str
) -> None:
    seen = (queue.warning(warned), queue.order(warned), queue.audited(warned))
    with pytest.raises(TransitionError) as refusal:
        take(queue, warned, action, "li", role)
    assert says in refusal.value.hint
    assert (queue.warning(warned), queue.order(warned), queue.audited(warned)) == seen


def test_an_unknown_id_is_named(queue: Queue) -> None:
    with pytest.raises(NotFound, match="W999"):
        take(queue, "W999", "sign", "li", R.R1)


def test_a_waiting_warning_is_triaged_by_a_supervisor_and_dispatched_to_a_chosen_unit(queue: Queue) -> None:
    warned = queue.warn(subject_kind="person", level="高")
    queue.add_unit("MZ", "civil_affairs", "district", "150102")
    take(queue, warned, "triage", "zhao", R.R4)
    with pytest.raises(TransitionError, match="须指明承办单位"):
        take(queue, warned, "dispatch", "qian", R.R3)
    take(queue, warned, "dispatch", "qian", R.R3, unit_id="MZ")
    assert (queue.order(warned)["unit_id"], queue.warning(warned)["status"]) == ("MZ", "dispatched")
    assert [a["actor"] for a in queue.audited(warned)] == ["zhao", "qian"]


def test_without_evidence_triage_must_say_why(queue: Queue) -> None:
    warned = queue.warn(evidence=[])
    with pytest.raises(TransitionError, match="没有证据行"):
        take(queue, warned, "triage", "zhao", R.R4)
    assert take(queue, warned, "triage", "zhao", R.R4, note="数据源中断") == WarningState.TRIAGED


def test_nobody_approves_what_they_drafted(queue: Queue, warned: str) -> None:
    walk(queue, warned, *TO_VERIFYING)
    with pytest.raises(TransitionError, match="尚未起草"):
        take(queue, warned, "confirm", "wang", R.R2, reason="x", note="y")
    walk(queue, warned, "draft_finding")
    with pytest.raises(TransitionError, match="起草人"):
        take(queue, warned, "confirm", "li", R.R2, reason="x", note="y")
    with pytest.raises(TransitionError, match="理由"):
        take(queue, warned, "confirm", "wang", R.R2, note="y")


def test_handlers_do_not_evaluate_and_visitors_do_not_close(queue: Queue, warned: str) -> None:
    walk(queue, warned, *TO_VERIFYING, "draft_finding", "confirm", "plan", "draft_report", "report")
    with pytest.raises(TransitionError, match="自己办理"):
        take(queue, warned, "accept_report", "li", R.R4)
    walk(queue, warned, "accept_report")
    with pytest.raises(TransitionError, match="尚未回访"):
        take(queue, warned, "close", "zhao", R.R4, reason="satisfied")
    take(queue, warned, "visit_back", "zhao", R.R3, reason="satisfied")
    with pytest.raises(TransitionError, match="回访人"):
        take(queue, warned, "close", "zhao", R.R4, reason="satisfied")
    with pytest.raises(TransitionError, match="回访人"):
        take(queue, warned, "evaluate", "zhao", R.R4, scores=passing())
    with pytest.raises(TransitionError, match="自己办理"):
        take(queue, warned, "evaluate", "li", R.R4, scores=passing())


@pytest.mark.parametrize(
    ("level", "unit_level", "role", "home", "approved"),
    [
        ("低", "district", R.R4, None, True),
        ("中", "district", R.R4, "OTHER", True),
        ("中", "district", R.R4, "MZ", False),
        ("中", "district", R.R4, None, False),
        ("高", "district", R.R4, "OTHER", False),
        ("高", "district", R.R5, "OTHER", True),
        ("高", "city", R.R5, "OTHER", False),
        ("高", "city", R.R6, "OTHER", True),
    ],
)
def test_false_positives_are_approved_by_level_and_from_outside(
    queue: Queue, level: str, unit_level: str, role: Role, home: str | None, approved: bool
) -> None:
    queue.add_unit("MZ", "civil_affairs", unit_level, "150102")
    queue.add_unit("OTHER", None, "district", "150102")
    queue.add_user("judge", role, home)
    warned = queue.warn(level=level)
    dispatch(queue.run, "subsidy")
    walk(queue, warned, *TO_VERIFYING, "draft_finding", "propose_fp")
    if approved:
        take(queue, warned, "approve_fp", "judge", role, reason="FP01")
        assert (queue.warning(warned)["status"], queue.order(warned)["state"]) == ("closed_fp", "closed")
    else:
        with pytest.raises(TransitionError):
            take(queue, warned, "approve_fp", "judge", role, reason="FP01")


def test_who_proposed_a_false_positive_does_not_approve_it(queue: Queue, warned: str) -> None:
    walk(queue, warned, *TO_VERIFYING, "draft_finding", "propose_fp")
    with pytest.raises(TransitionError, match="不能审批"):
        take(queue, warned, "approve_fp", "wang", R.R4, reason="FP01")


def test_a_rejected_false_positive_comes_back_to_the_unit(queue: Queue) -> None:
    warned = queue.warn(level="低")
    dispatch(queue.run, "subsidy")
    walk(queue, warned, *TO_VERIFYING, "draft_finding", "propose_fp")
    assert take(queue, warned, "reject_fp", "zhao", R.R4, reason="证据不足") == WarningState.VERIFYING
    with pytest.raises(TransitionError, match="尚未起草"):
        walk(queue, warned, "confirm")


def test_a_data_error_closes_only_after_the_model_stays_quiet(queue: Queue, warned: str) -> None:
    walk(queue, warned, *TO_VERIFYING, "draft_finding", "report_data_error")
    with pytest.raises(TransitionError, match="模型"):
        take(queue, warned, "close_data", "zhou", R.R10)
    queue.clock.move(days=1)
    with queue.engine.begin() as conn:
        ran = {"model_id": "subsidy.deceased_payee", "version": 1, "hash": "h", "outcome": "done"}
        conn.execute(insert(model_run).values(**ran, as_of=queue.clock.now().date()))
    assert take(queue, warned, "close_data", "zhou", R.R10) == WarningState.CLOSED_DATA


def test_a_transfer_moves_the_order_only_once_taken_and_at_most_twice(queue: Queue, warned: str) -> None:
    queue.add_unit("A", None, "district", "150102")
    first = queue.order(warned)["unit_id"]
    walk(queue, warned, "sign", "accept")
    due = queue.order(warned)["finish_due"]
    take(queue, warned, "propose_transfer", "wang", R.R2, note="三定规定第2条", unit_id="A")
    assert queue.order(warned)["unit_id"] == first
    take(queue, warned, "take_transfer", "he", R.R1, unit_id="A")
    assert (queue.order(warned)["unit_id"], queue.warning(warned)["unit_id"]) == ("A", "A")
    assert queue.order(warned)["finish_due"] == due
    take(queue, warned, "propose_transfer", "he", R.R1, note="三定规定第5条", unit_id=first)
    assert take(queue, warned, "return_transfer", "qian", R.R3, reason="裁定") == WarningState.ACCEPTED
    third = take(queue, warned, "propose_transfer", "he", R.R1, note="三定规定第5条", unit_id=first)
    assert third == WarningState.LEADER_TAKEOVER and queue.order(warned)["unit_id"] == "A"


def test_suspension_needs_a_dated_document_and_gives_the_days_back(queue: Queue, warned: str) -> None:
    walk(queue, warned, *TO_VERIFYING)
    with pytest.raises(TransitionError, match="日期"):
        take(queue, warned, "suspend", "qian", R.R3, reason="court", note="法院受理")
    take(queue, warned, "suspend", "qian", R.R3, reason="court", note="(2026)内01民初12号,2026-03-02")
    assert queue.order(warned)["light"] == "none" and queue.order(warned)["next_check"] is None
    queue.clock.at = city_time(4, 13)
    assert take(queue, warned, "resume", "qian", R.R3) == WarningState.VERIFYING
    assert queue.order(warned)["finish_due"] == city_time(4, 27, 18)


def test_a_take_over_goes_back_to_where_it_began_even_when_it_began_in_a_transfer(
    queue: Queue, warned: str
) -> None:
    queue.add_unit("A", None, "district", "150102")
    walk(queue, warned, *TO_VERIFYING)
    take(queue, warned, "propose_transfer", "wang", R.R2, note="三定规定第2条", unit_id="A")
    take(queue, warned, "take_over", "sun", R.R5, reason="overdue")
    assert queue.order(warned)["state"] == "taken_over"
    assert (
        take(queue, warned, "hand_back", "mayor", R.R7, note="现场会；举一反三：无同类点位")
        == WarningState.TRANSFER_PENDING
    )
    assert take(queue, warned, "return_transfer", "qian", R.R3, reason="裁定") == WarningState.VERIFYING


def test_a_reopened_matter_gets_half_the_time_and_a_higher_tier(queue: Queue, warned: str) -> None:
    walk(queue, warned, *TO_CLOSED, "recheck", "reopen", "verify_again")
    order = queue.order(warned)
    assert (order["tier"], order["state"], order["finish_due"]) == (2, "verifying", city_time(3, 9, 18))
    assert queue.warning(warned)["closed_at"] is None


def test_a_referred_clue_is_frozen(queue: Queue, warned: str) -> None:
    take(queue, warned, "refer", "sun", R.R5, reason="clue")
    assert queue.order(warned)["state"] == "frozen" and queue.order(warned)["light"] == "none"
    with pytest.raises(TransitionError):
        walk(queue, warned, "sign")


def test_two_people_at_once_only_one_signs(queue: Queue, warned: str) -> None:
    """The second waits for the first one's lock, then finds the step already taken."""

    def sign(actor: str) -> str:
        try:
            return take(queue, warned, "sign", actor, R.R1)
        except TransitionError:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(sign, ["li", "he"]))
    assert outcomes == ["refused", "signed"]
    assert [s["action"] for s in queue.steps(warned)].count("sign") == 1
