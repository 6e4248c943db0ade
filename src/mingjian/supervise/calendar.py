"""Working-day arithmetic, and what to do about years whose holiday table is not yet published.

Why deadlines beyond the table are provisional, and who mends them: docs/decisions/0003-working-days.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.metadata import version

import chinese_calendar

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.policy import LocalDays
from mingjian.domain.workdays import Deadline

NOON = time(12)
CLOSING_TIME = time(18)
_SATURDAY = 5


@cache
def _published(day: date) -> bool:
    """What `chinesecalendar` says; asked once a day of the year, because each question searches its table."""
    return chinese_calendar.is_workday(day)


@cache
def _table() -> str:
    """The table's name and version; looking it up reads the installed package's files."""
    return f"chinesecalendar {version('chinesecalendar')}"


@dataclass(frozen=True)
class WorkCalendar:
    """The city's working days: a yearly table (holidays and 调休) with the city's own days over it.

    `known` tells whether a day is a working day and raises NotImplementedError for a year it does not cover; there
    Monday to Friday count, provisionally. What the city itself has settled (`local`) is never provisional.
    """

    known: Callable[[date], bool] = _published
    name: str = field(default_factory=_table)
    local: LocalDays | None = None

    def is_working_day(self, day: date) -> tuple[bool, bool]:
        """(is a working day, the answer is provisional)."""
        if self.local is not None:
            if day in self.local.days_off:
                return False, False
            if day in self.local.days_worked or day in self.local.mornings:
                return True, False
        try:
            return self.known(day), False
        except NotImplementedError:  # what the package raises for a year without a table
            return day.weekday() < _SATURDAY, True

    def add(self, start: datetime, days: float) -> Deadline:
        """The end of the `days`-th working day after the day of `start` (timezone-aware).

        0 means the day itself, or the next working day when it is none. A half is half a working day more: 12:00 or
        18:00, and the half in which `start` lies is not counted. Raises ValueError below 0.
        """
        if days < 0:
            raise ValueError(f"days must not be negative: {days}")
        whole = math.floor(days)
        if whole == days:
            return self._whole_days(start, whole)
        if not whole:
            return self._half_day(start)
        full = self._whole_days(start, whole)
        half = self._half_day(full.at)
        return Deadline(half.at, full.provisional or half.provisional)

    def opens_before(self, due: datetime, days: int) -> datetime:
        """00:00 of the working day that lies `days` working days before the day of `due`."""
        day = _local_day(due)
        while days:
            day -= timedelta(days=1)
            days -= self.is_working_day(day)[0]
        return datetime.combine(day, time(0), CITY_TZ)

    def between(self, earlier: datetime, later: datetime) -> int:
        """Working days after the day of `earlier`, up to and with the day of `later`; never negative."""
        first, last = _local_day(earlier), _local_day(later)
        span = range(1, (last - first).days + 1)
        return sum(self.is_working_day(first + timedelta(days=n))[0] for n in span)

    def version_for(self, *deadlines: Deadline) -> str:
        """What to stamp beside deadlines; `+weekdays` says that part of a span was guessed."""
        guessed = any(d.provisional for d in deadlines)
        local = f", local {self.local.version}" if self.local else ""
        return f"{self.name}{local}{'+weekdays' if guessed else ''}"

    def _whole_days(self, start: datetime, days: int) -> Deadline:
        day = _local_day(start)
        works, provisional = self.is_working_day(day)
        left = days if days else int(not works)
        while left:
            day += timedelta(days=1)
            works, guessed = self.is_working_day(day)
            provisional = provisional or guessed
            left -= works
        return Deadline(datetime.combine(day, self._closing(day), CITY_TZ), provisional)

    def _half_day(self, start: datetime) -> Deadline:
        """The end of the first half working day after the one in which `start` lies."""
        local = start.astimezone(CITY_TZ)
        day = local.date()
        works, provisional = self.is_working_day(day)
        if works and local.time() < NOON and self._closing(day) > NOON:
            return Deadline(datetime.combine(day, CLOSING_TIME, CITY_TZ), provisional)
        while True:
            day += timedelta(days=1)
            works, guessed = self.is_working_day(day)
            provisional = provisional or guessed
            if works:
                return Deadline(datetime.combine(day, NOON, CITY_TZ), provisional)

    def _closing(self, day: date) -> time:
        return NOON if self.local is not None and day in self.local.mornings else CLOSING_TIME


CITY_CALENDAR = WorkCalendar()


def _local_day(moment: datetime) -> date:
    return moment.astimezone(CITY_TZ).date()
