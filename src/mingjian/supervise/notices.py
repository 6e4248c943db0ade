"""What the sweep notices of deadlines beside an order's own: each written into the order's history once, with its letters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping

from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.store import audit, late, orders, outbox
from mingjian.store.orders import ORDER, Step
from mingjian.store.outbox import Letter
from mingjian.store.retry import in_transaction
from mingjian.supervise.issue import said

BATCH = 500
Claim = Callable[[Connection, datetime, str, int], Sequence[RowMapping]]


@dataclass(frozen=True)
class Notice:
    """One deadline that passed: of which order, what of it (`reason`), and what each recipient is told.

    `told` are pairs of recipient and template; `more` fills the templates' places besides those of the order.
    """

    order: RowMapping
    action: str
    reason: str
    due: datetime
    told: list[tuple[str, str]]
    more: dict[str, Any]

    @property
    def mark(self) -> tuple[str, str, str]:
        """What tells this reminder from every other of its kind."""
        return self.order["id"], self.reason, said(self.due)


Find = Callable[[Connection, datetime, Sequence[RowMapping]], Iterable[Notice]]


def notice(engine: Engine, now: datetime, claim: Claim, find: Find, batch: int = BATCH) -> int:
    """Write what `find` sees of the orders that `claim` locks, and has not been written; returns how many.

    Each batch is a transaction, so several sweeps may run at once and a killed one leaves the rest to the next.
    """
    done, after = 0, ""
    while True:
        last, written = in_transaction(
            engine, partial(_one_batch, now=now, claim=claim, find=find, after=after, limit=batch)
        )
        done += written
        if last is None:
            return done
        after = last


def _one_batch(
    conn: Connection, *, now: datetime, claim: Claim, find: Find, after: str, limit: int
) -> tuple[str | None, int]:
    """(the last order claimed, reminders written); None when no order is left."""
    rows = claim(conn, now, after, limit)
    if not rows:
        return None, 0
    return rows[-1]["id"], _write(conn, now, list(find(conn, now, rows)))


def _write(conn: Connection, now: datetime, found: Sequence[Notice]) -> int:
    known: set[tuple[str, str, str]] = set()
    for action in {one.action for one in found}:
        known |= late.noticed(conn, action, [one.order["id"] for one in found])
    new = list({one.mark: one for one in found if one.mark not in known}.values())
    if not new:
        return 0
    orders.add_steps(conn, [_step(one, now) for one in new])
    outbox.enqueue(conn, [letter for one in new for letter in _letters(one)], now)
    audit.record_many(conn, at=now, entries=[_entry(one) for one in new])
    return len(new)


def _step(one: Notice, now: datetime) -> Step:
    id, reason, due = one.mark
    state = one.order["state"]
    return Step(ORDER, id, one.action, state, state, SYSTEM_ACTOR, now, reason, due)


def _entry(one: Notice) -> dict[str, Any]:
    id, reason, due = one.mark
    detail = {"reason": reason, "due": due}
    return {
        "actor": SYSTEM_ACTOR,
        "action": one.action,
        "object_kind": ORDER,
        "object_id": id,
        "detail": detail,
    }


def _letters(one: Notice) -> list[Letter]:
    id, reason, due = one.mark
    payload = {"order": id, "level": one.order["level"], "tier": one.order["tier"], "due": due, **one.more}
    key = f"{id}:{one.action}:{reason}:{due}"
    return [Letter(f"{key}:{template}:{who}", who, template, payload) for who, template in one.told]
