"""After downtime: what a sleeping sweep missed is written in order, and once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from supervise_queue import Queue, city_time

from mingjian.domain.roles import Role
from mingjian.supervise import act, dispatch
from mingjian.supervise.said import Actor
from mingjian.supervise.sweep import sweep_due

DOWNTIMES = pytest.mark.parametrize("days", [1, 7, 31], ids=["a day", "a week", "a month"])


def two_orders(queue: Queue) -> tuple[str, str]:
    """One that nobody touches, and one that was accepted in time."""
    idle, accepted = queue.warn(), queue.warn(level="高")
    dispatch(queue.run, "subsidy")
    with queue.engine.begin() as conn:
        for action in ("sign", "accept"):
            act(conn, queue.clock, accepted, action, Actor("zhao", Role.R1), terms=queue.terms)
    return idle, accepted


def told(queue: Queue, warned: str) -> list[tuple[Any, ...]]:
    """All that the sweep wrote about an order, without the moment at which it looked."""
    order = queue.order(warned)
    steps = queue.steps(f"D{warned}")
    written = [(s["action"], s["from_state"], s["to_state"], s["reason"], s["note"]) for s in steps]
    return [*written, order["tier"], order["light"], order["next_check"]]


def fell_due(queue: Queue, warned: str) -> list[str]:
    """The moments that the audit gives for the sweep's changes of an order."""
    return [a["detail"]["fell_due"] for a in queue.audited(f"D{warned}")]


def sweep_often(queue: Queue, until: datetime) -> None:
    while queue.clock.now() < until:
        queue.clock.at = min(queue.clock.now() + timedelta(hours=6), until)
        sweep_due(queue.engine, queue.clock, queue.terms)


@DOWNTIMES
@pytest.mark.parametrize("down_from", [city_time(3, 4, 17), city_time(3, 12, 17)], ids=["early", "later"])
def test_a_late_sweep_writes_what_frequent_sweeps_write(queue: Queue, down_from: datetime, days: int) -> None:
    until = down_from + timedelta(days=days)
    watched = two_orders(queue)
    sweep_often(queue, until)
    queue.clock.at = city_time(3, 2)
    slept = two_orders(queue)
    sweep_often(queue, down_from)
    queue.clock.at = until
    sweep_due(queue.engine, queue.clock, queue.terms)
    assert [told(queue, w) for w in slept] == [told(queue, w) for w in watched]
    assert [fell_due(queue, w) for w in slept] == [fell_due(queue, w) for w in watched]
    assert all(fell_due(queue, w) == sorted(fell_due(queue, w)) for w in slept)
    assert queue.chain_holds()


def test_a_backlog_longer_than_one_list_is_swept_to_its_end(queue: Queue) -> None:
    queue.warn_many([{}] * 30)
    dispatch(queue.run, "subsidy")
    queue.clock.at = city_time(3, 17)
    assert sweep_due(queue.engine, queue.clock, queue.terms, batch=4, most=7)["checked"] == 30
    assert {order["tier"] for order in queue.orders()} == {3}
