"""A calendar that answers each question once: a sweep asks the same few days of thousands of orders."""

from __future__ import annotations

from datetime import datetime

from mingjian.domain.workdays import Deadline, WorkingDays


class RememberedDays:
    """The working days of `calendar`, each answer kept. For one sweep: holidays that change later are not seen."""

    def __init__(self, calendar: WorkingDays) -> None:
        self._calendar = calendar
        self._added: dict[tuple[datetime, float], Deadline] = {}
        self._opened: dict[tuple[datetime, int], datetime] = {}

    def add(self, start: datetime, days: float) -> Deadline:
        """As `WorkingDays.add`."""
        key = (start, days)
        if key not in self._added:
            self._added[key] = self._calendar.add(start, days)
        return self._added[key]

    def opens_before(self, due: datetime, days: int) -> datetime:
        """As `WorkingDays.opens_before`."""
        key = (due, days)
        if key not in self._opened:
            self._opened[key] = self._calendar.opens_before(due, days)
        return self._opened[key]

    def between(self, earlier: datetime, later: datetime) -> int:
        """As `WorkingDays.between`; not remembered, since no two orders ask the same."""
        return self._calendar.between(earlier, later)

    def version_for(self, *deadlines: Deadline) -> str:
        """As `WorkingDays.version_for`."""
        return self._calendar.version_for(*deadlines)
