"""Known events beside the counts: which days are off, and which events touch a series."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import Any

import chinese_calendar
import numpy as np

from mingjian.detect.surge.holidays import Holidays, Kind, mainland

Told = dict[str, Any]  # an event as `mingjian.domain.event.Event.told` gives it


def days_off(declared: Iterable[Told], calendar: str) -> Holidays:
    """The kinds of days for `daily`: those of the calendar (`china` or `none`), declared holidays being days off."""
    own = [(np.datetime64(e["from"]), np.datetime64(e["to"])) for e in declared if e["kind"] == "holiday"]

    def kinds(dates: Any) -> np.ndarray:
        days = np.asarray(dates, dtype="datetime64[D]")
        found = mainland(days) if calendar == "china" else np.zeros(len(days), dtype=int)
        for first, last in own:
            found[(days >= first) & (days <= last)] = Kind.OFF
        return found

    return kinds


def touching(
    declared: Iterable[Told], calendar: str, first: date, last: date, place: str, topics: Iterable[str]
) -> list[dict[str, str]]:
    """Events from `first` to `last` that touch the place and one of the topics, by day: from, to, zh, en.

    An event without places or topics touches all; so does a series that spans all places or topics (empty).
    """
    own = set(topics)
    found = [
        {"from": e["from"], "to": e["to"], "zh": e["zh"], "en": e["en"]}
        for e in [*declared, *_public(first, last, calendar)]
        if e["from"] <= last.isoformat()
        and e["to"] >= first.isoformat()
        and (not e["places"] or not place or any(place.startswith(p) for p in e["places"]))
        and (not e["topics"] or not own or own & set(e["topics"]))
    ]
    return sorted(found, key=lambda e: (e["from"], e["to"], e["zh"]))


def _public(first: date, last: date, calendar: str) -> list[Told]:
    """Public holidays that lie in part between two days, each from its first to its last day off."""
    if calendar != "china":
        return []
    years = range(first.year, last.year + 1)
    every = [e for year in years for e in _public_of(year)]
    return [e for e in every if e["from"] <= last.isoformat() and e["to"] >= first.isoformat()]


@cache
def _public_of(year: int) -> tuple[Told, ...]:
    found: list[Told] = []
    day = date(year, 1, 1)
    while day.year == year:
        name = _holiday(day)
        if name is not None:
            yesterday = (day - timedelta(days=1)).isoformat()
            if found and found[-1]["to"] == yesterday and found[-1]["en"] == name.value:
                found[-1]["to"] = day.isoformat()
            else:
                said = {"kind": "holiday", "zh": name.chinese, "en": name.value, "places": [], "topics": []}
                found.append({"from": day.isoformat(), "to": day.isoformat(), **said})
        day += timedelta(days=1)
    return tuple(found)


def _holiday(day: date) -> chinese_calendar.Holiday | None:
    """The holiday that gives the day off; None on other days and in years whose table is not yet published."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # so the calendar says that it has no table of that year yet
        return None
    return chinese_calendar.Holiday(name) if off and name else None
