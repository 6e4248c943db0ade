"""Counts against the same season of earlier years: the improved Farrington method of 2013."""

from __future__ import annotations

from datetime import date
from typing import Any

from mingjian.detect.surge import judging
from mingjian.detect.surge.matrix import as_matrix
from mingjian.detect.surge.model import Settings
from mingjian.detect.surge.result import Alarms
from mingjian.detect.surge.windows import WEEKS, baselines


def farrington_flexible(
    counts: Any,
    population: Any = None,
    b: int = 5,
    w: int = 3,
    reweight: bool = True,
    weights_threshold: float = 2.58,
    past_weeks_not_included: int | None = 26,
    no_periods: int = 10,
    trend: bool = True,
    pThresholdTrend: float = 1.0,  # noqa: N803 - the name in R
    alpha: float = 0.05,
    threshold_method: str = "delta",
    limit54: tuple[int, int] = (5, 4),
    power_transform: str = "2/3",
    freq: int = WEEKS,
    start: str | date | None = None,
    last: int | None = None,
    workers: int = 1,
) -> Alarms:
    """Judge counts (n_series, n_times) as Noufaily et al. (2013), with the names of R's `farringtonFlexible`.

    Each step is foretold by a quasi-Poisson regression on the b years before it, less the
    `past_weeks_not_included` last steps (None: w), with a level for each of `no_periods` parts of the year (1: only
    the windows of w steps to either side of the same step) and a trend. Counts of past outbreaks, whose Anscombe
    residual exceeds `weights_threshold`, are played down. The trend stays where its p-value is below
    `pThresholdTrend` (1: always), b is at least 3, and the forecast does not exceed the largest baseline count.
    The defaults are those that the paper advises, R's own are those of 1996.

    `alpha` is one-sided. `threshold_method`: "delta" is Farrington et al. (1996) by the power transformation "2/3",
    "1/2" or "none"; "nbPlugin" a negative binomial quantile (Noufaily et al. 2013); "muan" the same at the upper
    bound of the expected count (Salmon, Schumacher and Höhle 2016). `limit54` = (cases, period): with fewer cases in
    the last period of steps, the judged one among them, a step is not evaluated.

    `population` (n_series, n_times), positive, makes it rates. `freq` steps are a year; `start`, the date of the
    first week, makes years follow the calendar (52 or 53 weeks). `last` judges only the last steps; None all with b
    years before them. `workers` threads share the blocks of series; memory does not grow with their number.

    A NaN count in the baseline is left out; one in the last period makes its step not evaluated. A baseline
    without any case, for which the regression has no answer, expects 0 and takes its threshold and p-value from
    the predictive distribution of a Poisson count (gamma prior of shape 1/2). `score` is 1 at the threshold.
    Raises RuleError for settings that cannot be.
    """
    y = as_matrix(counts)
    excluded = w if past_weeks_not_included is None else past_weeks_not_included
    calendar = judging.calendar(freq, start)
    judging.check(b, w, no_periods, excluded, freq, alpha, limit54, workers)
    plan = judging.Plan(
        b, Settings(reweight, weights_threshold, trend, pThresholdTrend, flexible=True),
        judging.threshold(threshold_method, power_transform), alpha, limit54,
    )  # fmt: skip
    people = judging.positive(population, y.shape)
    steps = baselines(y.shape[1], calendar, b, w, no_periods, excluded, last)
    return judging.judge(y, people, steps, plan, workers)
