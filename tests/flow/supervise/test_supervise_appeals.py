"""Appeals over the real queue: filed in time, decided by another level, and the label corrected (catalogue §4.7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import RowMapping
from supervise_queue import Queue, city_time
from supervise_road import ROAD, R, sent_out, take, walk

from mingjian.domain.appeal import Against, AppealOutcome, AppealState, AppealStep
from mingjian.domain.errors import StaleVersion, TransitionError
from mingjian.domain.verdict import CountsAs
from mingjian.store import appeals, verdicts
from mingjian.supervise import sweep
from mingjian.supervise.appeals import Decision, file, take_step
from mingjian.verdicts import precision

UPHELD, REJECTED = AppealOutcome.UPHELD, AppealOutcome.REJECTED


@pytest.fixture
def desk(queue: Queue) -> Queue:
    """People of every office; their roles tell which level decided."""
    for person, role in (("wang", "R2"), ("zhao", "R4"), ("sun", "R5"), ("zhou", "R6")):
        queue.add_user(person, role, None)
    with queue.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE app_user SET data_scope = 'city'")
    return queue


def confirmed(queue: Queue) -> str:
    warned = sent_out(queue)
    walk(queue, warned, *list(ROAD)[: list(ROAD).index("plan")])
    return warned


def closed(queue: Queue) -> str:
    warned = sent_out(queue)
    walk(queue, warned, *ROAD)
    take(queue, warned, "close", R.R4, reason="satisfied")
    return warned


def false_positive(queue: Queue) -> str:
    warned = sent_out(queue, level="低")
    walk(queue, warned, "sign", "accept", "start_verifying", "draft_finding")
    take(queue, warned, "propose_fp", R.R2, reason="FP01", note="同名不同人")
    take(queue, warned, "approve_fp", R.R4, reason="FP01", note="已核")
    return warned


def filed(
    queue: Queue, warned: str, against: Against, role: R = R.R3, actor: str = "qian", words: str = "结论不符"
) -> RowMapping:
    with queue.engine.begin() as conn:
        return file(conn, queue.clock, warned, against, actor, role, words, terms=queue.terms)


def step(
    queue: Queue,
    appeal: RowMapping,
    what: AppealStep,
    actor: str,
    role: R,
    version: int | None = None,
    **said: object,
) -> RowMapping:
    with queue.engine.begin() as conn:
        decision = Decision(**said) if said else None
        return take_step(
            conn,
            queue.clock,
            appeal["id"],
            what,
            actor,
            role,
            decision,
            terms=queue.terms,
            expected_version=version,
        )


def decided(
    queue: Queue, appeal: RowMapping, actor: str, role: R, outcome: AppealOutcome, reason: str
) -> RowMapping:
    step(queue, appeal, AppealStep.ACCEPT, actor, role)
    return step(queue, appeal, AppealStep.DECIDE, actor, role, outcome=outcome, reason=reason)


def told(queue: Queue) -> list[tuple[str, str]]:
    return [(x["template"], x["recipient"]) for x in queue.letters() if x["template"].startswith("appeal")]


def counted(queue: Queue, warned: str) -> tuple[CountsAs | None, str]:
    """How the model's precision counts the warning, and by which code."""
    with queue.engine.connect() as conn:
        (row,) = [r for r in verdicts.told_since(conn, city_time(1, 1)) if r.id == warned]
    one = precision.told(row)
    return one.counts, one.code


def test_an_upheld_appeal_of_the_unit_makes_the_finding_a_false_positive(desk: Queue) -> None:
    warned = confirmed(desk)
    unit = desk.warning(warned)["unit_id"]
    appeal = filed(desk, warned, Against.FINDING, R.R2, "wang2")
    assert (appeal["office"], appeal["state"], appeal["due_at"]) == ("R4", "filed", city_time(3, 16, 18))
    result = decided(desk, appeal, "zhao", R.R4, UPHELD, "FP02 依法豁免")
    assert (result["state"], result["outcome"], result["decided_by"]) == ("decided", "upheld", "zhao")
    assert desk.warning(warned)["status"] == "closed_fp" and desk.order(warned)["state"] == "closed"
    assert desk.steps(warned)[-1]["action"] == "correct_label"
    sides = ("wang2", unit)
    assert told(desk) == [
        ("appeal_filed", "zhao"),
        *(("appeal_accepted", one) for one in sides),
        *(("appeal_decided", one) for one in sides),
    ]
    assert desk.chain_holds()


def test_a_rejected_appeal_tells_why_and_changes_nothing(desk: Queue) -> None:
    warned = confirmed(desk)
    appeal = filed(desk, warned, Against.FINDING, R.R1, "li")
    before = desk.warning(warned), desk.order(warned)
    result = decided(desk, appeal, "zhao", R.R4, REJECTED, "证据充分")
    assert (result["outcome"], result["reason"]) == ("rejected", "证据充分")
    assert (desk.warning(warned), desk.order(warned)) == before


@pytest.mark.parametrize("against", [Against.CLOSING, Against.FALSE_POSITIVE])
def test_an_upheld_appeal_of_a_person_reopens_with_half_the_clock(desk: Queue, against: Against) -> None:
    warned = closed(desk) if against is Against.CLOSING else false_positive(desk)
    appeal = filed(desk, warned, against)
    assert appeal["office"] == "R5"
    decided(desk, appeal, "sun", R.R5, UPHELD, "未解决")
    order = desk.order(warned)
    half = city_time(3, 9, 18) if against is Against.CLOSING else city_time(3, 12, 18)
    assert (desk.warning(warned)["status"], order["state"], order["finish_due"]) == (
        "reopened",
        "reopened",
        half,
    )
    assert "reopened_on_appeal" in [x["template"] for x in desk.letters()]


