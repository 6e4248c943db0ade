"""Enterprise issues over the real store: promised, pressed, answered, called back, raised when a promise is not kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import RowMapping
from supervise_queue import Queue, city_time
from supervise_road import R

from mingjian.domain.enterprise import IssueLevel, IssueStep
from mingjian.domain.errors import StaleVersion, TransitionError
from mingjian.store import enterprise
from mingjian.supervise import sweep
from mingjian.supervise.enterprise import Collected, Said, collect, take_step

S, DEPARTMENT, DISTRICT = IssueStep, IssueLevel.DEPARTMENT, IssueLevel.DISTRICT
PROMISED = date(2026, 3, 16)  # ten working days from 2 March
COLLECTED = Collected("某某公司", "150102", "印章刻制要跑三趟")


@pytest.fixture
def desk(queue: Queue) -> Queue:
    """A department below a district with a leader in charge, and one without."""
    queue.add_unit("QU", None, "district", "150102", path="/QU/", charge_leader_user_id="mayor")
    queue.add_unit("SP", "approval", "district", "150102", path="/QU/SP/")
    queue.add_unit("WU", None, "city", "150100", path="/WU/")
    return queue


def collected(queue: Queue, said: Collected = COLLECTED, role: R = R.R8) -> RowMapping:
    with queue.engine.begin() as conn:
        return collect(conn, queue.clock, said, "hao", role)


def step(
    queue: Queue, issue: RowMapping, what: IssueStep, role: R = R.R8, actor: str = "hao", **more: Any
) -> RowMapping:
    version = more.pop("version", None)
    with queue.engine.begin() as conn:
        return take_step(
            conn,
            queue.clock,
            issue["id"],
            what,
            actor,
            role,
            Said(**more),
            terms=queue.terms,
            expected_version=version,
        )


def assigned(
    queue: Queue, level: IssueLevel = DEPARTMENT, unit: str = "SP", promised: date = PROMISED
) -> RowMapping:
    return step(queue, collected(queue), S.ASSIGN, level=level, unit_id=unit, promised_on=promised)


def answered(queue: Queue, issue: RowMapping) -> RowMapping:
    return step(queue, issue, S.ANSWER, R.R1, "li", words="已改为一次办结")


def told(queue: Queue) -> list[tuple[str, str]]:
    return [(x["template"], x["recipient"]) for x in queue.letters()]


def test_the_whole_road_to_a_satisfied_closing(desk: Queue) -> None:
    issue = collected(desk)
    assert (issue["quarter"], issue["state"], issue["level"]) == ("2026Q1", "collected", None)
    issue = step(desk, issue, S.ASSIGN, level=DEPARTMENT, unit_id="SP", promised_on=PROMISED)
    assert (issue["state"], issue["leader_user_id"]) == ("assigned", None)
    issue = answered(desk, issue)
    issue = step(desk, issue, S.SATISFIED)
    assert (issue["state"], issue["satisfied"], issue["closed_at"]) == ("closed", True, desk.clock.now())
    assert told(desk) == [("issue_assigned", "SP"), ("issue_answered", "hao")]
    actions = [row["action"] for row in desk.audited(str(issue["id"]))]
    assert actions == ["collect_issue", "issue_assign", "issue_answer", "issue_satisfied"]
    assert desk.chain_holds()


def test_a_district_issue_is_answered_by_its_leader(desk: Queue) -> None:
    issue = assigned(desk, DISTRICT)
    assert issue["leader_user_id"] == "mayor"
    assert told(desk) == [("issue_assigned", "SP"), ("issue_assigned", "mayor")]
    with pytest.raises(TransitionError, match="指导员"):
        answered(desk, issue)
    assert step(desk, issue, S.ANSWER, R.R7, "mayor", words="已协调")["state"] == "answered"


@pytest.mark.parametrize(
    ("level", "unit", "promised", "why"),
    [
        (None, "SP", PROMISED, "层级"),
        (DEPARTMENT, "none", PROMISED, "承办单位"),
        (DEPARTMENT, "SP", None, "承诺日期"),
        (DEPARTMENT, "SP", date(2026, 3, 1), "今天"),
        (DEPARTMENT, "SP", date(2026, 3, 31), "2026-03-30"),
        (DISTRICT, "WU", PROMISED, "分管领导"),
    ],
)
def test_an_assignment_names_who_and_when(
    desk: Queue, level: IssueLevel | None, unit: str, promised: date | None, why: str
) -> None:
    issue = collected(desk)
    with pytest.raises(TransitionError, match=why):
        step(desk, issue, S.ASSIGN, level=level, unit_id=unit, promised_on=promised)


@pytest.mark.parametrize(
    ("said", "role", "why"),
    [
        (COLLECTED, R.R3, "司号员"),
        (Collected(" ", "150102", "x"), R.R8, "企业名称"),
        (Collected("甲", "1501", "x"), R.R8, "六位"),
        (Collected("甲", "150102", "x", "2026年三季度"), R.R8, "2026Q3"),
    ],
)
def test_what_is_not_collected(desk: Queue, said: Collected, role: R, why: str) -> None:
    with pytest.raises(TransitionError, match=why):
        collected(desk, said, role)


def test_it_is_pressed_at_most_once_a_working_day(desk: Queue) -> None:
    issue = step(desk, assigned(desk), S.PRESS)
    with pytest.raises(TransitionError, match="下一个工作日"):
        step(desk, issue, S.PRESS)
    desk.clock.at = city_time(3, 3)
    step(desk, issue, S.PRESS)
    assert told(desk).count(("issue_pressed", "SP")) == 2


def test_not_satisfied_it_comes_back_once_with_half_the_time(desk: Queue) -> None:
    issue = answered(desk, assigned(desk))
    with pytest.raises(TransitionError, match="为何不满意"):
        step(desk, issue, S.UNSATISFIED)
    issue = step(desk, issue, S.UNSATISFIED, words="还是要跑两趟")
    assert (issue["state"], issue["reopened"], issue["promised_on"]) == ("assigned", 1, date(2026, 3, 9))
    issue = step(desk, answered(desk, issue), S.UNSATISFIED, words="没有变化")
    assert (issue["state"], issue["satisfied"], issue["reopened"]) == ("closed", False, 1)


def test_a_promise_not_kept_goes_to_the_leader_once(desk: Queue) -> None:
    issue = assigned(desk)
    desk.clock.at = city_time(3, 16, 23)
    assert sweep(desk.run)["issues_raised"] == 0
    desk.clock.at = city_time(3, 17, 1)
    assert sweep(desk.run)["issues_raised"] == 1 and sweep(desk.run)["issues_raised"] == 0
    with desk.engine.begin() as conn:
        row = enterprise.lock(conn, issue["id"])
    assert row is not None
    assert (row["level"], row["leader_user_id"], row["raised_at"]) == (DISTRICT, "mayor", desk.clock.now())
    assert ("issue_raised", "mayor") in told(desk)


def test_an_old_reading_is_refused(desk: Queue) -> None:
    issue = assigned(desk)
    with pytest.raises(StaleVersion):
        step(desk, issue, S.PRESS, version=1)
    assert step(desk, issue, S.PRESS, version=2)["version"] == 3


def test_the_quarters_report_counts_by_district(desk: Queue) -> None:
    step(desk, answered(desk, assigned(desk)), S.SATISFIED)
    assigned(desk)
    collected(desk, Collected("乙", "150105", "融资难"))
    collected(desk, Collected("丙", "150105", "上一季度", "2025Q4"))
    with desk.engine.connect() as conn:
        first, second = enterprise.quarterly(conn, "2026Q1", date(2026, 3, 17))
    told = {
        name: first[name] for name in ("collected", "answered", "in_time", "closed", "satisfied", "overdue")
    }
    assert told == {"collected": 2, "answered": 1, "in_time": 1, "closed": 1, "satisfied": 1, "overdue": 1}
    assert (second["district_code"], second["collected"], second["department"]) == ("150105", 1, 0)
