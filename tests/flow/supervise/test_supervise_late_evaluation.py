"""A second contact or a decision that an evaluation calls for is late: whoever must act is reminded once, nothing else follows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update
from supervise_queue import Queue, city_time
from supervise_road import ROAD, R, passing, sent_out, take, walk

from mingjian.store import evaluations, late
from mingjian.store.invariants import broken
from mingjian.store.tables import app_user
from mingjian.supervise import sweep
from mingjian.supervise.late_evaluations import _find, remind_late_evaluations
from mingjian.supervise.notices import notice

TO_REPORT = list(ROAD)[: list(ROAD).index("visit_back")]
AGAIN = ("draft_report", "report", "accept_report")
DUE = city_time(3, 5, 18)  # three working days after Monday 2 March, for either
SAID = "2026-03-05 18:00"
CONTACT, DECISION = "second_contact_late", "evaluation_decision_late"


@pytest.fixture
def desk(queue: Queue) -> Queue:
    """Two callers, a dispatcher and the three offices, all for the whole city."""
    people = {"chen": "R13", "wu": "R13", "qian": "R3", "zhao": "R4", "sun": "R5", "zhou": "R6"}
    for name, role in people.items():
        queue.add_user(name, role, None)
    with queue.engine.begin() as conn:
        conn.execute(update(app_user).values(data_scope="city"))
    return queue


def unsatisfied(desk: Queue) -> str:
    """The result passed, the public is not satisfied: another officer is to contact it again."""
    warned = sent_out(desk)
    walk(desk, warned, *TO_REPORT)
    take(desk, warned, "visit_back", R.R13, "chen", reason="unsatisfied")
    take(desk, warned, "evaluate", R.R4, scores=passing())
    return warned


def still_unsatisfied(desk: Queue) -> str:
    """The second contact brought no more: it is to be decided whether to explain or to send back."""
    warned = unsatisfied(desk)
    take(desk, warned, "visit_back", R.R13, "wu", reason="unsatisfied")
    return warned


def told(desk: Queue, template: str) -> list[str]:
    return [x["recipient"] for x in desk.letters() if x["template"] == template]


def reminders(desk: Queue, warned: str) -> list[tuple[str, str]]:
    """(what for, deadline) as the order's history has them."""
    steps = desk.steps(f"D{warned}")
    return [(s["reason"], s["note"]) for s in steps if s["action"] == "evaluation_late"]


def remind(desk: Queue) -> int:
    return remind_late_evaluations(desk.engine, desk.clock, desk.terms)


def whole(desk: Queue) -> bool:
    with desk.engine.connect() as conn:
        return broken(conn) == []


def test_a_second_contact_not_made_reminds_those_who_may_make_it(desk: Queue) -> None:
    warned = unsatisfied(desk)
    desk.clock.at = DUE - timedelta(minutes=1)
    assert sweep(desk.run)["evaluations_late"] == 0
    before = (desk.order(warned), desk.warning(warned))
    desk.clock.at = DUE
    assert sweep(desk.run)["evaluations_late"] == 1
    assert reminders(desk, warned) == [("second_contact", SAID)]
    assert told(desk, CONTACT) == ["wu", "qian"]  # not the first caller
    assert (desk.order(warned), desk.warning(warned)) == before
    desk.clock.move(days=3)
    assert sweep(desk.run)["evaluations_late"] == 0 and len(told(desk, CONTACT)) == 2
    assert whole(desk)


def test_where_nobody_else_may_call_the_office_that_holds_the_tier_is_told(desk: Queue) -> None:
    unsatisfied(desk)
    with desk.engine.begin() as conn:
        conn.execute(update(app_user).where(app_user.c.id.in_(["wu", "qian"])).values(active=False))
    desk.clock.at = DUE
    assert remind(desk) == 1 and told(desk, CONTACT) == ["zhao"]


@pytest.mark.parametrize("tries", [["satisfied"], ["not_reached"]])
def test_a_second_contact_made_in_time_is_not_late_but_one_that_reached_nobody_goes_on(
    desk: Queue, tries: list[str]
) -> None:
    warned = unsatisfied(desk)
    for outcome in tries:
        desk.clock.move(days=1)
        take(desk, warned, "visit_back", R.R13, "wu", reason=outcome)
    desk.clock.at = DUE
    assert remind(desk) == (tries == ["not_reached"])


