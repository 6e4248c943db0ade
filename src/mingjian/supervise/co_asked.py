"""Co-handlers that a routing rule names: asked in the batch that issues the orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mingjian.domain.co_handling import CoReason, CoState
from mingjian.domain.limits import Limit
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.domain.terms import Terms
from mingjian.domain.warning import WarningState
from mingjian.store import audit, co_handlers, orders, outbox
from mingjian.store.orders import WARNING, Step, order_id_of
from mingjian.store.outbox import Letter
from mingjian.supervise.co_handling import ASKED
from mingjian.supervise.issue import Assigned, said

ADD = "add_co_handler"


def ask_by_rule(conn: Connection, now: datetime, terms: Terms, batch: Sequence[Assigned]) -> None:
    """Ask the units that the rules name beside the lead of each order just issued: row, step, audit row, letter."""
    asked = [(a, unit) for a in batch for unit in a.co_handlers if unit != a.unit_id]
    if not asked:
        return
    levels = {a.level for a, _unit in asked}
    dues = {one: terms.calendar.add(now, terms.policy.days(Limit.CO_REPORT, one)).at for one in levels}
    co_handlers.ask(conn, [_row(a, unit, dues[a.level], now) for a, unit in asked])
    orders.add_steps(conn, [_step(a, unit, now) for a, unit in asked])
    outbox.enqueue(conn, [_letter(a, unit, dues[a.level]) for a, unit in asked], now)
    audit.record_many(conn, at=now, entries=[_entry(a, unit, dues[a.level]) for a, unit in asked])


def _row(a: Assigned, unit: str, due: datetime, now: datetime) -> dict[str, Any]:
    return {
        "warning_id": a.warning_id,
        "unit_id": unit,
        "state": CoState.ASKED,
        "why": CoReason.RULE,
        "task": a.rule,
        "asked_by": SYSTEM_ACTOR,
        "asked_at": now,
        "due": due,
    }


def _step(a: Assigned, unit: str, now: datetime) -> Step:
    at = WarningState.DISPATCHED
    return Step(WARNING, a.warning_id, ADD, at, at, SYSTEM_ACTOR, now, reason=a.rule, note=unit)


def _entry(a: Assigned, unit: str, due: datetime) -> dict[str, Any]:
    at = WarningState.DISPATCHED
    return {
        "actor": SYSTEM_ACTOR,
        "action": ADD,
        "object_kind": WARNING,
        "object_id": a.warning_id,
        "detail": {
            "from": at,
            "to": at,
            "reason": CoReason.RULE,
            "rule": a.rule,
            "unit": unit,
            "due": said(due),
        },
    }


def _letter(a: Assigned, unit: str, due: datetime) -> Letter:
    order_id = order_id_of(a.warning_id)
    payload = {"order": order_id, "level": a.level, "tier": 1, "part_due": said(due)}
    return Letter(f"{order_id}:{ADD}:{unit}", unit, ASKED, payload)
