"""Requests of which the handling goes wrong on the way: not signed, not accepted, near due, refused, passed around.

Only the rows, each with its `part`; `process_cases` plays the parts once the requests are numbered and handled.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mingjian.sample.city.geography import DISTRICTS
from mingjian.sample.city.workdays import Workdays
from mingjian.sample.context import Dates, Numbers, levels
from mingjian.sample.hotline.complaint_cases import Planter
from mingjian.sample.hotline.complaints import rows

SHARE = 1 / 5000
LOOKALIKES = 3
LONG = 15  # working days to finish: such a request is not near its limit after a week
# requests refused in the month, by kind of part; each number stands for a unit
REFUSALS = {"twice": [1, 1], "many": [10], "some": [3, 3, 4]}
# a unit that refuses few is told only where it refuses most of its line: these have lines of their own
RARE_REFUSALS = [
    ("few", 1, "urban"),
    ("few", 1, "transport"),
    ("few", 2, "civil_affairs"),
    ("mute", 1, "power"),
]
REFUSAL_LOOKALIKES = ["approved", "after", "second"]
PASSES = {
    "高": ["five", "back_twice", "five"],
    "中": ["three", "through_desk", "three"],
    "低": ["back_once", "nobody", "nobody"],
}
PASS_LOOKALIKES = ["co_handled", "once", "same_again", "three_accepted"]


class Days:
    """Working days and months before the day of the run, and moments in them."""

    def __init__(self, planter: Planter, workdays: Workdays) -> None:
        self.rng, self.today = planter.rng, planter.city.today
        self.workdays = workdays
        self.now = int(workdays.number(np.array([self.today]))[0])

    def before(self, count: int) -> np.datetime64:
        """The working day `count` working days before today (0: today, or the last one if today is none)."""
        return self.workdays.open_days[self.now - 1 - count]

    def at(self, day: np.datetime64, low: float, high: float, count: int = 1) -> Dates:
        """Moments of a day between two hours."""
        seconds = self.rng.integers(int(low * 3600), int(high * 3600), count)
        return day.astype("datetime64[s]") + seconds.astype("timedelta64[s]")

    def last_month(self, back: int = 0) -> np.datetime64:
        """First day of the last full month, or of one `back` months before it."""
        return (self.today.astype("datetime64[M]") - 1 - back).astype("datetime64[D]")


class Crew:
    """Hands out topics and districts in turn, so that what is planted stands out in no topic and no district."""

    def __init__(self, planter: Planter) -> None:
        self.p = planter
        self.turn = 0

    def topics(self, least_wd: int, line: str = "") -> Numbers:
        """Everyday topics with at least so many working days to finish (of one line)."""
        known = self.p.topics
        fit = known["common"] & (known["finish_wd"] >= least_wd) & ((known["line"] == line) | (line == ""))
        return np.flatnonzero(fit)

    def row(
        self, at: Dates, part: str, least_wd: int = LONG, line: str = "", district: int = -1, **more: object
    ) -> pd.DataFrame:
        """One request of somebody new."""
        self.turn += 1
        fit = self.topics(least_wd, line)
        topic = int(fit[self.turn % len(fit)])
        where = self.p.place(district if district >= 0 else self.turn % DISTRICTS, 1)
        return rows(at, topic, where, self.p.someone(1), part=part, **more)


def plant_process(p: Planter, workdays: Workdays) -> pd.DataFrame:
    """All rows of these parts, before handling."""
    days, crew = Days(p, workdays), Crew(p)
    count = p.city.cases_for(SHARE)
    parts = [*_unsigned(days, crew, count), *_unaccepted(days, crew, count), *_near_due(days, crew, count)]
    parts += [*_extended(days, crew), *_refusals(days, crew), *_passed(days, crew, count)]
    return pd.concat(parts, ignore_index=True)


def _unsigned(days: Days, crew: Crew, count: int) -> Iterator[pd.DataFrame]:
    """Urgent ones since this morning (高), since the day before (中), since this morning (低)."""
    for level in levels(count):
        day, low, high = {"高": (0, 10, 12.5), "中": (1, 9.5, 13), "低": (0, 9.5, 10.4)}[level]
        yield crew.row(days.at(days.before(day), low, high), f"sign:{level}", least_wd=5)
    for _ in range(LOOKALIKES):
        today = days.today.astype("datetime64[D]")
        yield crew.row(days.at(today, 14.5, 16), "sign:fresh", least_wd=5)
        yield crew.row(days.at(today, 15, 16), "sign:urgent_fresh", least_wd=5)


def _unaccepted(days: Days, crew: Crew, count: int) -> Iterator[pd.DataFrame]:
    """Signed and left: six or seven working days (高), four or five (中), three (低)."""
    for i, level in enumerate(levels(count)):
        ago = {"高": 6, "中": 4, "低": 3}[level] + (i // 3 % 2 if level != "低" else 0)
        part = "accept:unsigned" if i % 4 == 0 else f"accept:{level}"
        yield crew.row(days.at(days.before(ago), 9, 15), part)
    for i in range(LOOKALIKES):
        yield crew.row(days.at(days.before(4 + i), 9, 15), "accept:on_its_way")
        yield crew.row(days.at(days.before(5 + i), 9, 15), "accept:late")


def _near_due(days: Days, crew: Crew, count: int) -> Iterator[pd.DataFrame]:
    """Nothing done for a week (高), urgent (中), worked on (低); extension asked for, or exempt: not to be told."""
    for i, level in enumerate(levels(count)):
        at = days.at(days.before(8 + i % 2), 9, 15)
        yield crew.row(at, f"near:{level}", least_wd=10, line="education" if i % 2 else "health", quick=9)
    for _ in range(LOOKALIKES):
        for kind in ("asked", "exempt"):
            yield crew.row(
                days.at(days.before(8), 9, 15), f"near:{kind}", least_wd=10, line="civil_affairs", quick=9
            )


def _extended(days: Days, crew: Crew) -> Iterator[pd.DataFrame]:
    """Past the limit, but exempt, or with an extension that stands only in the record of steps."""
    for _ in range(LOOKALIKES):
        for kind in ("exempt", "granted"):
            yield crew.row(days.at(days.before(14), 9, 15), f"over:{kind}", least_wd=10, line="civil_affairs")


def _refusals(days: Days, crew: Crew) -> Iterator[pd.DataFrame]:
    """Requests of the last full month, by the unit that refuses them: part `refuse:kind:unit`."""
    plan = [(kind, n, "market") for kind, counts in REFUSALS.items() for n in counts] + RARE_REFUSALS
    lines = [line for _kind, _number, line in RARE_REFUSALS]
    alike = REFUSAL_LOOKALIKES * LOOKALIKES
    plan += [(kind, 3, lines[i % len(lines)]) for i, kind in enumerate(alike)]
    for unit, (kind, number, line) in enumerate(plan):
        for day in days.rng.choice(np.arange(2, 24), number, replace=False):
            at = days.at(days.last_month() + int(day), 8, 11)
            part = f"refuse:{kind}:{unit}"
            yield crew.row(at, part, least_wd=5, line=line, district=unit % DISTRICTS, quick=3)


def _passed(days: Days, crew: Crew, count: int) -> Iterator[pd.DataFrame]:
    """Handed from unit to unit: part `pass:pattern:level`."""
    for i, level in enumerate(levels(count)):
        pattern = PASSES[level][i // 3 % 3]
        ago = 5 if pattern == "nobody" else 12
        yield crew.row(days.at(days.before(ago), 8.5, 10), f"pass:{pattern}:{level}", quick=9)
    for pattern in PASS_LOOKALIKES:
        for _ in range(LOOKALIKES):
            yield crew.row(days.at(days.before(12), 8.5, 10), f"pass:{pattern}:-", quick=9)
