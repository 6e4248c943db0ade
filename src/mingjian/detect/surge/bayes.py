"""The Bayes system: the predictive distribution of a few comparable weeks, without a regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import nbinom

from mingjian.detect.surge.matrix import as_matrix
from mingjian.detect.surge.result import Alarms
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _


def bayes(
    counts: Any, b: int = 0, w: int = 6, alpha: float = 0.05, act_y: bool = True, frequency: int = 52
) -> Alarms:
    """Alarms of Höhle's Bayes system (2007; Riebler 2004), with the names and defaults of R's `bayes`.

    `counts` is (n_series, n_times), NaN where there are no data. The n reference values of time t are the `w`
    times before it (`act_y`) and the 2w + 1 times around it `frequency`, 2·`frequency`, … `b`·`frequency` earlier;
    missing ones are left out. Under a Poisson model with Jeffreys' prior the predictive distribution is negative
    binomial with size 1/2 + Σ reference and probability n / (n + 1); `upper` is its (1 - alpha) quantile and an
    alarm is a larger count; `score` is 1 at the smallest such. `pvalue` is exact under that model; the stated level
    holds for Poisson counts with a steady mean over the reference window, not for overdispersed, seasonal or growing
    ones. Raises RuleError where the parameters leave no reference value.
    """
    y = as_matrix(counts)
    steps = list(range(1, w + 1)) if act_y else []
    for year in range(1, b + 1):
        steps += range(year * frequency - w, year * frequency + w + 1)
    if not steps or min(steps) < 1:
        raise RuleError(
            _("Bayes 方法没有参照时点，或参照时点晚于被评时点"),
            hint=_("请让 act_y 为真或 b ≥ 1，并使 w 小于 frequency"),
        )
    present = np.isfinite(y)
    filled = np.where(present, y, 0.0)
    first, length = max(steps), y.shape[1]
    total, n = np.zeros(y.shape), np.zeros(y.shape)
    for step in steps:
        total[:, first:] += filled[:, first - step : length - step]
        n[:, first:] += present[:, first - step : length - step]
    evaluated = (n > 0) & present
    size, probability = 0.5 + total, n / (n + 1.0)
    upper = np.where(evaluated, nbinom.ppf(1.0 - alpha, size, np.where(n > 0, probability, 0.5)), np.nan)
    expected = np.where(evaluated, size / np.maximum(n, 1.0), np.nan)
    pvalue = np.where(evaluated, nbinom.sf(y - 1.0, size, np.where(n > 0, probability, 0.5)), np.nan)
    # The threshold of a mean of nearly 0 is 0 itself: half a count keeps the score finite and in order.
    score = (y - expected) / np.maximum(upper + 1.0 - expected, 0.5)
    return Alarms(y > upper, upper, expected, score, pvalue)
