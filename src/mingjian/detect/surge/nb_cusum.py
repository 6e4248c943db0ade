"""The negative-binomial CUSUM: small shifts that last, summed until they are sure."""

from __future__ import annotations

from typing import Any

import numpy as np

from mingjian.detect.surge.in_control import InControl, in_control
from mingjian.detect.surge.matrix import as_matrix
from mingjian.detect.surge.result import Alarms


def nb_cusum(
    counts: Any,
    theta: float = 0.5,
    c_arl: float = 5.0,
    mu0: Any = None,
    alpha: Any = 0.0,
    reset: bool = True,
    training: int | None = None,
    periods: int = 10,
    trend: bool = False,
    frequency: int = 52,
) -> Alarms:
    """Alarms of the likelihood-ratio CUSUM of Höhle and Paul (2008); R's `glrnb` with `theta` given.

    `counts` and `mu0`, the in-control mean, are (n_series, n_times) (`mu0` may broadcast). Counts are negative
    binomial with variance mu + alpha mu² (`alpha` a number or one per series, 0: Poisson). The statistic
    C(t) = max(0, C(t - 1) + log-likelihood ratio of mu0·exp(theta) against mu0) is the `score`, `c_arl` its limit
    and the `upper`; an alarm is C(t) >= c_arl, after which the sum starts anew (`reset`; without it the sum goes
    on, and the alarm with it). A negative `theta` watches for falls. A missing count adds nothing.

    Without `mu0` the mean is fitted to the first `training` times (in_control.py says how), which are then not
    evaluated; `alpha` None is estimated there too. The level is an average run length set by `c_arl`, not a
    chance per time: there is no p-value. Raises RuleError where neither `mu0` nor enough `training` is given.
    """
    y = as_matrix(counts)
    base = in_control(y, mu0, alpha, training, periods, trend, frequency)
    steps = np.nan_to_num(log_ratio(y, base, np.exp(theta)), nan=0.0)
    score = np.full(y.shape, np.nan)
    total = np.zeros(len(y))
    for t in range(base.first, y.shape[1]):
        total = np.maximum(0.0, total + steps[:, t])
        score[:, t] = total
        if reset:
            total = np.where(total >= c_arl, 0.0, total)
    return chart(score, c_arl, base)


def log_ratio(y: np.ndarray, base: InControl, factor: Any) -> np.ndarray:
    """Log-likelihood ratio of the mean mu0·factor against mu0 at each time, (n_series, n_times)."""
    alpha = base.alpha[:, None]
    poisson = y * np.log(factor) - base.mean * (factor - 1.0)
    safe = np.where(alpha > 0, alpha, 1.0)
    spread = np.log1p(safe * base.mean * factor) - np.log1p(safe * base.mean)
    return np.where(alpha > 0, y * np.log(factor) - (y + 1.0 / safe) * spread, poisson)


def chart(score: np.ndarray, c_arl: float, base: InControl) -> Alarms:
    """The answer of a chart whose statistic is `score` and whose limit is `c_arl`."""
    evaluated = np.isfinite(score)
    upper = np.where(evaluated, c_arl, np.nan)
    return Alarms(score >= upper, upper, np.where(evaluated, base.mean, np.nan), score)
