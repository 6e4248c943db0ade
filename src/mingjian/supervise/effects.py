"""What a step does to the order besides its state: deadlines, acceptance, tier, unit, light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mingjian.domain.level import Level
from mingjian.domain.limits import Limit
from mingjian.domain.order import (
    CLOCK_RUNS,
    OrderFacts,
    OrderState,
    facts_of,
    light_of,
    next_check,
    rungs_reached,
)
from mingjian.domain.terms import Terms
from mingjian.supervise.guards import Attempt

TOP_TIER = 3


@dataclass(frozen=True)
class Effect:
    """Changed columns of the order; `stamped` names the limit and its days when the deadline was set anew."""

    columns: dict[str, Any] = field(default_factory=dict)
    stamped: tuple[Limit, float] | None = None


def order_columns(attempt: Attempt, to: OrderState, terms: Terms) -> Effect:
    """All columns of the order that this step changes. The attempt has an order."""
    order = _order(attempt)
    effect = EFFECTS[attempt.step.action](attempt, terms) if attempt.step.action in EFFECTS else Effect()
    row = {**order, **effect.columns, "state": to}
    facts = facts_of(row)
    light = light_of(facts, attempt.now, terms)
    columns = {
        **effect.columns,
        "state": to,
        "finished_at": _finished_at(to, order, attempt.now),
        "light": light,
        "light_rank": light.rank,
        "next_check": _next_look(facts, attempt.now, terms),
    }
    return Effect(columns, effect.stamped)


def _next_look(facts: OrderFacts, now: datetime, terms: Terms) -> datetime | None:
    """At once when a rung may still have to be written (late acceptance), else when time changes it."""
    return now if rungs_reached(facts, now, terms) else next_check(facts, now, terms)


def _order(attempt: Attempt) -> dict[str, Any]:
    return dict(attempt.order or {})


def _finished_at(to: OrderState, order: dict[str, Any], now: datetime) -> datetime | None:
    """When the unit handed its work in; empty again when it is given back."""
    if to in CLOCK_RUNS:
        return None
    if to in (OrderState.SUSPENDED, OrderState.FROZEN):
        return order["finished_at"]
    return order["finished_at"] or now


def _sign(attempt: Attempt, _terms: Terms) -> Effect:
    return Effect({"signed_at": attempt.now})


def _accept(attempt: Attempt, _terms: Terms) -> Effect:
    return Effect({"accepted_at": attempt.now})


def _take_transfer(attempt: Attempt, _terms: Terms) -> Effect:
    accepted = _order(attempt)["accepted_at"] or attempt.now
    return Effect({"unit_id": attempt.unit_id, "accepted_at": accepted})


def _plan_due(attempt: Attempt, terms: Terms) -> Effect:
    return _stamp(attempt, terms, Limit.PLAN, _days(attempt, terms, Limit.PLAN))


def _rectify_due(attempt: Attempt, terms: Terms) -> Effect:
    return _stamp(attempt, terms, Limit.RECTIFY, _days(attempt, terms, Limit.RECTIFY))


def _verify_again(attempt: Attempt, terms: Terms) -> Effect:
    """A reopened matter gets a share of the first limit and comes back one tier higher, or more if it comes often."""
    reopening = terms.policy.reopening
    stamped = _stamp(attempt, terms, Limit.VERIFY, reopening.days(_days(attempt, terms, Limit.VERIFY)))
    often = reopening.least_tier(len(attempt.steps("reopen")))
    tier = min(max(_order(attempt)["tier"] + 1, often), TOP_TIER)
    return Effect({**stamped.columns, "tier": tier}, stamped.stamped)


def _resume(attempt: Attempt, terms: Terms) -> Effect:
    """The working days that were left at suspension are given back; what was overdue stays overdue."""
    order = _order(attempt)
    stopped = attempt.steps("suspend")[-1]["at"]
    if stopped >= order["finish_due"]:
        return Effect()
    calendar = terms.calendar
    left = max(calendar.between(stopped, order["finish_due"]), 1)
    limit = Limit(attempt.steps("issue", "stamp")[-1]["reason"])
    effect = _stamp(attempt, terms, limit, left)
    if order["accepted_at"] is None and stopped < order["accept_due"]:
        accept = calendar.add(attempt.now, max(calendar.between(stopped, order["accept_due"]), 1))
        return Effect({**effect.columns, "accept_due": accept.at}, effect.stamped)
    return effect


def _days(attempt: Attempt, terms: Terms, limit: Limit) -> float:
    return terms.policy.days(limit, Level(attempt.warning["level"]))


def _stamp(attempt: Attempt, terms: Terms, limit: Limit, days: float) -> Effect:
    due = terms.calendar.add(attempt.now, days)
    columns = {
        "finish_due": due.at,
        "due_provisional": due.provisional,
        "calendar_version": terms.calendar.version_for(due),
    }
    return Effect(columns, (limit, days))


EFFECTS: dict[str, Callable[[Attempt, Terms], Effect]] = {
    "sign": _sign,
    "accept": _accept,
    "take_transfer": _take_transfer,
    "confirm": _plan_due,
    "plan": _rectify_due,
    "verify_again": _verify_again,
    "resume": _resume,
}
