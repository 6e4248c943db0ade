"""The rules of the queue: they hold after real work, and each names the object that was tampered with."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from supervise_queue import Queue, city_time
from tests.audit_unlocked import audit_unlocked

from mingjian.domain.roles import Role
from mingjian.notify import notify
from mingjian.store.invariants import Breach, Invariant, broken
from mingjian.supervise import act, dispatch, sweep
from mingjian.supervise.said import Actor, Said

W1, D1 = "W000000", "DW000000"
RUNG = "object_id = 'DW000000' AND reason = 'not_accepted'"
COPY = (
    "INSERT INTO order_step (object_kind, object_id, seq, action, from_state, to_state, reason, actor, note, at)"
    " SELECT object_kind, object_id, 90, action, from_state, to_state, reason, actor, note, at FROM order_step"
)


@pytest.fixture
def worked(queue: Queue) -> Queue:
    """Ten orders, one of them accepted, all swept after a week and their letters sent."""
    queue.warn_many([{}] * 10)
    dispatch(queue.run, "subsidy")
    with queue.engine.begin() as conn:
        for action in ("sign", "accept"):
            act(conn, queue.clock, "W000009", action, Actor("zhao", Role.R1), terms=queue.terms)
    for day in (5, 17):
        queue.clock.at = city_time(3, day)
        sweep(queue.run)
    notify(queue.run, "queue")
    return queue


def breaches(queue: Queue) -> set[Breach]:
    with queue.engine.connect() as conn:
        return set(broken(conn))


def test_they_hold_after_real_work(worked: Queue) -> None:
    assert breaches(worked) == set()


def test_a_duplicate_and_a_clue_that_never_came_to_an_order_break_none(worked: Queue) -> None:
    twin, clue = worked.warn(), worked.warn()
    with worked.engine.begin() as conn:
        same = Said(lead_id="W000001", note="同一事项")
        act(conn, worked.clock, twin, "merge", Actor("qian", Role.R3), same, terms=worked.terms)
        act(conn, worked.clock, clue, "refer", Actor("sun", Role.R5), Said("移送"), terms=worked.terms)
    assert breaches(worked) == set()


@pytest.mark.parametrize(
    ("damage", "rule", "named"),
    [
        (f"DELETE FROM order_step WHERE object_id = '{W1}' AND seq = 1", Invariant.STEPS_MISSING, W1),
        (
            f"UPDATE order_step SET from_state = 'signed' WHERE object_id = '{W1}' AND seq = 2",
            Invariant.STEPS_UNLINKED,
            W1,
        ),
        (f"UPDATE warning SET status = 'signed' WHERE id = '{W1}'", Invariant.STATE_UNEXPLAINED, W1),
        (f"UPDATE supervision_order SET state = 'signed' WHERE id = '{D1}'", Invariant.ORDER_ASTRAY, W1),
        (f"DELETE FROM supervision_order WHERE id = '{D1}'", Invariant.ORDER_ASTRAY, W1),
        (f"{COPY} WHERE object_id = '{D1}' AND to_state = 'alarm'", Invariant.LIGHT_TWICE, D1),
        (f"{COPY} WHERE {RUNG}", Invariant.RUNG_TWICE, D1),
        (f"{COPY} WHERE {RUNG}", Invariant.STEP_NOT_AUDITED, D1),
        (
            f"DELETE FROM outbox WHERE idempotency_key = '{D1}:issued'",
            Invariant.LETTER_ASTRAY,
            f"{D1}:issued",
        ),
        (
            "UPDATE outbox SET attempts = 0 WHERE idempotency_key = 'DW000000:issued'",
            Invariant.LETTER_UNACCOUNTED,
            f"{D1}:issued",
        ),
        ("UPDATE audit_log SET actor = 'nobody' WHERE id = 3", Invariant.CHAIN_BROKEN, "3"),
    ],
)
def test_each_damage_is_named(worked: Queue, damage: str, rule: Invariant, named: str) -> None:
    with worked.engine.begin() as conn, audit_unlocked(conn):
        conn.execute(text("DELETE FROM card"))  # they hold the orders
        assert conn.execute(text(damage.replace(":", "\\:"))).rowcount == 1
    assert Breach(rule, named) in breaches(worked)
