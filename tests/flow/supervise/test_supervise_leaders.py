"""Leaders: who is called, by what, a step each week, and like sites when a matter is handed back (catalogue §4.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, RowMapping, update
from supervise_queue import Queue, city_time
from supervise_road import ROAD, R, sent_out, take, walk

from mingjian.domain.errors import TransitionError
from mingjian.store import leaders
from mingjian.store.invariants import broken
from mingjian.store.tables import app_user, warning
from mingjian.supervise import sweep
from mingjian.supervise.led import _find
from mingjian.supervise.notices import notice

TO_CONFIRM = list(ROAD)[: list(ROAD).index("plan")]
AGAIN = (
    "draft_finding",
    "confirm",
    "plan",
    "draft_report",
    "report",
    "accept_report",
    "visit_back",
    "evaluate",
)


@pytest.fixture
def desk(queue: Queue) -> Queue:
    """A civil affairs office below a district whose leader is the vice mayor; R5 has the city."""
    queue.add_unit("QU", None, "district", "150102", path="/QU/", charge_leader_user_id="mayor")
    queue.add_unit("MZ", "civil_affairs", "district", "150102", path="/QU/MZ/", parent_id="QU")
    queue.add_user("sun", "R5", None)
    with queue.engine.begin() as conn:
        conn.execute(update(app_user).values(data_scope="city"))
    return queue


def led(queue: Queue) -> str:
    warned = sent_out(queue)
    take(queue, warned, "take_over", R.R5, reason="责任不清")
    return warned


def idle(queue: Queue, warned: str) -> list[str]:
    return [s["reason"] for s in queue.steps(f"D{warned}") if s["action"] == "leader_idle"]


def told(queue: Queue, template: str) -> list[str]:
    return [x["recipient"] for x in queue.letters() if x["template"] == template]


def test_the_leader_above_the_unit_gets_a_copy(desk: Queue) -> None:
    led(desk)
    assert (told(desk, "taken_over"), told(desk, "leader_called")) == (["MZ"], ["mayor"])


def test_the_nearest_leader_is_the_one_in_charge(desk: Queue) -> None:
    desk.add_unit("ZJ", None, "town", "150102", path="/QU/ZJ/", charge_leader_user_id="chief")
    desk.add_unit("WU", None, "city", "150100", path="/WU/")
    with desk.engine.connect() as conn:
        assert leaders.of_units(conn, ["MZ", "ZJ", "WU", "QU"]) == {
            "MZ": "mayor",
            "ZJ": "chief",
            "QU": "mayor",
        }


def test_each_week_without_a_step_is_noticed_once(desk: Queue) -> None:
    warned = led(desk)
    desk.clock.at = city_time(3, 9, 18)
    assert sweep(desk.run)["leaders_idle"] == 0
    desk.clock.at += timedelta(minutes=1)
    assert sweep(desk.run)["leaders_idle"] == 1 and sweep(desk.run)["leaders_idle"] == 0
    assert told(desk, "leader_idle") == ["mayor", "sun"]
    desk.clock.at = city_time(3, 16, 19)
    assert sweep(desk.run)["leaders_idle"] == 1
    assert idle(desk, warned) == ["1", "2"] and len(told(desk, "leader_idle")) == 4
    assert desk.chain_holds()


def test_a_step_begins_the_week_anew(desk: Queue) -> None:
    warned = led(desk)
    desk.clock.at = city_time(3, 9, 10)
    take(desk, warned, "leader_step", R.R7, note="已核对账目")
    desk.clock.at = city_time(3, 13)
    assert sweep(desk.run)["leaders_idle"] == 0
    desk.clock.at = city_time(3, 17)
    assert sweep(desk.run)["leaders_idle"] == 1 and idle(desk, warned) == ["1"]


def test_weeks_slept_through_are_all_written_down(desk: Queue) -> None:
    warned = led(desk)
    desk.clock.at = city_time(3, 24)
    assert sweep(desk.run)["leaders_idle"] == 3 and idle(desk, warned) == ["1", "2", "3"]


def test_what_another_sweep_wrote_between_the_list_and_the_lock_is_not_written_again(desk: Queue) -> None:
    warned = led(desk)
    desk.clock.at = city_time(3, 17)
    with desk.engine.connect() as conn:
        listed = leaders.led(conn, "", 10)  # the lock goes with the connection
    assert sweep(desk.run)["leaders_idle"] == 2

    def stale(_conn: Connection, _now: datetime, after: str, _limit: int) -> Sequence[RowMapping]:
        return [] if after else listed

    assert notice(desk.engine, desk.clock.now(), stale, partial(_find, terms=desk.terms)) == 0
    assert idle(desk, warned) == ["1", "2"]
    with desk.engine.connect() as conn:
        assert broken(conn) == []


def test_handed_back_nobody_is_reminded(desk: Queue) -> None:
    warned = led(desk)
    take(desk, warned, "hand_back", R.R7, note="举一反三：同类点位 2 处已排查")
    desk.clock.at = city_time(4, 1)
    sweep(desk.run)
    assert idle(desk, warned) == []


@pytest.mark.parametrize("note", ["", "4月前办结", "举一反三", "举一反三："])
def test_without_like_sites_nothing_is_handed_back(desk: Queue, note: str) -> None:
    warned = led(desk)
    with pytest.raises(TransitionError, match="举一反三"):
        take(desk, warned, "hand_back", R.R7, note=note)


@pytest.mark.parametrize(("others", "state"), [(1, "confirmed"), (2, "leader_takeover")])
def test_the_third_confirmed_of_one_subject_brings_the_leader(desk: Queue, others: int, state: str) -> None:
    for _ in range(others):
        earlier = sent_out(desk, bundle="project:S")
        walk(desk, earlier, *TO_CONFIRM)
        with desk.engine.begin() as conn:  # else the next one is carried on by it as a duplicate
            conn.execute(update(warning).where(warning.c.id == earlier).values(status="archived"))
    warned = sent_out(desk, bundle="project:S")
    walk(desk, warned, *TO_CONFIRM)
    assert desk.warning(warned)["status"] == state


@pytest.mark.parametrize(
    ("households", "state"), [(99, "confirmed"), (100, "leader_takeover"), ("多", "confirmed")]
)
def test_a_hundred_households_bring_the_leader(desk: Queue, households: object, state: str) -> None:
    warned = sent_out(desk, measures={"households": households})
    walk(desk, warned, *TO_CONFIRM)
    assert desk.warning(warned)["status"] == state
    if state == "leader_takeover":
        assert desk.steps(warned)[-1]["reason"] == "households"
        assert take(desk, warned, "hand_back", R.R7, note="举一反三：无同类") == "confirmed"


def test_what_comes_back_twice_after_it_was_closed_brings_the_leader(desk: Queue) -> None:
    warned = sent_out(desk)
    walk(desk, warned, *ROAD)
    take(desk, warned, "close", R.R6, reason="satisfied")
    take(desk, warned, "reopen", R.R5, reason="反弹")
    assert take(desk, warned, "verify_again", R.R3) == "verifying"
    walk(desk, warned, *AGAIN)
    take(desk, warned, "close", R.R6, reason="satisfied")
    with desk.engine.begin() as conn:
        conn.execute(update(warning).where(warning.c.id == warned).values(status="archived"))
    take(desk, warned, "reopen", R.R5, reason="再次反弹")
    assert take(desk, warned, "verify_again", R.R3) == "leader_takeover"
    assert desk.steps(warned)[-1]["reason"] == "came_back"
