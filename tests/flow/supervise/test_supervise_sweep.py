"""The sweep: the clock moves, lights change and tiers rise, once each, however many sweep and how often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from supervise_queue import Queue, city_time

from mingjian.domain.roles import Role
from mingjian.domain.terms import Terms
from mingjian.store import orders
from mingjian.supervise import act, dispatch, sweep
from mingjian.supervise.calendar import WorkCalendar
from mingjian.supervise.recompute import recompute_batch, recompute_provisional
from mingjian.supervise.said import Actor, Said
from mingjian.supervise.sweep import sweep_due


def sent_out(queue: Queue, level: str = "中") -> str:
    warned = queue.warn(level=level)
    dispatch(queue.run, "subsidy")
    return warned


def step(queue: Queue, target: str, action: str, role: Role, **said: str) -> None:
    with queue.engine.begin() as conn:
        act(conn, queue.clock, target, action, Actor(f"user-{role}", role), Said(**said), terms=queue.terms)


def accept(queue: Queue, warned: str) -> None:
    step(queue, warned, "sign", Role.R1)
    step(queue, warned, "accept", Role.R1)


def history(queue: Queue, warned: str) -> list[tuple[datetime, str, str]]:
    """(moment, what changed, to what) of everything the sweep did to an order."""
    return [
        (s["at"], s["reason"] or s["action"], s["to_state"])
        for s in queue.steps(f"D{warned}")
        if s["action"] in ("light", "remind", "raise")
    ]


def sweep_every(queue: Queue, hours: int, until: datetime) -> None:
    while queue.clock.now() < until:
        queue.clock.move(hours=hours)
        sweep(queue.run)


def test_an_order_that_nobody_touches_climbs_to_the_top(queue: Queue) -> None:
    warned = sent_out(queue)
    sweep_every(queue, 3, city_time(3, 30, 18))
    assert history(queue, warned) == [
        (city_time(3, 3, 18), "not_signed", "1"),
        (city_time(3, 4, 18), "light", "notice"),
        (city_time(3, 4, 18), "not_accepted", "1"),
        (city_time(3, 9, 18), "reminder_unanswered", "2"),
        (city_time(3, 12, 0), "light", "urgent"),
        (city_time(3, 16, 18), "light", "alarm"),
        (city_time(3, 16, 18), "letter_unanswered", "3"),
        (city_time(3, 19, 18), "overdue_3wd", "3"),
        (city_time(3, 23, 18), "overdue_5wd", "3"),
        (city_time(3, 30, 18), "overdue_10wd", "3"),
    ]
    order = queue.order(warned)
    assert (order["tier"], order["light"], order["light_rank"], order["next_check"]) == (3, "alarm", 4, None)


def test_an_accepted_order_is_lit_only_by_its_finish(queue: Queue) -> None:
    warned = sent_out(queue)
    accept(queue, warned)
    sweep_every(queue, 3, city_time(3, 30, 18))
    assert history(queue, warned) == [
        (city_time(3, 12, 0), "light", "urgent"),
        (city_time(3, 16, 18), "light", "alarm"),
        (city_time(3, 19, 18), "overdue_3wd", "1"),
        (city_time(3, 23, 18), "overdue_5wd", "2"),
        (city_time(3, 30, 18), "overdue_10wd", "3"),
    ]


def test_a_late_acceptance_is_reminded_of_by_the_next_sweep(queue: Queue) -> None:
    warned = sent_out(queue)
    queue.clock.at = city_time(3, 4, 19)
    accept(queue, warned)
    sweep(queue.run)
    reminded = [(city_time(3, 4, 19), reason, "1") for reason in ("not_signed", "not_accepted")]
    assert history(queue, warned) == reminded
    assert queue.order(warned)["next_check"] == city_time(3, 12, 0)


def test_one_late_sweep_catches_up_with_everything(queue: Queue) -> None:
    warned = sent_out(queue)
    queue.clock.at = city_time(3, 30, 18)
    assert sweep(queue.run) == {
        "recomputed": 0,
        "moved": 0,
        "checked": 1,
        "lit": 3,
        "reminded": 5,
        "raised": 2,
        "transferred": 0,
        "taken_over": 0,
        "leaders_idle": 0,
        "parts_late": 0,
        "evaluations_late": 0,
        "appeals_overdue": 0,
        "issues_raised": 0,
    }
    assert (queue.order(warned)["tier"], queue.order(warned)["light"]) == (3, "alarm")


def test_sweeping_again_changes_nothing(queue: Queue) -> None:
    warned = sent_out(queue)
    queue.clock.at = city_time(3, 17)
    sweep(queue.run)
    seen = (queue.order(warned), queue.steps(f"D{warned}"), queue.letters())
    assert sweep(queue.run)["checked"] == 0
    assert (queue.order(warned), queue.steps(f"D{warned}"), queue.letters()) == seen


def test_orders_that_are_not_due_are_not_even_read(queue: Queue) -> None:
    sent_out(queue)
    queue.clock.at = city_time(3, 3, 17)
    assert sweep(queue.run)["checked"] == 0


def test_every_change_is_audited_and_written_to_the_unit(queue: Queue) -> None:
    warned = sent_out(queue)
    sweep_every(queue, 3, city_time(3, 30, 18))
    assert len(queue.audited(f"D{warned}")) == len(history(queue, warned))
    raised = [a for a in queue.audited(f"D{warned}") if a["action"] == "raise"]
    assert [(a["detail"]["from"], a["detail"]["to"], a["detail"]["reason"]) for a in raised] == [
        (1, 2, "reminder_unanswered"),
        (2, 3, "letter_unanswered"),
    ]
    templates = [letter["template"] for letter in queue.letters()]
    assert templates == [
        "order_issued",
        "reminder",
        "reminder",
        "tier_raised",
        "light_urgent",
        "light_alarm",
        "tier_raised",
        "reminder",
        "reminder",
        "reminder",
    ]
    assert queue.chain_holds()


def test_holidays_do_not_count_as_overdue(queue: Queue) -> None:
    """Due on 30 September; the week off passes, Saturday 10 October counts: the fifth day is the 13th."""
    queue.clock.at = city_time(9, 22)
    warned = sent_out(queue, "高")
    accept(queue, warned)
    assert queue.order(warned)["finish_due"] == city_time(9, 30, 18)
    sweep_every(queue, 3, city_time(10, 20))
    assert (city_time(10, 13, 18), "overdue_5wd", "2") in history(queue, warned)


def test_each_new_deadline_can_be_missed_anew(queue: Queue) -> None:
    warned = sent_out(queue, "高")
    accept(queue, warned)
    step(queue, warned, "start_verifying", Role.R1, note="已联系")
    queue.clock.at = city_time(3, 17)
    sweep(queue.run)
    step(queue, warned, "draft_finding", Role.R1, note="属实")
    step(queue, warned, "confirm", Role.R2, reason="confirmed", note="证据见附件")
    assert queue.order(warned)["light"] == "none" and queue.order(warned)["tier"] == 2
    queue.clock.at = city_time(3, 30)
    sweep(queue.run)
    overdue = [to for _at, why, to in history(queue, warned) if why == "overdue_5wd"]
    assert overdue == ["2", "2"]


def test_two_sweeps_at_once_claim_different_orders(queue: Queue, queue_engine: Engine) -> None:
    queue.warn_many([{}] * 10)
    dispatch(queue.run, "subsidy")
    now = city_time(3, 20)
    with queue_engine.begin() as one, queue_engine.begin() as two:
        mine = {row["id"] for row in orders.claim_due(one, now, 5)}
        yours = {row["id"] for row in orders.claim_due(two, now, 10)}
    assert len(mine) == 5 == len(yours) and not mine & yours


def test_four_sweeps_at_once_do_what_one_would(queue: Queue) -> None:
    queue.warn_many([{}] * 200)
    dispatch(queue.run, "subsidy")
    queue.clock.at = city_time(3, 20)
    with ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(sweep_due, queue.engine, queue.clock, queue.terms, batch=20) for _ in range(4)]
        done = [task.result() for task in tasks]
    assert sum(d["checked"] for d in done) == 200
    assert sum(d["raised"] for d in done) == 400
    assert all(order["tier"] == 3 for order in queue.orders())
    assert queue.chain_holds()


def test_a_killed_sweep_leaves_nothing_half_done(queue: Queue, queue_engine: Engine) -> None:
    warned = sent_out(queue)
    queue.clock.at = city_time(3, 20)
    with queue_engine.connect() as conn:
        orders.claim_due(conn, queue.clock.now(), 1)
        orders.update_orders(conn, [{"id": f"D{warned}", "tier": 3}])
    assert sweep(queue.run)["raised"] == 2


@pytest.fixture
def in_december(queue: Queue) -> Queue:
    queue.clock.at = city_time(12, 28)
    return queue


NEW_YEAR = date(2027, 1, 1)
PUBLISHED = WorkCalendar(known=lambda day: day.weekday() < 5 and day != NEW_YEAR, name="table of 2027")


def published(queue: Queue) -> Terms:
    return replace(queue.terms, calendar=PUBLISHED)


def provisional(queue: Queue) -> list[str]:
    return [order["id"] for order in queue.orders() if order["due_provisional"]]


def test_provisional_deadlines_are_settled_when_the_table_arrives(in_december: Queue) -> None:
    queue, warned = in_december, sent_out(in_december, "高")
    assert recompute_provisional(queue.engine, queue.clock, queue.terms) == {"recomputed": 0, "moved": 0}
    assert recompute_provisional(queue.engine, queue.clock, published(queue)) == {"recomputed": 1, "moved": 1}
    assert recompute_provisional(queue.engine, queue.clock, published(queue)) == {"recomputed": 0, "moved": 0}
    order = queue.order(warned)
    assert order["finish_due"] == city_time(1, 5, 18, year=2027)
    assert (order["due_provisional"], order["calendar_version"]) == (False, "table of 2027")
    (entry,) = queue.audited(f"D{warned}")
    assert entry["detail"]["finish_due"] == ["2027-01-04 18:00", "2027-01-05 18:00"]
    assert queue.chain_holds()


def test_a_restamped_deadline_is_computed_again_from_its_own_limit(in_december: Queue) -> None:
    queue, warned = in_december, sent_out(in_december, "高")
    accept(queue, warned)
    step(queue, warned, "start_verifying", Role.R1, note="已联系")
    step(queue, warned, "draft_finding", Role.R1, note="属实")
    queue.clock.move(days=1)
    step(queue, warned, "confirm", Role.R2, reason="confirmed", note="证据见附件")
    assert queue.order(warned)["finish_due"] == city_time(1, 1, 18, year=2027)
    recompute_provisional(queue.engine, queue.clock, published(queue))
    assert queue.order(warned)["finish_due"] == city_time(1, 4, 18, year=2027)


def test_four_at_once_settle_each_order_once(in_december: Queue) -> None:
    queue = in_december
    queue.warn_many([{"level": "高"}] * 60)
    dispatch(queue.run, "subsidy")
    with ThreadPoolExecutor(4) as pool:
        tasks = [
            pool.submit(recompute_provisional, queue.engine, queue.clock, published(queue), batch=7)
            for _ in range(4)
        ]
        done = [task.result() for task in tasks]
    assert sum(d["recomputed"] for d in done) == 60 and not provisional(queue)
    assert [len(queue.audited(order["id"])) for order in queue.orders()] == [1] * 60
    assert queue.chain_holds()


def test_killed_between_two_batches_it_goes_on_where_it_stopped(
    in_december: Queue, queue_engine: Engine
) -> None:
    queue = in_december
    queue.warn_many([{"level": "高"}] * 10)
    dispatch(queue.run, "subsidy")
    now, all_ten = queue.clock.now(), provisional(queue)
    with queue_engine.begin() as conn:
        _done, after = recompute_batch(conn, now, published(queue), "", 4)
    with queue_engine.connect() as conn:  # the second batch never commits
        recompute_batch(conn, now, published(queue), after or "", 4)
    assert provisional(queue) == all_ten[4:]
    assert recompute_provisional(queue.engine, queue.clock, published(queue))["recomputed"] == 6
    assert not provisional(queue) and queue.chain_holds()


def test_an_order_that_somebody_holds_comes_with_the_next_sweep(
    in_december: Queue, queue_engine: Engine
) -> None:
    queue = in_december
    held = queue.warn_many([{"level": "高"}] * 3)[0]
    dispatch(queue.run, "subsidy")
    with queue_engine.begin() as conn:
        orders.lock_order(conn, held)
        assert recompute_provisional(queue.engine, queue.clock, published(queue), batch=1)["recomputed"] == 2
    assert provisional(queue) == [f"D{held}"]
    assert recompute_provisional(queue.engine, queue.clock, published(queue))["recomputed"] == 1


def test_the_stage_settles_before_it_sweeps(in_december: Queue) -> None:
    sent_out(in_december, "高")
    run = replace(in_december.run, as_of=date(2026, 12, 28))
    in_december.clock.at += timedelta(days=1)
    assert sweep(run)["recomputed"] == 0
