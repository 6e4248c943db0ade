"""Moments of the store as the lake keeps them: in city time, without a zone."""

from __future__ import annotations

from datetime import date, datetime, time

from mingjian.domain.clock import CITY_TZ


def local(moment: datetime | None) -> datetime | None:
    """A moment in the city's own time."""
    return None if moment is None else moment.astimezone(CITY_TZ).replace(tzinfo=None)


def start_of(day: date | None) -> datetime | None:
    """A day as the moment at which it begins."""
    return None if day is None else datetime.combine(day, time())
