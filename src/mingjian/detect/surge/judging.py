"""Run a Farrington model over all series and steps, a block of series at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from mingjian.detect.surge import thresholds
from mingjian.detect.surge.model import Settings, expect
from mingjian.detect.surge.result import Alarms
from mingjian.detect.surge.windows import WEEKS, Baseline, Calendar
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _

BLOCK = 192  # series; the arrays of a step then stay in a core's cache
EXPONENTS = {"2/3": 2 / 3, "1/2": 1 / 2, "none": 1.0}
METHODS = {"nbPlugin": thresholds.plug_in, "muan": thresholds.upper_mean}
Work = tuple[slice, int, Baseline]


@dataclass(frozen=True)
class Plan:
    """How a step is judged: years of baseline, regression, way to the threshold, its one-sided level, fewest cases."""

    b: int
    settings: Settings
    threshold: thresholds.Method
    alpha: float
    limit54: tuple[int, int]


def threshold(method: str, power_transform: str) -> thresholds.Method:
    """The function that gives thresholds and p-values."""
    if method == "delta" and power_transform in EXPONENTS:
        return partial(thresholds.power, exponent=EXPONENTS[power_transform])
    if method not in METHODS:
        raise RuleError(
            _("threshold_method 应为 delta、nbPlugin 或 muan，power_transform 应为 2/3、1/2 或 none"),
            hint=_("请改模型文件的参数；常用 threshold_method: delta，power_transform: 2/3"),
        )
    return METHODS[method]


def calendar(freq: int, start: str | date | None) -> Calendar:
    """The calendar of the series; dates are for weekly ones."""
    if start is not None and freq != WEEKS:
        raise RuleError(_("start 只用于周数据（freq 为 52）"), hint=_("请去掉 start，或把计数改为按周汇总"))
    return Calendar(freq, date.fromisoformat(start) if isinstance(start, str) else start)


def check(
    b: int,
    w: int,
    no_periods: int,
    excluded: int,
    freq: int,
    alpha: float,
    limit54: tuple[int, int],
    workers: int,
) -> None:
    """Refuse settings that cannot be: each level needs steps, and the first window must be part of the baseline."""
    between = freq - (2 * w + 1)
    counted = b >= 1 and w >= 0 and limit54[1] >= 1 and workers >= 1 and 0 < alpha < 1
    if not (counted and 1 <= no_periods <= between + 1 and 0 <= excluded < b * freq - w):
        raise RuleError(
            _(
                "Farrington 参数有误：一年要容得下 2w+1 期的窗口和其余各段，alpha 在 0 与 1 之间，其他数不能小于 1"
            ),
            hint=_("请改模型文件的参数；常用 b: 5，w: 3，no_periods: 10，alpha: 0.05，limit54: [5, 4]"),
        )


def positive(population: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    """The population as an array of the counts' shape, or None."""
    if population is None:
        return None
    people = np.asarray(population, dtype=float)
    if people.shape != shape or not (people > 0).all():
        raise RuleError(
            _("population 应与计数同形，且全部大于 0"),
            hint=_("请为每个系列的每一期给出人口数，或不设 population"),
        )
    return people


def judge(
    counts: np.ndarray,
    population: np.ndarray | None,
    steps: Iterable[tuple[int, Baseline]],
    plan: Plan,
    workers: int,
) -> Alarms:
    """The answer for these steps of all series, counts (n_series, n_times)."""
    alarm = np.zeros(counts.shape, dtype=bool)
    upper, expected, score, pvalue = (np.full(counts.shape, np.nan) for _part in range(4))

    def run(work: Work) -> None:
        block, now, base = work
        people = None if population is None else population[block]
        with np.errstate(all="ignore"):  # series without a fit turn into NaN, which is the answer
            u, m, p = _answer(counts[block], people, now, base, plan)
            seen = counts[block, now]
            alarm[block, now] = seen > u
            score[block, now] = _score(seen, m, u)
        upper[block, now], expected[block, now], pvalue[block, now] = u, m, p

    with ThreadPoolExecutor(workers) as pool:
        for _done in pool.map(run, _works(len(counts), steps)):
            pass
    return Alarms(alarm, upper, expected, score, pvalue)


def _works(n: int, steps: Iterable[tuple[int, Baseline]]) -> Iterator[Work]:
    for now, base in steps:
        for first in range(0, n, BLOCK):
            yield slice(first, first + BLOCK), now, base


def _answer(
    counts: np.ndarray, population: np.ndarray | None, now: int, base: Baseline, plan: Plan
) -> tuple[np.ndarray, ...]:
    """Threshold, expected count and p-value of one step, NaN where it is not evaluated."""
    offset = None if population is None else np.log(population[:, base.rows] / population[:, [now]])
    past, seen = counts[:, base.rows], counts[:, now]
    found = expect(past, base, plan.b, plan.settings, offset)
    mean = found.mean
    upper, pvalue = plan.threshold(seen, mean, found.error, found.dispersion, plan.alpha)
    never = np.isnan(mean) & (np.nansum(past, axis=1) == 0)
    if never.any():
        steps = np.isfinite(past[never]).sum(axis=1)
        mean[never] = 0.0
        upper[never], pvalue[never] = thresholds.never_seen(seen[never], steps, plan.alpha)
    cases, period = plan.limit54
    enough = counts[:, max(0, now - period + 1) : now + 1].sum(axis=1) >= cases
    evaluated = enough & np.isfinite(mean) & np.isfinite(upper) & np.isfinite(seen)
    return tuple(np.where(evaluated, part, np.nan) for part in (upper, mean, pvalue))


def _score(counts: np.ndarray, expected: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """How far beyond the threshold; a whole-number threshold may lie below the mean: then the next count is meant."""
    return (counts - expected) / (np.where(upper > expected, upper, upper + 1) - expected)
