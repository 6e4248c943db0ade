"""Working-day arithmetic, and what to do about years whose holiday table is not yet published.

Why deadlines beyond the table are provisional, and who mends them: docs/decisions/0003-working-days.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.metadata import version

import chinese_calendar

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.workdays import Deadline

CLOSING_TIME = time(18)
_SATURDAY = 5


@cache
def _published(day: date) -> bool:
    """What `chinesecalendar` says; asked once a day of the year, because each question searches its table."""
    return chinese_calendar.is_workday(day)


@dataclass(frozen=True)
class WorkCalendar:
    """The city's working days: a yearly table (holidays and 调休), Monday to Friday where it ends.

    `known` tells whether a day is a working day and raises NotImplementedError for a year it does not cover.
    """

    known: Callable[[date], bool] = _published
    name: str = field(default_factory=lambda: f"chinesecalendar {version('chinesecalendar')}")

    def is_working_day(self, day: date) -> tuple[bool, bool]:
        """(is a working day, the answer is provisional)."""
        try:
            return self.known(day), False
        except NotImplementedError:
            return day.weekday() < _SATURDAY, True

    def add(self, start: datetime, days: int) -> Deadline:
        """18:00 of the `days`-th working day after the day of `start` (timezone-aware).

        0 means the day itself, or the next working day when it is none. Raises ValueError below 0.
        """
        if days < 0:
            raise ValueError(f"days must not be negative: {days}")
        day = _local_day(start)
        works, provisional = self.is_working_day(day)
        left = days if days else int(not works)
        while left:
            day += timedelta(days=1)
            works, guessed = self.is_working_day(day)
            provisional = provisional or guessed
            left -= works
        return Deadline(datetime.combine(day, CLOSING_TIME, CITY_TZ), provisional)

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
        return f"{self.name}+weekdays" if guessed else self.name


CITY_CALENDAR = WorkCalendar()


def add_working_days(start: datetime, n: int) -> Deadline:
    """`WorkCalendar.add` on the city's calendar: (moment, provisional)."""
    return CITY_CALENDAR.add(start, n)


def working_days_between(earlier: datetime, later: datetime) -> int:
    """`WorkCalendar.between` on the city's calendar."""
    return CITY_CALENDAR.between(earlier, later)


def _local_day(moment: datetime) -> date:
    return moment.astimezone(CITY_TZ).date()
