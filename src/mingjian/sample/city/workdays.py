"""The working-day calendar with its shifted days, and arithmetic in working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar
import numpy as np
import pandas as pd

from mingjian.sample.context import City, Dates, Numbers


@dataclass(frozen=True)
class Workdays:
    """`first` is the calendar's first day; `index[i]` counts working days up to and including day i."""

    first: np.datetime64
    index: Numbers
    open_days: Dates

    def number(self, day: Dates) -> Numbers:
        """Working days since the calendar began, per day."""
        return self.index[(day.astype("datetime64[D]") - self.first).astype(int)]

    def after(self, day: Dates, count: Numbers) -> Dates:
        """The working day that is `count` working days after `day`."""
        return self.open_days[self.number(day) + count - 1]


def is_workday(day: date) -> bool:
    """By the published holiday table; Monday to Friday in years that have none yet."""
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5


def build_workdays(city: City) -> tuple[Workdays, pd.DataFrame]:
    """Three years back to one year ahead: the arithmetic, and the table as the register keeps it."""
    first = date(city.as_of.year - 3, 1, 1)
    dates = [first + timedelta(n) for n in range((date(city.as_of.year + 1, 12, 31) - first).days + 1)]
    works = np.array([is_workday(d) for d in dates])
    index = np.cumsum(works)
    all_days = np.array(dates, dtype="datetime64[D]")
    weekend = pd.DatetimeIndex(all_days).dayofweek.to_numpy() >= 5
    note = np.where(works & weekend, "调休上班", np.where(~works & ~weekend, "节假日", ""))
    table = pd.DataFrame({"day": all_days, "works": works.astype(int), "index": index, "note": note})
    return Workdays(all_days[0], index, all_days[works]), table
