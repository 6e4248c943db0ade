"""Urging: a dispatcher reminds a unit of an order in hand, at most once a working day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from mingjian.domain.errors import MingjianError, NotFound, TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.order import CLOCK_RUNS, OrderState
from mingjian.domain.roles import Role
from mingjian.domain.webhook import Happened, WebhookEvent
from mingjian.domain.workdays import WorkingDays
from mingjian.store import audit, orders, outbox, webhooks
from mingjian.store.orders import ORDER, Step
from mingjian.store.outbox import Letter
from mingjian.supervise.bulk import By, Item, Outcome
from mingjian.supervise.issue import said

URGES = (Role.R3,)


def urge_many(conn: Connection, by: By, items: Sequence[Item], note: str = "") -> list[Outcome]:
    """Urge the orders of these warnings: a step, a letter and an audited row each; outcomes in the items' order."""
    ids = [i.warning_id for i in items]
    seen = orders.lock_warnings(conn, ids, by.scope)
    found = orders.lock_orders(conn, seen)
    last = orders.last_urged(conn, [row["id"] for row in found.values()])
    now = by.clock.now()
    refused = {
        i: error
        for i in ids
        if (error := _objection(i, found.get(i), last, now, by.terms.calendar, by.role, i in seen))
    }
    urged = [row for i, row in found.items() if i not in refused]
    _write(conn, by, urged, now, note.strip())
    return [
        Outcome(i, error=refused[i]) if i in refused else Outcome(i, state=found[i]["state"]) for i in ids
    ]


def _objection(
    id: str,
    row: RowMapping | None,
    last: Mapping[str, datetime],
    now: datetime,
    calendar: WorkingDays,
    role: Role,
    seen: bool,
) -> MingjianError | None:
    if not seen:
        return NotFound(_("没有预警 {id}，或不在您的查看范围内", id=id), hint=_("请核对编号"))
    if role not in URGES:
        return TransitionError(_("只有分办员可以催办"), hint=_("请联系分办员"))
    if row is None:
        return TransitionError(_("{id} 还没有督办单", id=id), hint=_("先分办，再办理"))
    if OrderState(row["state"]) not in CLOCK_RUNS:
        return TransitionError(
            _("督办单 {id} 此时不由承办单位办理，不能催办", id=row["id"]), hint=_("请查看办理记录")
        )
    before = last.get(row["id"])
    if before is not None and calendar.between(before, now) < 1:
        return TransitionError(
            _("督办单 {id} 已于 {at} 催办过", id=row["id"], at=said(before)), hint=_("下一个工作日可再次催办")
        )
    return None


def _write(conn: Connection, by: By, urged: Sequence[RowMapping], now: datetime, note: str) -> None:
    if not urged:
        return
    orders.add_steps(
        conn,
        [Step(ORDER, r["id"], "urge", r["state"], r["state"], by.actor, now, note=note) for r in urged],
    )
    entries = [
        {
            "actor": by.actor,
            "action": "urge",
            "object_kind": ORDER,
            "object_id": r["id"],
            "detail": {"state": r["state"], "role": by.role, "unit": r["unit_id"], "note": note},
        }
        for r in urged
    ]
    audit.record_many(conn, at=now, entries=entries)
    outbox.enqueue(conn, [_letter(r, now) for r in urged], now)
    webhooks.announce(conn, now, [_happened(r, now) for r in urged])


def _letter(row: RowMapping, now: datetime) -> Letter:
    payload = {
        "order": row["id"],
        "level": row["level"],
        "tier": row["tier"],
        "accept_due": said(row["accept_due"]),
        "finish_due": said(row["finish_due"]),
    }
    return Letter(f"{row['id']}:urge:{said(now)}", row["unit_id"], "urged", payload)


def _happened(row: RowMapping, now: datetime) -> Happened:
    return Happened(WebhookEvent.ORDER_URGED, row["id"], "urge", row["state"], mark=said(now))
