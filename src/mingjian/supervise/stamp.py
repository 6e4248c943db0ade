"""What a step does to its order, and how a deadline is set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mingjian.domain.level import Level
from mingjian.domain.limits import Limit
from mingjian.domain.terms import Terms
from mingjian.domain.workdays import Deadline
from mingjian.supervise.attempt import Attempt


@dataclass(frozen=True)
class Effect:
    """Changed columns of the order; `stamped` names limit and days of a deadline set anew, `card` the tier that gives one."""

    columns: dict[str, Any] = field(default_factory=dict)
    stamped: tuple[Limit, float] | None = None
    card: int | None = None


def days_of(attempt: Attempt, terms: Terms, limit: Limit) -> float:
    """Working days of a limit for this warning's level."""
    return terms.policy.days(limit, Level(attempt.warning["level"]))


def stamp(attempt: Attempt, terms: Terms, limit: Limit, days: float | None = None) -> Effect:
    """A new deadline from now: the limit's own days, or `days` of it."""
    count = days_of(attempt, terms, limit) if days is None else days
    return Effect(moved_to(terms, terms.calendar.add(attempt.now, count)).columns, (limit, count))


def moved_to(terms: Terms, due: Deadline) -> Effect:
    """The work's deadline at this moment, without a limit of its own."""
    return Effect(
        {
            "finish_due": due.at,
            "due_provisional": due.provisional,
            "calendar_version": terms.calendar.version_for(due),
        }
    )
