"""A co-handling unit's part falls late: it is reminded and the lead told, once for each deadline, whoever sweeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, RowMapping
from supervise_queue import Queue, city_time
from supervise_road import R, sent_out, take, walk

from mingjian.store import co_handlers, late, orders
from mingjian.store.invariants import Breach, Invariant, broken
from mingjian.supervise import dispatch, sweep
from mingjian.supervise.late_parts import _find, remind_late_parts
from mingjian.supervise.notices import Notice, notice

DUE = city_time(3, 16, 18)  # ten working days after Monday 2 March, level 中
LATE, AWAITED = "co_part_late", "co_part_awaited"


@pytest.fixture
def desk(queue: Queue) -> Queue:
    """A lead (MZ), two units to take part (CZ, NY), and who hands their parts in."""
    for unit, line, person in [
        ("MZ", "civil_affairs", "li"),
        ("CZ", "finance", "cai"),
        ("NY", "agriculture", "nong"),
    ]:
        queue.add_unit(unit, line, "district", "150102")
        queue.add_user(person, "R1", unit)
    return queue


def asked(desk: Queue, *units: str) -> str:
    """A matter in work, with these units asked for a part."""
    warned = sent_out(desk)
    walk(desk, warned, "sign", "accept")
    for unit in units or ("CZ",):
        take(desk, warned, "add_co_handler", R.R3, unit_id=unit)
    return warned


def told(desk: Queue) -> list[tuple[str, str]]:
    """(template, recipient) of the reminders that were written."""
    return [(x["template"], x["recipient"]) for x in desk.letters() if x["template"] in (LATE, AWAITED)]


def reminders(desk: Queue, warned: str) -> list[tuple[str, str]]:
    """(unit, deadline) as the order's history has them."""
    return [(s["reason"], s["note"]) for s in desk.steps(f"D{warned}") if s["action"] == LATE]


def breaches(desk: Queue) -> list[Breach]:
    with desk.engine.connect() as conn:
        return broken(conn)


def due_of(desk: Queue, warned: str) -> datetime:
    with desk.engine.connect() as conn:
        return co_handlers.standing(conn, warned)["CZ"]["due"]


def test_the_unit_is_reminded_and_the_lead_told_when_the_part_falls_late(desk: Queue) -> None:
    warned = asked(desk)
    desk.clock.at = DUE - timedelta(minutes=1)
    assert sweep(desk.run)["parts_late"] == 0
    desk.clock.at = DUE
    assert sweep(desk.run)["parts_late"] == 1
    assert reminders(desk, warned) == [("CZ", "2026-03-16 18:00")]
    assert told(desk) == [(LATE, "CZ"), (AWAITED, "MZ")]
    (audited,) = [a for a in desk.audited(f"D{warned}") if a["action"] == LATE]
    assert audited["detail"] == {"reason": "CZ", "due": "2026-03-16 18:00"}
    assert breaches(desk) == []


def test_sweeping_again_says_nothing_again(desk: Queue) -> None:
    asked(desk)
    desk.clock.at = DUE
    sweep(desk.run)
    for _ in range(3):
        desk.clock.move(days=1)
        assert sweep(desk.run)["parts_late"] == 0
    assert len(told(desk)) == 2


def test_each_late_part_is_reminded_of_by_itself(desk: Queue) -> None:
    warned = asked(desk, "CZ")
    desk.clock.move(days=1)
    take(desk, warned, "add_co_handler", R.R3, unit_id="NY")
    for day in (16, 17):
        desk.clock.at = city_time(3, day, 19)
        assert sweep(desk.run)["parts_late"] == 1
    assert [unit for unit, _due in reminders(desk, warned)] == ["CZ", "NY"]
    assert told(desk) == [(LATE, "CZ"), (AWAITED, "MZ"), (LATE, "NY"), (AWAITED, "MZ")]


def test_after_downtime_it_is_said_once_with_the_day_that_passed(desk: Queue) -> None:
    warned = asked(desk)
    desk.clock.at = city_time(3, 24)
    assert remind_late_parts(desk.engine, desk.clock) == 1
    assert reminders(desk, warned) == [("CZ", "2026-03-16 18:00")] and len(told(desk)) == 2


def test_a_part_that_is_in_released_or_only_proposed_is_not_late(desk: Queue) -> None:
    handed_in, released, proposed = asked(desk), asked(desk), sent_out(desk)
    take(desk, handed_in, "co_report", R.R1, "cai", note="资金已核对")
    take(desk, released, "release_co_handler", R.R3, unit_id="CZ", reason="与财政无关")
    walk(desk, proposed, "sign", "accept")
    take(desk, proposed, "propose_co_handler", R.R1, unit_id="CZ", note="资金归财政核")
    desk.clock.at = DUE + timedelta(days=1)
    assert sweep(desk.run)["parts_late"] == 0 and told(desk) == []


def test_asked_again_after_a_release_a_unit_has_a_new_day_and_a_new_reminder(desk: Queue) -> None:
    warned = asked(desk)
    desk.clock.at = DUE
    sweep(desk.run)
    take(desk, warned, "release_co_handler", R.R3, unit_id="CZ", reason="暂不需要")
    take(desk, warned, "add_co_handler", R.R3, unit_id="CZ")
    assert remind_late_parts(desk.engine, desk.clock) == 0
    desk.clock.at = city_time(3, 30, 18)
    assert remind_late_parts(desk.engine, desk.clock) == 1
    assert reminders(desk, warned) == [("CZ", "2026-03-16 18:00"), ("CZ", "2026-03-30 18:00")]
    assert breaches(desk) == []


