"""What is simulated: how large a city, for how long, and from which seed everything is drawn."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY = date(2025, 11, 22)
LAST_PUBLISHED = date(
    2026, 12, 31
)  # holidays are published until here: beyond, deadlines would be provisional


@dataclass(frozen=True)
class Scenario:
    """One run. The same scenario gives the same figures, whatever the machine and the number of workers.

    `pace` multiplies every delay of people, `rare` the chance of steps that seldom happen: a soak of a few days takes
    them all with a quick city in which much goes wrong. `fails` is the share of messages whose first try fails,
    `bad` the share of visits that come with a request which must be refused. With `every_step` the matters follow the
    roads of `roads.py` one after the other, so that few of them see the whole table.
    """

    units: int = 2_500
    days: int = 365
    warnings: int = 40_000
    seed: int = 20_261
    first: date = FIRST_DAY
    pace: float = 1.0
    rare: float = 1.0
    fails: float = 0.02
    bad: float = 0.03
    every_step: bool = False

    @property
    def dates(self) -> list[date]:
        """The days, in order."""
        return [self.first + timedelta(days=n) for n in range(self.days)]

    @staticmethod
    def after(day: date) -> date:
        """The day after this one."""
        return day + timedelta(days=1)

    def drawn(self, *what: object) -> random.Random:
        """Draws of their own for this matter: nothing depends on who was drawn for before."""
        return random.Random("|".join(map(str, (self.seed, *what))))  # noqa: S311 - anybody may draw again
