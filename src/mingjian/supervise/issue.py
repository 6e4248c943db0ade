"""Issuing orders: everything that must become true together when triaged warnings are dispatched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.level import Level
from mingjian.domain.limits import Limit
from mingjian.domain.order import OrderFacts, OrderState, light_of, next_check
from mingjian.domain.reason import DispatchReason
from mingjian.domain.routing import RoutingReason
from mingjian.domain.terms import Terms
from mingjian.domain.warning import WarningState
from mingjian.domain.webhook import Happened, WebhookEvent
from mingjian.store import audit, duties, orders, organisation, outbox, policies, webhooks
from mingjian.store.duties import OnDuty
from mingjian.store.orders import ORDER, WARNING, Step, order_id_of
from mingjian.store.outbox import Letter

FIRST_LIMITS = (Limit.SIGN, Limit.ACCEPT, Limit.VERIFY)  # what an order is stamped with when it is issued


@dataclass(frozen=True)
class Assigned:
    """A triaged warning and the unit that is to act on it.

    `why` says how the unit was found, `rule` by which routing rule ("" where a person chose), `routing` what else the
    audit row keeps of that; `co_handlers` are units to be asked for a part beside the lead.
    """

    warning_id: str
    sector: str
    level: Level
    unit_id: str
    why: RoutingReason
    rule: str = ""
    routing: Mapping[str, Any] = field(default_factory=dict)
    co_handlers: tuple[str, ...] = ()


def issue(conn: Connection, now: datetime, terms: Terms, batch: Sequence[Assigned], actor: str) -> None:
    """Dispatch these warnings (TRIAGED, locked by the caller): orders, steps, audit rows and notices.

    A unit that was merged meanwhile is replaced by its successor.
    """
    if not batch:
        return
    standing = organisation.standing(conn, {a.unit_id for a in batch})
    batch = [replace(a, unit_id=standing.get(a.unit_id, a.unit_id)) for a in batch]
    urgent = {a.unit_id for a in batch if a.level is Level.HIGH}
    watch = duties.on_duty(conn, urgent, now) if urgent else {}
    policies.keep(conn, terms.policy, now)
    stamps = {level: _stamps(level, now, terms) for level in {a.level for a in batch}}
    orders.hand_over(conn, {a.warning_id: a.unit_id for a in batch})
    orders.add_orders(conn, [_order(a, stamps[a.level]) for a in batch])
    orders.add_steps(conn, [s for a in batch for s in _steps(a, terms, actor, now)])
    outbox.enqueue(conn, [_notice(a, stamps[a.level], watch.get(a.unit_id, [])) for a in batch], now)
    webhooks.announce(conn, now, [_issued(a) for a in batch])
    audit.record_many(conn, at=now, entries=[_entry(a, stamps[a.level], actor) for a in batch])


def said(moment: datetime) -> str:
    """A moment as letters say it: city time, to the minute."""
    return moment.astimezone(CITY_TZ).strftime("%Y-%m-%d %H:%M")


def _stamps(level: Level, now: datetime, terms: Terms) -> dict[str, Any]:
    """The columns that all orders of one level issued at one moment share."""
    dues = {limit: terms.calendar.add(now, terms.policy.days(limit, level)) for limit in FIRST_LIMITS}
    sign, accept, finish = dues.values()
    facts = OrderFacts(OrderState.ISSUED, accept.at, finish.at, sign_due=sign.at)
    light = light_of(facts, now, terms)
    return {
        "tier": 1,
        "state": OrderState.ISSUED,
        "light": light,
        "light_rank": light.rank,
        "issued_at": now,
        "sign_due": sign.at,
        "accept_due": accept.at,
        "finish_due": finish.at,
        "due_provisional": any(due.provisional for due in dues.values()),
        "calendar_version": terms.calendar.version_for(*dues.values()),
        "policy_version": terms.policy.version,
        "next_check": next_check(facts, now, terms),
    }


def _order(a: Assigned, stamps: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": order_id_of(a.warning_id),
        "warning_id": a.warning_id,
        "unit_id": a.unit_id,
        "routed_why": a.why,
        "routed_rule": a.rule,
        **stamps,
    }


def _steps(a: Assigned, terms: Terms, actor: str, now: datetime) -> list[Step]:
    """The order's first step also keeps its limit, so that a provisional deadline can be computed again."""
    days = f"{terms.policy.days(Limit.VERIFY, a.level):g}"
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


def _entry(a: Assigned, stamps: dict[str, Any], actor: str) -> dict[str, Any]:
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
            **({"rule": a.rule} if a.rule else {}),
            **a.routing,
            "sign_due": said(stamps["sign_due"]),
            "accept_due": said(stamps["accept_due"]),
            "finish_due": said(stamps["finish_due"]),
            "calendar": stamps["calendar_version"],
            "policy": stamps["policy_version"],
        },
    }


def _issued(a: Assigned) -> Happened:
    return Happened(
        WebhookEvent.ORDER_ISSUED, order_id_of(a.warning_id), "issue", OrderState.ISSUED, mark="issued"
    )


def _notice(a: Assigned, stamps: dict[str, Any], watch: Sequence[OnDuty]) -> Letter:
    """The notice of a serious matter also names, by account, who is on duty: the channels may ring them."""
    on_duty = {"on_duty": [one.user_id for one in watch]} if a.level is Level.HIGH and watch else {}
    order_id = order_id_of(a.warning_id)
    return Letter(
        idempotency_key=f"{order_id}:issued",
        recipient=a.unit_id,
        template="order_issued",
        payload={
            "order": order_id,
            "level": a.level,
            "tier": 1,
            "sign_due": said(stamps["sign_due"]),
            "accept_due": said(stamps["accept_due"]),
            "finish_due": said(stamps["finish_due"]),
            **on_duty,
        },
    )
