"""A visit: somebody will look at a matter at this moment, and what is remembered of it until then."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from mingjian.domain.clock import CITY_TZ


@dataclass(frozen=True, order=True)
class Visit:
    """`state` is the one in which the matter was left, `last` the step taken last.

    `n` is how many visits there were, `tries` how many of them in vain at one stretch,
    `aim` is the unit to which a transfer was proposed, `helper` the one asked for a part,
    `lead` the matter of which this one is a duplicate,
    `wishes` the steps that its road has still in store.
    """

    at: datetime
    id: str
    unit: str | None = field(default=None, compare=False)
    district: str | None = field(default=None, compare=False)
    level: str = field(default="", compare=False)
    state: str = field(default="", compare=False)
    last: str = field(default="", compare=False)
    n: int = field(default=0, compare=False)
    tries: int = field(default=0, compare=False)
    aim: str | None = field(default=None, compare=False)
    lead: str | None = field(default=None, compare=False)
    helper: str | None = field(default=None, compare=False)
    wishes: tuple[str, ...] = field(default=(), compare=False)


@dataclass
class Tally:
    """What happened, counted; tallies of several workers add up.

    `taken` by role and step, `refused` by step and kind of refusal, `unknown` offered steps that no table knows, `bad`
    requests that were refused as they must be, `let_through` those that were not, with what was answered instead.
    """

    taken: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)
    let_through: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    stranded: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count what the other one counted as well."""
        for name, counts in vars(other).items():
            getattr(self, name).update(counts)


def local(moment: datetime) -> datetime:
    """The same moment as the city's clocks show it."""
    return moment.astimezone(CITY_TZ)
