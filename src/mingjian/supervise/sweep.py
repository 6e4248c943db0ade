"""The sweep: relight orders and raise their tier when time alone has changed them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping

from mingjian.domain.clock import Clock
from mingjian.domain.order import (
    Light,
    OrderFacts,
    OrderState,
    Rung,
    due_of,
    light_of,
    next_check,
    rungs_reached,
)
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.domain.webhook import Happened, WebhookEvent
from mingjian.run import Run
from mingjian.store import audit, orders, outbox, webhooks
from mingjian.store.orders import ORDER, Step
from mingjian.store.outbox import Letter
from mingjian.supervise.calendar import CITY_CALENDAR, WorkCalendar
from mingjian.supervise.issue import said
from mingjian.supervise.recompute import recompute_provisional

BATCH = 500
# 预警 sends no letter of its own: the reminder that falls due at the same moment says it.
LIGHTS_THAT_WRITE = (Light.URGENT, Light.ALARM)
EVENTS = {
    "light": WebhookEvent.ORDER_LIGHT,
    "remind": WebhookEvent.ORDER_REMINDED,
    "raise": WebhookEvent.ORDER_RAISED,
}


@dataclass
class Changes:
    """What one batch writes, gathered so that each table takes one statement."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)


def sweep(run: Run) -> dict[str, int]:
    """The supervise stage: settle provisional deadlines, then check every order that is due."""
    with run.engine.begin() as conn:
        settled = recompute_provisional(conn, run.clock)
    return {**settled, **sweep_due(run.engine, run.clock)}


def sweep_due(
    engine: Engine, clock: Clock, *, batch: int = BATCH, calendar: WorkCalendar = CITY_CALENDAR
) -> dict[str, int]:
    """Check every order whose `next_check` has come; returns {"checked", "lit", "reminded", "raised"}.

    Several sweeps may run at once: each claims its own rows, one transaction a batch.
    """
    counts: Counter[str] = Counter(checked=0, lit=0, reminded=0, raised=0)
    while True:
        with engine.begin() as conn:
            done = sweep_batch(conn, clock.now(), batch, calendar)
        counts.update(done)
        if not done["checked"]:
            return dict(counts)


def sweep_batch(conn: Connection, now: datetime, limit: int, calendar: WorkCalendar) -> Counter[str]:
    """Claim and settle one batch in the caller's transaction."""
    claimed = orders.claim_due(conn, now, limit)
    climbed = orders.climbed(conn, [row["id"] for row in claimed])
    changes = Changes()
    for row in claimed:
        _settle(row, climbed, now, calendar, changes)
    orders.update_orders(conn, changes.rows)
    orders.add_steps(conn, changes.steps)
    audit.record_many(conn, at=now, entries=changes.entries)
    outbox.enqueue(conn, changes.letters, now)
    webhooks.announce(conn, now, [_happened(step) for step in changes.steps])
    kinds = Counter(step.action for step in changes.steps)
    return Counter(checked=len(claimed), lit=kinds["light"], reminded=kinds["remind"], raised=kinds["raise"])


def _settle(
    row: RowMapping, climbed: set[tuple[str, str, str]], now: datetime, calendar: WorkCalendar, out: Changes
) -> None:
    """Bring one order to what its facts say now."""
    facts = OrderFacts(OrderState(row["state"]), row["accept_due"], row["finish_due"], row["accepted_at"])
    light = light_of(facts, now, calendar)
    if light != row["light"]:
        _relight(row, light, now, out)
    tier = row["tier"]
    for rung in rungs_reached(facts, now, calendar):
        due = said(due_of(facts, rung))
        if (row["id"], rung.reason, due) not in climbed:
            tier = _climb(row, rung, due, tier, now, out)
    out.rows.append(
        {
            "id": row["id"],
            "tier": tier,
            "light": light,
            "light_rank": light.rank,
            "next_check": next_check(facts, now, calendar),
        }
    )


def _relight(row: RowMapping, light: Light, now: datetime, out: Changes) -> None:
    out.steps.append(Step(ORDER, row["id"], "light", row["light"], light, SYSTEM_ACTOR, now))
    out.entries.append(_entry(row, "light", {"from": row["light"], "to": light}))
    if light in LIGHTS_THAT_WRITE:
        out.letters.append(_letter(row, f"light:{light}:{said(row['finish_due'])}", f"light_{light}"))


def _climb(row: RowMapping, rung: Rung, due: str, tier: int, now: datetime, out: Changes) -> int:
    """Take one rung: a reminder when the tier stays, else a raise. Returns the tier reached."""
    reached = max(tier, rung.tier)
    action = "raise" if reached > tier else "remind"
    out.steps.append(
        Step(
            ORDER, row["id"], action, str(tier), str(reached), SYSTEM_ACTOR, now, reason=rung.reason, note=due
        )
    )
    detail = {"from": tier, "to": reached, "reason": rung.reason, "deadline": due}
    out.entries.append(_entry(row, action, detail))
    template = "tier_raised" if action == "raise" else "reminder"
    out.letters.append(_letter(row, f"{rung.reason}:{due}", template, tier=reached, reason=rung.reason.value))
    return reached


def _happened(step: Step) -> Happened:
    """What other systems hear of; the deadline and the moment tell one rise or light from the next."""
    mark = f"{step.to_state}:{step.reason}:{step.note}:{step.at.timestamp():.0f}"
    return Happened(EVENTS[step.action], step.object_id, step.action, step.to_state, mark)


def _entry(row: RowMapping, action: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "actor": SYSTEM_ACTOR,
        "action": action,
        "object_kind": ORDER,
        "object_id": row["id"],
        "detail": detail,
    }


def _letter(row: RowMapping, key: str, template: str, **more: Any) -> Letter:
    payload = {
        "order": row["id"],
        "level": row["level"],
        "tier": row["tier"],
        "accept_due": said(row["accept_due"]),
        "finish_due": said(row["finish_due"]),
        **more,
    }
    return Letter(f"{row['id']}:{key}", row["unit_id"], template, payload)
