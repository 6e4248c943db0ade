"""Working hours: when people are at their desks, and how long a wait of working hours is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mingjian.domain.clock import CITY_TZ
from mingjian.supervise.calendar import WorkCalendar

AT_WORK = (9, 10, 11, 14, 15, 16, 17)  # each of them a whole hour


@dataclass(frozen=True)
class Hours:
    """The working hours of a city with this calendar."""

    calendar: WorkCalendar

    def of_day(self, day: date) -> list[datetime]:
        """The beginnings of the day's working hours; none on a day off."""
        if not self.works(day):
            return []
        return [datetime.combine(day, time(hour), CITY_TZ) for hour in AT_WORK]

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        return self.calendar.is_working_day(day)[0]

    def after(self, start: datetime, hours: float) -> datetime:
        """The moment at which so many working hours have passed since `start`, to the second."""
        left = timedelta(hours=hours)
        for begins in self._from(start):
            opens = max(begins, start)
            rest = begins + timedelta(hours=1) - opens
            if left < rest:
                return (opens + left).replace(microsecond=0)
            left -= rest
        raise AssertionError("days never end")

    def _from(self, start: datetime) -> Iterator[datetime]:
        day = start.astimezone(CITY_TZ).date()
        while True:
            yield from (h for h in self.of_day(day) if h + timedelta(hours=1) > start)
            day += timedelta(days=1)
