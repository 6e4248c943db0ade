"""What a step does to the order besides its state: deadlines, acceptance, tier, unit, light."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

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
from mingjian.domain.warning import REOPENINGS
from mingjian.supervise import evaluations, extensions, takeover, tiers, transfers
from mingjian.supervise.attempt import Attempt
from mingjian.supervise.campaign import road
from mingjian.supervise.stamp import Effect, days_of, stamp

TOP_TIER = 3
PARTIAL_TIER = 2


def order_columns(attempt: Attempt, to: OrderState, terms: Terms) -> Effect:
    """All columns of the order that this step changes. The attempt has an order."""
    order = attempt.held()
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
    return Effect(columns, effect.stamped, effect.card)


def _next_look(facts: OrderFacts, now: datetime, terms: Terms) -> datetime | None:
    """At once when a rung may still have to be written (late acceptance), else when time changes it."""
    return now if rungs_reached(facts, now, terms) else next_check(facts, now, terms)


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


def _plan_due(attempt: Attempt, terms: Terms) -> Effect:
    return road.plan_due(attempt, terms) or stamp(attempt, terms, Limit.PLAN)


def _rectify_due(attempt: Attempt, terms: Terms) -> Effect:
    return road.finish_due(attempt, terms) or stamp(attempt, terms, Limit.RECTIFY)


def _verify_again(attempt: Attempt, terms: Terms) -> Effect:
    """A reopened matter gets a share of the first limit and comes back one tier higher (catalogue §4.7).

    From the n-th reopening on it stands at least at the policy's tier, even where the tier was lowered in between.
    """
    often = terms.policy.reopening.least_tier(len(attempt.steps(*REOPENINGS)))
    return _shared(attempt, terms, Limit.VERIFY, max(attempt.held()["tier"] + 1, often))


def _recheck_partial(attempt: Attempt, terms: Terms) -> Effect:
    """What is left is to be put right in a share of the limit, under tier 2 at least."""
    return _shared(attempt, terms, Limit.RECTIFY, PARTIAL_TIER)


def _reopened(attempt: Attempt, terms: Terms) -> Effect:
    """The new clock runs from the reopening: the old deadline, long past, must light no alarm."""
    tier = TOP_TIER if attempt.step.action == "recheck_false" else attempt.held()["tier"]
    return _shared(attempt, terms, Limit.VERIFY, tier)


def _shared(attempt: Attempt, terms: Terms, limit: Limit, tier: int) -> Effect:
    """The reopening's share of a limit, at this tier at least."""
    days = terms.policy.reopening.days(days_of(attempt, terms, limit))
    stamped, raised = stamp(attempt, terms, limit, days), tiers.raised_to(attempt, tier)
    return Effect({**stamped.columns, **raised.columns}, stamped.stamped, raised.card)


def _resume(attempt: Attempt, terms: Terms) -> Effect:
    """The working days that were left at suspension are given back; what was overdue stays overdue."""
    order = attempt.held()
    stopped = attempt.steps("suspend")[-1]["at"]
    if stopped >= order["finish_due"]:
        return Effect()
    calendar = terms.calendar
    left = max(calendar.between(stopped, order["finish_due"]), 1)
    limit = Limit(attempt.steps("issue", "stamp")[-1]["reason"])
    effect = stamp(attempt, terms, limit, left)
    if order["accepted_at"] is None and stopped < order["accept_due"]:
        accept = calendar.add(attempt.now, max(calendar.between(stopped, order["accept_due"]), 1))
        return Effect({**effect.columns, "accept_due": accept.at}, effect.stamped)
    return effect


EFFECTS: dict[str, Callable[[Attempt, Terms], Effect]] = {
    "sign": _sign,
    "accept": _accept,
    "accept_and_propose": _accept,
    "propose_transfer": transfers.propose,
    "object_transfer": transfers.objection,
    "rule_transfer": transfers.taken,
    "take_transfer": transfers.taken,
    "return_transfer": transfers.settled,
    "third_transfer": takeover.after_third_transfer,
    "confirm": _plan_due,
    "plan": _rectify_due,
    "return_rectify": evaluations.sent_back,
    "verify_again": _verify_again,
    "recheck_partial": _recheck_partial,
    **dict.fromkeys(REOPENINGS, _reopened),
    "resume": _resume,
    "grant_extension": extensions.grant,
    "third_extension": extensions.spent,
    "raise_tier": tiers.raise_one,
    "lower_tier": tiers.lower_one,
    "take_over": takeover.begin,
    "leader_sign": takeover.sign,
    "hold_meeting": takeover.meet,
    "hand_back": takeover.hand_back,
}
