"""Which past steps a Farrington model learns from, and the seasonal level of each.

Steps of the season of the judged one (a window of w steps to either side of the same step in each of b earlier
years) are one level, the last; the steps from one window to the next are divided into no_periods - 1 further levels
as evenly as possible, the longer ones first (Noufaily et al. 2013).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

WEEKS = 52


@dataclass(frozen=True)
class Baseline:
    """The steps to learn from (T,), their levels (T,) from 0 to `levels` - 1, and their times in years, now being 0."""

    rows: np.ndarray
    level: np.ndarray
    levels: int
    time: np.ndarray


@dataclass(frozen=True)
class Calendar:
    """How far the seasons are apart: `freq` steps, or with the date of step 0 the whole weeks nearest to the date."""

    freq: int = WEEKS
    start: date | None = None

    def same_season(self, now: int, years: int) -> int:
        """The step that is this many years before `now`."""
        if self.start is None:
            return now - years * self.freq
        day = self.start + timedelta(weeks=now)
        return now - round((day - _years_before(day, years)).days / 7)


def baselines(
    n_times: int, calendar: Calendar, b: int, w: int, no_periods: int, excluded: int, last: int | None
) -> Iterator[tuple[int, Baseline]]:
    """Each step with b whole years before it, of at most the `last` ones, and its baseline.

    With one period the baseline are the windows alone; the `excluded` steps just before are never part of it.
    """
    first = 0 if last is None else max(0, n_times - last)
    for now in range(first, n_times):
        windows = [calendar.same_season(now, years) for years in range(b, 0, -1)]
        if windows[0] >= w:
            yield now, _baseline(now, windows, w, no_periods, excluded, calendar.freq)


def _baseline(now: int, windows: list[int], w: int, periods: int, excluded: int, freq: int) -> Baseline:
    rows, levels = [], []
    for centre, following in zip(windows, [*windows[1:], now], strict=True):
        rows.append(np.arange(centre - w, centre + w + 1))
        levels.append(np.full(2 * w + 1, periods - 1))
        if periods > 1:
            between = np.arange(centre + w + 1, following - w)
            rows.append(between)
            levels.append(_evenly(len(between), periods - 1))
    row, level = np.concatenate(rows), np.concatenate(levels)
    kept = row < now - excluded
    return Baseline(row[kept], level[kept], periods, (row[kept] - now) / freq)


def _evenly(length: int, parts: int) -> np.ndarray:
    size, left = divmod(length, parts)
    return np.repeat(np.arange(parts), [size + (part < left) for part in range(parts)])


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return date(day.year - years, 3, 1)
