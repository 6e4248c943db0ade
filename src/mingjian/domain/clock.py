"""Time is injected: production reads the wall, tests move the hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CITY_TZ = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Anything that tells the time."""

    def now(self) -> datetime:
        """The present moment, timezone-aware."""
        ...


class SystemClock:
    """The wall clock, in the city's time zone."""

    def now(self) -> datetime:
        return datetime.now(CITY_TZ)


@dataclass
class MovableClock:
    """A clock whose hand a test (or a run for a past day) sets."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def move(self, **step: float) -> None:
        """Move forward by `timedelta(**step)`."""
        self.at += timedelta(**step)


def clock_for(as_of: date) -> Clock:
    """The wall clock for today; for any other day a clock standing at 18:00 of that day."""
    wall = SystemClock()
    if wall.now().date() == as_of:
        return wall
    return MovableClock(datetime.combine(as_of, time(18), CITY_TZ))