def test_while_the_matter_is_suspended_the_part_is_not_late_and_its_days_come_back(desk: Queue) -> None:
    warned = asked(desk)
    desk.clock.at = city_time(3, 12)  # two working days are left
    take(desk, warned, "suspend", R.R5, reason="法院裁定", note="裁定书 2026-03-12")
    desk.clock.at = city_time(4, 1)
    assert sweep(desk.run)["parts_late"] == 0
    take(desk, warned, "resume", R.R5)
    assert due_of(desk, warned) == city_time(4, 3, 18)
    desk.clock.at = city_time(4, 3, 17)
    assert remind_late_parts(desk.engine, desk.clock) == 0
    desk.clock.at = city_time(4, 3, 18)
    assert remind_late_parts(desk.engine, desk.clock) == 1


def test_a_part_late_before_the_suspension_stays_late_and_is_not_said_twice(desk: Queue) -> None:
    warned = asked(desk)
    desk.clock.at = city_time(3, 17)
    remind_late_parts(desk.engine, desk.clock)
    take(desk, warned, "suspend", R.R5, reason="法院裁定", note="裁定书 2026-03-17")
    desk.clock.at = city_time(4, 1)
    take(desk, warned, "resume", R.R5)
    assert due_of(desk, warned) == DUE
    assert remind_late_parts(desk.engine, desk.clock) == 0 and len(told(desk)) == 2


def test_a_step_that_leaves_the_matter_in_work_moves_no_day(desk: Queue) -> None:
    warned = asked(desk)
    desk.clock.move(days=1)
    walk(desk, warned, "start_verifying", "draft_finding", "confirm", "plan")
    assert due_of(desk, warned) == DUE


def many(desk: Queue, count: int) -> list[str]:
    found = desk.warn_many([{}] * count)
    dispatch(desk.run, "subsidy")
    for warned in found:
        take(desk, warned, "add_co_handler", R.R3, unit_id="CZ")
    desk.clock.at = DUE
    return found


def test_four_sweeps_at_once_remind_of_each_part_once(desk: Queue) -> None:
    found = many(desk, 40)
    with ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(notice, desk.engine, DUE, late.claim_parts, _find, batch=3) for _ in range(4)]
        done = [task.result() for task in tasks]
    remind_late_parts(desk.engine, desk.clock)  # what all four passed over, because another held it
    assert sum(done) <= 40
    assert [len(reminders(desk, warned)) for warned in found] == [1] * 40
    assert len(told(desk)) == 80 and breaches(desk) == []


def test_what_another_sweep_wrote_between_the_list_and_the_lock_is_not_written_again(desk: Queue) -> None:
    warned = asked(desk)
    desk.clock.at = DUE

    with desk.engine.connect() as conn:
        listed = late.claim_parts(conn, DUE, "", 10)  # the lock goes with the connection
    assert remind_late_parts(desk.engine, desk.clock) == 1 == len(listed)
    assert notice(desk.engine, DUE, lambda _conn, _now, after, _limit: [] if after else listed, _find) == 0
    assert len(reminders(desk, warned)) == 1 and breaches(desk) == []


class Killed(Exception):
    """The process ends here."""


def test_killed_between_two_batches_the_next_sweep_does_the_rest(desk: Queue) -> None:
    found = many(desk, 5)
    batches = 0

    def dies(conn: Connection, now: datetime, rows: Sequence[RowMapping]) -> Iterator[Notice]:
        nonlocal batches
        batches += 1
        yield from _find(conn, now, rows)
        if batches == 2:
            raise Killed

    with pytest.raises(Killed):
        notice(desk.engine, DUE, late.claim_parts, dies, batch=2)
    assert [len(reminders(desk, warned)) for warned in found] == [1, 1, 0, 0, 0]
    assert remind_late_parts(desk.engine, desk.clock) == 3
    assert [len(reminders(desk, warned)) for warned in found] == [1] * 5
    assert len(told(desk)) == 10 and breaches(desk) == []


def test_an_order_that_somebody_holds_is_left_to_the_next_sweep(desk: Queue) -> None:
    warned = asked(desk)
    desk.clock.at = DUE
    with desk.engine.begin() as conn:
        orders.lock_order(conn, warned)
        assert remind_late_parts(desk.engine, desk.clock) == 0
    assert remind_late_parts(desk.engine, desk.clock) == 1


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        ("DELETE FROM outbox WHERE template = 'co_part_late'", Invariant.LETTER_ASTRAY),
        (
            "INSERT INTO order_step (object_kind, object_id, seq, action, from_state, to_state, reason, actor, note, at)"
            " SELECT object_kind, object_id, seq + 1, action, from_state, to_state, reason, actor, note, at"
            " FROM order_step WHERE action = 'co_part_late'",
            Invariant.REMINDED_TWICE,
        ),
    ],
)
def test_a_lost_letter_and_a_second_reminder_break_a_rule(desk: Queue, damage: str, rule: Invariant) -> None:
    asked(desk)
    desk.clock.at = DUE
    remind_late_parts(desk.engine, desk.clock)
    assert breaches(desk) == []
    with desk.engine.begin() as conn:
        conn.exec_driver_sql(damage)
    assert rule in {breach.rule for breach in breaches(desk)}
