"""The three tiers (catalogue §4.5): raised by the office above, lowered and closed only by the office that holds them."""

from __future__ import annotations

from mingjian.domain.i18n import _
from mingjian.domain.policy import TIERS
from mingjian.domain.terms import Terms
from mingjian.supervise.attempt import Attempt
from mingjian.supervise.stamp import Effect


def may_raise(a: Attempt) -> str | None:
    """An office raises to a tier that is its own to issue."""
    tier = a.held()["tier"]
    if tier == TIERS[-1]:
        return _("已是最高督办层级")
    return _of_office(a, tier + 1) or _said_why(a)


def may_lower(a: Attempt) -> str | None:
    """Only the office that holds the tier lowers it."""
    tier = a.held()["tier"]
    if tier == TIERS[0]:
        return _("已是最低督办层级")
    return _of_office(a, tier) or _said_why(a)


def of_own_office(a: Attempt) -> str | None:
    """A matter is closed by the office that holds its tier."""
    return _of_office(a, a.held()["tier"])


def raise_one(a: Attempt, _terms: Terms) -> Effect:
    """One tier up."""
    return raised_to(a, a.held()["tier"] + 1)


def lower_one(a: Attempt, _terms: Terms) -> Effect:
    """One tier down."""
    return Effect({"tier": a.held()["tier"] - 1})


def raised_to(a: Attempt, tier: int) -> Effect:
    """At least this tier, with its card; a tier once reached is not lowered by a lesser reason."""
    reached = min(max(a.held()["tier"], tier), TIERS[-1])
    return Effect({"tier": reached}, card=reached if reached > a.held()["tier"] else None)


def _of_office(a: Attempt, tier: int) -> str | None:
    offices = a.terms.policy.tiers[tier].offices
    if a.role in offices:
        return None
    return _("{tier} 级督办只能由 {roles} 签发、降级和办结", tier=tier, roles="、".join(offices))


def _said_why(a: Attempt) -> str | None:
    return None if a.reason else _("须写明理由")
