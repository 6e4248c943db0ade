"""Where the marks of an axis stand and what they say, in the reader's language."""

from __future__ import annotations

import math
from datetime import date, timedelta

from babel.dates import format_skeleton
from babel.numbers import format_compact_decimal

from mingjian.domain.i18n import language
from mingjian.explain.unusual import figure

DAY_STEPS = (1, 2, 7, 14)
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
LEAST = 1e-9  # of a largest value; below, there is nothing to see
LONG = 10_000  # from here on a figure on an axis is written short: 1.2万, 12K


def number_ticks(largest: float, *, whole: bool, wanted: int = 4) -> list[float]:
    """Round values from 0 to at least `largest`, about `wanted` steps of 1, 2 or 5 times a power of ten."""
    if largest < LEAST:
        return [0.0, 1.0]
    rough = largest / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    step = max(step, 1.0) if whole else step
    return [n * step for n in range(math.ceil(largest / step - 1e-9) + 1)]


def number_label(value: float) -> str:
    """A mark of a value axis."""
    if abs(value) < LONG:
        return figure(value)
    return str(format_compact_decimal(value, locale=language(), fraction_digits=1))


def date_ticks(first: date, last: date, most: int) -> list[tuple[date, str]]:
    """Days with their labels, at most `most`: every few days back from the last one, else starts of months."""
    days = (last - first).days
    for step in DAY_STEPS:
        if days // step + 1 <= most:
            found = [last - timedelta(days=n) for n in range(0, days + 1, step)]
            return [(day, _said("MMMd", day)) for day in reversed(found)]
    starts = _month_starts(first, last)
    for step in MONTH_STEPS:
        kept = [day for day in starts if (12 * day.year + day.month - 1) % step == 0]
        if len(kept) <= most:
            return [(day, _said("yMMM" if step < 12 else "y", day)) for day in kept]
    return [(last, _said("y", last))]


def _month_starts(first: date, last: date) -> list[date]:
    months = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    starts = [date(m // 12, m % 12 + 1, 1) for m in months]
    return [day for day in starts if first <= day <= last]


def _said(skeleton: str, day: date) -> str:
    return str(format_skeleton(skeleton, day, locale=language()))
