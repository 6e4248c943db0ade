"""What the domain needs of a working-day calendar; `supervise.calendar` is the real one."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol


class Deadline(NamedTuple):
    """A moment in city time; provisional when a year's holiday table was not yet known."""

    at: datetime
    provisional: bool


class WorkingDays(Protocol):
    """Counts in working days of the city."""

    def add(self, start: datetime, days: float) -> Deadline:
        """The end of the `days`-th working day after the day of `start`; 0.5 is half a working day."""
        ...

    def opens_before(self, due: datetime, days: int) -> datetime:
        """00:00 of the working day from which at most `days` working days are left until `due`."""
        ...

    def between(self, earlier: datetime, later: datetime) -> int:
        """Working days after the day of `earlier`, up to and with the day of `later`; never negative."""
        ...

    def version_for(self, *deadlines: Deadline) -> str:
        """What to stamp beside deadlines: which table they were counted with."""
        ...
