"""The sweep: relight orders and raise their tier when time alone has changed them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping

from mingjian.domain.clock import Clock
from mingjian.domain.ladder import Rung
from mingjian.domain.order import Light, OrderFacts, due_of, facts_of, light_of, next_check, rungs_reached
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.domain.terms import Terms
from mingjian.domain.webhook import Happened, WebhookEvent
from mingjian.run import Run
from mingjian.store import audit, cards, orders, outbox, policies, webhooks
from mingjian.store.cards import Given
from mingjian.store.orders import ORDER, Step
from mingjian.store.outbox import Letter
from mingjian.store.retry import in_transaction
from mingjian.supervise.followup import follow_up
from mingjian.supervise.issue import said
from mingjian.supervise.recompute import recompute_provisional
from mingjian.supervise.remembered import RememberedDays
from mingjian.supervise.terms import terms_of, under

BATCH = 500
MOST_DUE = 100_000  # after long downtime the rest comes with the next look
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
    cards: list[Given] = field(default_factory=list)


def sweep(run: Run) -> dict[str, int]:
    """The supervise stage: settle provisional deadlines, then check every order that is due."""
    terms = terms_of(run.content)
    settled = recompute_provisional(run.engine, run.clock, terms)
    swept = sweep_due(run.engine, run.clock, terms)
    return {**settled, **swept, **follow_up(run.engine, run.clock, terms)}


def sweep_due(
    engine: Engine,
    clock: Clock,
    terms: Terms,
    *,
    batch: int = BATCH,
    most: int = MOST_DUE,
) -> dict[str, int]:
    """Check every order whose `next_check` has come; returns {"checked", "lit", "reminded", "raised"}.

    Several sweeps may run at once: each claims its own rows, one transaction a batch. A batch that breaks off leaves
    nothing behind, and is run again when the server comes back. At most `most` orders are listed at a time.
    """
    now = clock.now()
    remembered = replace(terms, calendar=RememberedDays(terms.calendar))
    counts: Counter[str] = Counter(checked=0, lit=0, reminded=0, raised=0)
    while True:
        due = in_transaction(engine, lambda conn: orders.due_orders(conn, now, most))
        before = counts["checked"]
        for ids in _batches(due, batch):
            counts.update(
                in_transaction(engine, partial(sweep_batch, now=now, limit=batch, terms=remembered, ids=ids))
            )
        if len(due) < most or counts["checked"] == before:
            return dict(counts)


def _batches(due: Sequence[tuple[str, str]], batch: int) -> Iterator[list[str]]:
    """Orders of whole units, as many as fill a batch; only a unit that fills more than one is cut."""
    ids: list[str] = []
    for _unit, mine in groupby(due, key=itemgetter(1)):
        of_unit = [order for order, _ in mine]
        if ids and len(ids) + len(of_unit) > batch:
            yield ids
            ids = []
        ids += of_unit
        while len(ids) > batch:
            yield ids[:batch]
            ids = ids[batch:]
    if ids:
        yield ids


def sweep_batch(
    conn: Connection, now: datetime, limit: int, terms: Terms, ids: Sequence[str] | None = None
) -> Counter[str]:
    """Claim and settle one batch (of these orders) in the caller's transaction."""
    claimed = orders.claim_due(conn, now, limit, ids)
    climbed = orders.climbed(conn, [row["id"] for row in claimed])
    known = policies.known(conn) if claimed else {}
    changes = Changes()
    for row in claimed:
        _settle(row, climbed, now, under(terms, row["policy_version"], known), changes)
    orders.update_orders(conn, changes.rows)
    orders.add_steps(conn, changes.steps)
    cards.give(conn, changes.cards)
    outbox.enqueue(conn, changes.letters, now)
    webhooks.announce(conn, now, [_happened(step) for step in changes.steps])
    audit.record_many(conn, at=now, entries=changes.entries)
    kinds = Counter(step.action for step in changes.steps)
    return Counter(checked=len(claimed), lit=kinds["light"], reminded=kinds["remind"], raised=kinds["raise"])


def _settle(
    row: RowMapping, climbed: set[tuple[str, str, str]], now: datetime, terms: Terms, out: Changes
) -> None:
    """Bring one order to what its facts say now, through every light and rung it slept through, in order."""
    facts = facts_of(dict(row))
    last = light_of(facts, now, terms)
    light, tier = Light(row["light"]), row["tier"]
    for moment in _moments(row["next_check"], facts, now, terms):
        shown = light_of(facts, moment, terms)
        if shown is not light:
            _relight(row, light, shown, moment, now, out)
            if (
                shown is last and shown in LIGHTS_THAT_WRITE
            ):  # a light that has already passed says nothing new
                key = f"light:{shown}:{said(row['finish_due'])}"
                out.letters.append(_letter(row, key, f"light_{shown}", tier=tier))
            light = shown
        for rung in rungs_reached(facts, moment, terms):
            due = said(due_of(facts, rung) or now)
            if (row["id"], rung.reason, due) not in climbed:
                climbed.add((row["id"], rung.reason, due))
                tier = _climb(row, rung, due, tier, moment, now, out)
                color = terms.policy.tiers[rung.tier].card
                out.cards.append(Given(row["id"], row["unit_id"], rung.tier, color, rung.reason, now))
    out.rows.append(
        {
            "id": row["id"],
            "tier": tier,
            "light": light,
            "light_rank": light.rank,
            "next_check": next_check(facts, now, terms),
        }
    )


def _moments(first: datetime, facts: OrderFacts, now: datetime, terms: Terms) -> Iterator[datetime]:
    """The moments up to now at which light or tier could change, from the check that is due; now at last."""
    moment: datetime | None = first
    while moment is not None and moment < now:
        yield moment
        moment = next_check(facts, moment, terms)
    yield now


def _relight(
    row: RowMapping, before: Light, light: Light, moment: datetime, now: datetime, out: Changes
) -> None:
    due = said(row["finish_due"])
    out.steps.append(Step(ORDER, row["id"], "light", before, light, SYSTEM_ACTOR, now, note=due))
    out.entries.append(_entry(row, "light", {"from": before, "to": light, "fell_due": said(moment)}))


def _climb(
    row: RowMapping, rung: Rung, due: str, tier: int, moment: datetime, now: datetime, out: Changes
) -> int:
    """Take one rung: a reminder when the tier stays, else a raise. Returns the tier reached."""
    reached = max(tier, rung.tier)
    action = "raise" if reached > tier else "remind"
    out.steps.append(
        Step(
            ORDER, row["id"], action, str(tier), str(reached), SYSTEM_ACTOR, now, reason=rung.reason, note=due
        )
    )
    detail = {
        "from": tier,
        "to": reached,
        "reason": rung.reason,
        "deadline": due,
        "fell_due": said(moment),
    }
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
        "sign_due": said(row["sign_due"]) if row["sign_due"] else "",
        "accept_due": said(row["accept_due"]),
        "finish_due": said(row["finish_due"]),
        **more,
    }
    return Letter(f"{row['id']}:{key}", row["unit_id"], template, payload)
