"""Counts against the same season of earlier years: the Farrington method of 1996."""

from __future__ import annotations

from datetime import date
from typing import Any

from mingjian.detect.surge import judging
from mingjian.detect.surge.matrix import as_matrix
from mingjian.detect.surge.model import Settings
from mingjian.detect.surge.result import Alarms
from mingjian.detect.surge.windows import WEEKS, baselines

RESIDUAL, TREND = 1.0, 0.05


def farrington(
    counts: Any,
    b: int = 5,
    w: int = 3,
    reweight: bool = True,
    alpha: float = 0.05,
    trend: bool = True,
    limit54: tuple[int, int] = (5, 4),
    power_transform: str = "2/3",
    freq: int = WEEKS,
    start: str | date | None = None,
    last: int | None = None,
    workers: int = 1,
) -> Alarms:
    """Judge counts (n_series, n_times) as Farrington et al. (1996), with the names and defaults of R's `farrington`.

    The baseline of a step is the w steps to either side of the same step in each of the b years before. `alpha` is
    two-sided, so that the threshold is the upper (1 - alpha / 2) bound; `pvalue` is one-sided. Everything else is
    as in `farrington_flexible`, which is the better method where three or more years are known: this one raises
    more false alarms (Noufaily et al. 2013).
    """
    y = as_matrix(counts)
    calendar = judging.calendar(freq, start)
    judging.check(b, w, 1, w, freq, alpha, limit54, workers)
    plan = judging.Plan(
        b, Settings(reweight, RESIDUAL, trend, TREND, flexible=False),
        judging.threshold("delta", power_transform), alpha / 2, limit54,
    )  # fmt: skip
    return judging.judge(y, None, baselines(y.shape[1], calendar, b, w, 1, w, last), plan, workers)
