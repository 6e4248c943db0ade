"""Issuing orders: everything that must become true together when triaged warnings are dispatched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.level import Level
from mingjian.domain.limits import Limit, limit_days
from mingjian.domain.order import OrderFacts, OrderState, light_of, next_check
from mingjian.domain.reason import DispatchReason
from mingjian.domain.warning import WarningState
from mingjian.domain.webhook import Happened, WebhookEvent
from mingjian.store import audit, orders, outbox, webhooks
from mingjian.store.orders import ORDER, WARNING, Step, order_id_of
from mingjian.store.outbox import Letter
from mingjian.store.tables import supervision_order, warning
from mingjian.supervise.calendar import WorkCalendar


@dataclass(frozen=True)
class Assigned:
    """A triaged warning and the unit that is to act on it; `why` says how the unit was found."""

    warning_id: str
    sector: str
    level: Level
    unit_id: str
    why: str


def issue(
    conn: Connection, now: datetime, calendar: WorkCalendar, batch: Sequence[Assigned], actor: str
) -> None:
    """Dispatch these warnings (TRIAGED, locked by the caller): orders, steps, audit rows and notices."""
    if not batch:
        return
    terms = {level: _terms(level, now, calendar) for level in {a.level for a in batch}}
    conn.execute(
        update(warning)
        .where(warning.c.id == bindparam("of_id"))
        .values(status=WarningState.DISPATCHED, unit_id=bindparam("new_unit")),
        [{"of_id": a.warning_id, "new_unit": a.unit_id} for a in batch],
    )
    conn.execute(insert(supervision_order), [_order(a, terms[a.level]) for a in batch])
    orders.add_steps(conn, [s for a in batch for s in _steps(a, actor, now)])
    audit.record_many(conn, at=now, entries=[_entry(a, terms[a.level], actor) for a in batch])
    outbox.enqueue(conn, [_notice(a, terms[a.level]) for a in batch], now)
    webhooks.announce(conn, now, [_issued(a) for a in batch])


def said(moment: datetime) -> str:
    """A moment as letters say it: city time, to the minute."""
    return moment.astimezone(CITY_TZ).strftime("%Y-%m-%d %H:%M")


def _terms(level: Level, now: datetime, calendar: WorkCalendar) -> dict[str, Any]:
    """The columns that all orders of one level issued at one moment share."""
    accept = calendar.add(now, limit_days(Limit.ACCEPT, level))
    finish = calendar.add(now, limit_days(Limit.VERIFY, level))
    facts = OrderFacts(OrderState.ISSUED, accept.at, finish.at)
    light = light_of(facts, now, calendar)
    return {
        "tier": 1,
        "state": OrderState.ISSUED,
        "light": light,
        "light_rank": light.rank,
        "issued_at": now,
        "accept_due": accept.at,
        "finish_due": finish.at,
        "due_provisional": accept.provisional or finish.provisional,
        "calendar_version": calendar.version_for(accept, finish),
        "next_check": next_check(facts, now, calendar),
    }


def _order(a: Assigned, terms: dict[str, Any]) -> dict[str, Any]:
    return {"id": order_id_of(a.warning_id), "warning_id": a.warning_id, "unit_id": a.unit_id, **terms}


def _steps(a: Assigned, actor: str, now: datetime) -> list[Step]:
    """The order's first step also keeps its limit, so that a provisional deadline can be computed again."""
    days = str(limit_days(Limit.VERIFY, a.level))
    order_id = order_id_of(a.warning_id)
    return [
        Step(
            WARNING,
            a.warning_id,
            "dispatch",
            WarningState.TRIAGED,
            WarningState.DISPATCHED,
            actor,
            now,
            reason=DispatchReason.DISPATCHED,
        ),
        Step(ORDER, order_id, "issue", "", OrderState.ISSUED, actor, now, reason=Limit.VERIFY, note=days),
    ]


def _entry(a: Assigned, terms: dict[str, Any], actor: str) -> dict[str, Any]:
    return {
        "actor": actor,
        "action": "dispatch",
        "object_kind": WARNING,
        "object_id": a.warning_id,
        "detail": {
            "from": WarningState.TRIAGED,
            "to": WarningState.DISPATCHED,
            "reason": DispatchReason.DISPATCHED,
            "order": order_id_of(a.warning_id),
            "unit": a.unit_id,
            "unit_reason": a.why,
            "accept_due": said(terms["accept_due"]),
            "finish_due": said(terms["finish_due"]),
            "calendar": terms["calendar_version"],
        },
    }


def _issued(a: Assigned) -> Happened:
    return Happened(
        WebhookEvent.ORDER_ISSUED, order_id_of(a.warning_id), "issue", OrderState.ISSUED, mark="issued"
    )


def _notice(a: Assigned, terms: dict[str, Any]) -> Letter:
    order_id = order_id_of(a.warning_id)
    return Letter(
        idempotency_key=f"{order_id}:issued",
        recipient=a.unit_id,
        template="order_issued",
        payload={
            "order": order_id,
            "level": a.level,
            "tier": 1,
            "accept_due": said(terms["accept_due"]),
            "finish_due": said(terms["finish_due"]),
        },
    )
