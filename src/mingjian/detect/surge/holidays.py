"""What kind of day it is where people work: ordinary, off, made up for, or next to a holiday."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import IntEnum
from typing import Any

import chinese_calendar
import numpy as np


class Kind(IntEnum):
    """Days that do not follow their weekday."""

    ORDINARY = 0
    OFF = 1  # a public holiday, whatever its weekday
    MAKE_UP = 2  # a Saturday or Sunday worked to make up for a holiday
    EVE = 3  # the last working day before a holiday
    BACK = 4  # the first working day after a holiday


Holidays = Callable[[Any], np.ndarray]
"""Dates (n_times,) as datetime64[D] -> Kind of each, (n_times,) of int."""


def mainland(dates: Any) -> np.ndarray:
    """Kind of each day under the State Council's holiday notices, as chinesecalendar knows them (2004 to 2026).

    Holidays are days off for a festival; plain weekends are ordinary. Days of years without a notice are ordinary,
    so that a series may run into next year.
    """
    return np.array([_kind(day) for day in np.asarray(dates, dtype="datetime64[D]").tolist()], dtype=int)


def _kind(day: date) -> Kind:
    if _festival(day):
        return Kind.OFF
    if not _worked(day):
        return Kind.ORDINARY
    if day.weekday() >= 5:
        return Kind.MAKE_UP
    if _meets_festival(day, 1):
        return Kind.EVE
    return Kind.BACK if _meets_festival(day, -1) else Kind.ORDINARY


def _festival(day: date) -> bool:
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # the package has no table of that year
        return False
    return bool(off and name)


def _worked(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # the package has no table of that year
        return day.weekday() < 5


def _meets_festival(day: date, step: int) -> bool:
    """Whether the run of days not worked beside this day holds a festival."""
    beside = date.fromordinal(day.toordinal() + step)
    while not _worked(beside):
        if _festival(beside):
            return True
        beside = date.fromordinal(beside.toordinal() + step)
    return False
