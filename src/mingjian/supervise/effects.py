"""What a step does to the order besides its state: deadlines, acceptance, tier, unit, light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mingjian.domain.level import Level
from mingjian.domain.limits import Limit, limit_days
from mingjian.domain.order import (
    CLOCK_RUNS,
    OrderFacts,
    OrderState,
    light_of,
    next_check,
    rungs_reached,
)
from mingjian.domain.warning import REOPENINGS
from mingjian.supervise.calendar import WorkCalendar
from mingjian.supervise.guards import Attempt

TOP_TIER = 3
PARTIAL_TIER = 2


@dataclass(frozen=True)
class Effect:
    """Changed columns of the order; `stamped` names the limit and its days when the deadline was set anew."""

    columns: dict[str, Any] = field(default_factory=dict)
    stamped: tuple[Limit, int] | None = None


def order_columns(attempt: Attempt, to: OrderState, calendar: WorkCalendar) -> Effect:
    """All columns of the order that this step changes. The attempt has an order."""
    order = _order(attempt)
    effect = EFFECTS[attempt.step.action](attempt, calendar) if attempt.step.action in EFFECTS else Effect()
    row = {**order, **effect.columns, "state": to}
    facts = OrderFacts(to, row["accept_due"], row["finish_due"], row["accepted_at"])
    light = light_of(facts, attempt.now, calendar)
    columns = {
        **effect.columns,
        "state": to,
        "finished_at": _finished_at(to, order, attempt.now),
        "light": light,
        "light_rank": light.rank,
        "next_check": _next_look(facts, attempt.now, calendar),
    }
    return Effect(columns, effect.stamped)


def _next_look(facts: OrderFacts, now: datetime, calendar: WorkCalendar) -> datetime | None:
    """At once when a rung may still have to be written (late acceptance), else when time changes it."""
    return now if rungs_reached(facts, now, calendar) else next_check(facts, now, calendar)


def _order(attempt: Attempt) -> dict[str, Any]:
    return dict(attempt.order or {})


def _finished_at(to: OrderState, order: dict[str, Any], now: datetime) -> datetime | None:
    """When the unit handed its work in; empty again when it is given back."""
    if to in CLOCK_RUNS:
        return None
    if to in (OrderState.SUSPENDED, OrderState.FROZEN):
        return order["finished_at"]
    return order["finished_at"] or now


def _accept(attempt: Attempt, _calendar: WorkCalendar) -> Effect:
    return Effect({"accepted_at": attempt.now})


def _take_transfer(attempt: Attempt, _calendar: WorkCalendar) -> Effect:
    accepted = _order(attempt)["accepted_at"] or attempt.now
    return Effect({"unit_id": attempt.unit_id, "accepted_at": accepted})


def _plan_due(attempt: Attempt, calendar: WorkCalendar) -> Effect:
    return _stamp(attempt, calendar, Limit.PLAN, limit_days(Limit.PLAN, Level(attempt.warning["level"])))


def _rectify_due(attempt: Attempt, calendar: WorkCalendar) -> Effect:
    days = limit_days(Limit.RECTIFY, Level(attempt.warning["level"]))
    return _stamp(attempt, calendar, Limit.RECTIFY, days)


def _verify_again(attempt: Attempt, calendar: WorkCalendar) -> Effect:
    """A reopened matter gets half the first limit and comes back one tier higher (catalogue §4.7).

    The second reopening comes at tier 2 at least, the third at tier 3, even where the tier was lowered in between.
    """
    reopenings = len(attempt.steps(*REOPENINGS))
    tier = max(_order(attempt)["tier"] + 1, reopenings)
    return _halved(attempt, calendar, Limit.VERIFY, tier)


def _recheck_partial(attempt: Attempt, calendar: WorkCalendar) -> Effect:
    """What is left is to be put right in half the limit, under tier 2 at least."""
    return _halved(attempt, calendar, Limit.RECTIFY, max(_order(attempt)["tier"], PARTIAL_TIER))


def _reopened(attempt: Attempt, calendar: WorkCalendar) -> Effect:
    """The new clock runs from the reopening: the old deadline, long past, must light no alarm."""
    tier = TOP_TIER if attempt.step.action == "recheck_false" else _order(attempt)["tier"]
    return _halved(attempt, calendar, Limit.VERIFY, tier)


def _halved(attempt: Attempt, calendar: WorkCalendar, limit: Limit, tier: int) -> Effect:
    half = -(-limit_days(limit, Level(attempt.warning["level"])) // 2)
    stamped = _stamp(attempt, calendar, limit, half)
    return Effect({**stamped.columns, "tier": min(tier, TOP_TIER)}, stamped.stamped)


def _resume(attempt: Attempt, calendar: WorkCalendar) -> Effect:
    """The working days that were left at suspension are given back; what was overdue stays overdue."""
    order = _order(attempt)
    stopped = attempt.steps("suspend")[-1]["at"]
    if stopped >= order["finish_due"]:
        return Effect()
    left = max(calendar.between(stopped, order["finish_due"]), 1)
    limit = Limit(attempt.steps("issue", "stamp")[-1]["reason"])
    effect = _stamp(attempt, calendar, limit, left)
    if order["accepted_at"] is None and stopped < order["accept_due"]:
        accept = calendar.add(attempt.now, max(calendar.between(stopped, order["accept_due"]), 1))
        return Effect({**effect.columns, "accept_due": accept.at}, effect.stamped)
    return effect


def _stamp(attempt: Attempt, calendar: WorkCalendar, limit: Limit, days: int) -> Effect:
    due = calendar.add(attempt.now, days)
    columns = {
        "finish_due": due.at,
        "due_provisional": due.provisional,
        "calendar_version": calendar.version_for(due),
    }
    return Effect(columns, (limit, days))


EFFECTS: dict[str, Callable[[Attempt, WorkCalendar], Effect]] = {
    "accept": _accept,
    "take_transfer": _take_transfer,
    "confirm": _plan_due,
    "plan": _rectify_due,
    "verify_again": _verify_again,
    "recheck_partial": _recheck_partial,
    **dict.fromkeys(REOPENINGS, _reopened),
    "resume": _resume,
}