def test_the_models_precision_follows_the_corrected_label(desk: Queue) -> None:
    right, wrong = confirmed(desk), false_positive(desk)
    assert counted(desk, right) == (CountsAs.CONFIRMED, "")
    assert counted(desk, wrong) == (CountsAs.FALSE, "FP01")
    decided(desk, filed(desk, right, Against.FINDING), "zhao", R.R4, UPHELD, "FP04 合法代领")
    decided(desk, filed(desk, wrong, Against.FALSE_POSITIVE), "sun", R.R5, UPHELD, "确有其事")
    assert counted(desk, right) == (CountsAs.FALSE, "FP04")
    assert counted(desk, wrong) == (None, "")


def test_who_files_too_late_is_told_so_and_it_goes_no_further(desk: Queue) -> None:
    warned = closed(desk)
    desk.clock.at = city_time(3, 16, 18) + timedelta(minutes=1)
    appeal = filed(desk, warned, Against.CLOSING)
    assert appeal["state"] == AppealState.OUT_OF_TIME
    assert told(desk) == [("appeal_out_of_time", "qian")]
    with pytest.raises(TransitionError, match="逾期提出"):
        step(desk, appeal, AppealStep.ACCEPT, "sun", R.R5)


def test_the_last_minute_of_the_tenth_working_day_is_in_time(desk: Queue) -> None:
    warned = closed(desk)
    desk.clock.at = city_time(3, 16, 18)
    assert filed(desk, warned, Against.CLOSING)["state"] == AppealState.FILED


@pytest.mark.parametrize(
    ("actor", "role", "why"),
    [("zhao", R.R4, "另一层级"), ("zhou", R.R6, "另一层级"), ("li", R.R5, "承办该事项")],
)
def test_neither_the_same_level_nor_who_had_a_part_decides(
    desk: Queue, actor: str, role: R, why: str
) -> None:
    appeal = filed(desk, closed(desk), Against.CLOSING)
    with pytest.raises(TransitionError, match=why):
        step(desk, appeal, AppealStep.ACCEPT, actor, role)


@pytest.mark.parametrize(
    ("outcome", "reason", "why"),
    [(None, "好", "是否成立"), (UPHELD, " ", "理由"), (UPHELD, "确实不该", "FP01")],
)
def test_a_decision_says_what_and_why(
    desk: Queue, outcome: AppealOutcome | None, reason: str, why: str
) -> None:
    appeal = filed(desk, confirmed(desk), Against.FINDING)
    step(desk, appeal, AppealStep.ACCEPT, "zhao", R.R4)
    with pytest.raises(TransitionError, match=why):
        step(desk, appeal, AppealStep.DECIDE, "zhao", R.R4, outcome=outcome, reason=reason)


@pytest.mark.parametrize(
    ("against", "role", "words", "why"),
    [
        (Against.CLOSING, R.R2, "不服", "您的角色"),
        (Against.FINDING, R.R5, "不服", "您的角色"),
        (Against.FINDING, R.R3, " ", "申诉理由"),
        (Against.FALSE_POSITIVE, R.R3, "不服", "没有可以申诉"),
    ],
)
def test_what_cannot_be_filed(desk: Queue, against: Against, role: R, words: str, why: str) -> None:
    warned = closed(desk)
    with pytest.raises(TransitionError, match=why):
        filed(desk, warned, against, role, words=words)


def test_a_unit_appeals_once_and_its_author_may_take_it_back(desk: Queue) -> None:
    warned = confirmed(desk)
    appeal = filed(desk, warned, Against.FINDING, R.R2, "wang")
    with pytest.raises(TransitionError, match="已提出过"):
        filed(desk, warned, Against.FINDING, R.R1, "li")
    with pytest.raises(TransitionError, match="只有提出人"):
        step(desk, appeal, AppealStep.WITHDRAW, "zhao", R.R4)
    with pytest.raises(StaleVersion):
        step(desk, appeal, AppealStep.WITHDRAW, "wang", R.R2, version=7)
    assert step(desk, appeal, AppealStep.WITHDRAW, "wang", R.R2)["state"] == "withdrawn"


def test_an_overdue_appeal_is_counted_once_and_its_office_told_once(desk: Queue) -> None:
    appeal = filed(desk, closed(desk), Against.CLOSING)
    desk.clock.at = appeal["due_at"]
    assert sweep(desk.run)["appeals_overdue"] == 0
    desk.clock.at += timedelta(minutes=1)
    assert sweep(desk.run)["appeals_overdue"] == 1
    assert sweep(desk.run)["appeals_overdue"] == 0
    assert told(desk).count(("appeal_overdue", "sun")) == 1
    with desk.engine.connect() as conn:
        (row,) = appeals.of_warning(conn, appeal["warning_id"])
    assert row["overdue_at"] == desk.clock.now()


def test_of_two_upheld_appeals_the_second_finds_the_label_corrected(desk: Queue) -> None:
    warned = confirmed(desk)
    unit, person = filed(desk, warned, Against.FINDING, R.R2, "wang2"), filed(desk, warned, Against.FINDING)
    for appeal in (unit, person):
        decided(desk, appeal, "zhao", R.R4, UPHELD, "FP01")
    assert [s["action"] for s in desk.steps(warned)].count("correct_label") == 1