@pytest.mark.parametrize(("tier", "offices"), [(1, ["zhao"]), (2, ["zhao", "sun"]), (3, ["zhao", "zhou"])])
def test_a_decision_not_taken_reminds_the_supervisor_and_who_holds_the_tier(
    desk: Queue, tier: int, offices: list[str]
) -> None:
    warned = still_unsatisfied(desk)
    for _ in range(tier - 1):
        take(desk, warned, "raise_tier", R.R6, reason="久拖不决")
    desk.clock.at = DUE
    assert sweep(desk.run)["evaluations_late"] == 1
    assert reminders(desk, warned) == [("explain_or_rework", SAID)] and told(desk, DECISION) == offices
    assert desk.warning(warned)["status"] == "evaluating" and sweep(desk.run)["evaluations_late"] == 0
    assert whole(desk)


def test_each_deadline_of_a_round_is_reminded_of_by_itself(desk: Queue) -> None:
    warned = unsatisfied(desk)
    desk.clock.at = city_time(3, 6)
    assert remind(desk) == 1
    take(desk, warned, "visit_back", R.R13, "wu", reason="unsatisfied")
    assert remind(desk) == 0
    desk.clock.at = city_time(3, 12)
    assert remind(desk) == 1
    assert reminders(desk, warned) == [("second_contact", SAID), ("explain_or_rework", "2026-03-11 18:00")]


def test_a_decision_taken_is_never_reminded_of_not_even_in_the_next_round(desk: Queue) -> None:
    explained, sent_back = still_unsatisfied(desk), still_unsatisfied(desk)
    take(desk, explained, "exempt", R.R4, reason="EX01", note="已解释政策依据")
    take(desk, sent_back, "return_rectify", R.R4, reason="诉求合理")
    walk(desk, sent_back, *AGAIN)
    desk.clock.at = city_time(3, 20)
    assert remind(desk) == 0
    take(desk, sent_back, "visit_back", R.R13, "chen", reason="unsatisfied")
    take(desk, sent_back, "evaluate", R.R4, scores=passing())
    assert remind(desk) == 0
    desk.clock.at = city_time(3, 25, 18)
    assert remind(desk) == 1
    assert reminders(desk, sent_back) == [("second_contact", "2026-03-25 18:00")]


@pytest.mark.parametrize(
    ("leave", "back"),
    [
        (("suspend", R.R5, "法院裁定", "裁定书 2026-03-04"), ("resume", R.R5, "", "")),
        (("take_over", R.R5, "责任不清", ""), ("hand_back", R.R7, "", "举一反三：无同类")),
    ],
)
def test_out_of_evaluation_nothing_is_late_and_the_days_left_come_back(
    desk: Queue, leave: tuple[str, R, str, str], back: tuple[str, R, str, str]
) -> None:
    warned = unsatisfied(desk)
    desk.clock.at = city_time(3, 4)  # one working day is left
    action, role, reason, note = leave
    take(desk, warned, action, role, reason=reason, note=note)
    desk.clock.at = city_time(3, 12)
    assert remind(desk) == 0
    action, role, reason, note = back
    take(desk, warned, action, role, reason=reason, note=note)
    with desk.engine.connect() as conn:
        dues = [row["due"] for row in evaluations.of_warning(conn, warned) if row["due"]]
    assert dues == [city_time(3, 13, 18)] and remind(desk) == 0
    desk.clock.at = city_time(3, 13, 18)
    assert remind(desk) == 1 and reminders(desk, warned) == [("second_contact", "2026-03-13 18:00")]


def test_four_sweeps_at_once_and_one_after_downtime_say_it_once(desk: Queue) -> None:
    found = [unsatisfied(desk) for _ in range(8)] + [still_unsatisfied(desk) for _ in range(4)]
    desk.clock.at = city_time(3, 27)
    find = partial(_find, terms=desk.terms)
    with ThreadPoolExecutor(4) as pool:
        tasks = [
            pool.submit(notice, desk.engine, desk.clock.now(), late.claim_evaluations, find, batch=2)
            for _ in range(4)
        ]
        assert sum(task.result() for task in tasks) <= len(found)
    remind(desk)  # what all four passed over, because another held it
    assert [len(reminders(desk, warned)) for warned in found] == [1] * 12
    assert (len(told(desk, CONTACT)), len(told(desk, DECISION))) == (16, 4)
    assert whole(desk)


def test_killed_before_the_end_nothing_is_written_and_the_next_sweep_says_it(desk: Queue) -> None:
    warned = unsatisfied(desk)
    desk.clock.at = DUE
    with desk.engine.connect() as conn:
        rows = late.claim_evaluations(conn, DUE, "", 10)
        assert [one.order["warning_id"] for one in _find(conn, DUE, rows, desk.terms)] == [warned]
        assert remind(desk) == 0  # the dying sweep still holds the order
    assert reminders(desk, warned) == [] and remind(desk) == 1
