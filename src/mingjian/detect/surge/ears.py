"""EARS C1, C2 and C3: a moving baseline of a few days, for series without years of history."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from scipy.stats import norm

from mingjian.detect.surge.matrix import as_matrix
from mingjian.detect.surge.result import Alarms
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _

LAG = {"C1": 0, "C2": 2, "C3": 2}
ALPHA = {"C1": 0.001, "C2": 0.001, "C3": 0.025}


def ears(
    counts: Any,
    method: Literal["C1", "C2", "C3"] = "C1",
    baseline: int = 7,
    alpha: float | None = None,
    min_sigma: float = 0.0,
    published_c3: bool = False,
) -> Alarms:
    """Alarms of Fricker, Hegler and Dunfee (2008), with the names and defaults of R's `earsC`.

    `counts` is (n_series, n_times). With mean m and sample standard deviation s of `baseline` times, ending just
    before t (C1) or two times earlier (C2, C3), and z the (1 - alpha) normal quantile:

    - C1, C2: C(t) = (y(t) - m) / s; alarm where y(t) > m + z s. `pvalue` is that of the normal distribution.
    - C3 as published (`published_c3=True`): the sum of max(0, C2 - 1) over t, t - 1 and t - 2; alarm where it
      exceeds z.
    - C3 as R answers (default): the sum over the two days BEFORE t only, against z. R's manual gives another
      formula; the package's answers (1.20.3) are these. Such an alarm follows a rise a day late: to watch for
      new rises use C2 or the published C3.

    `alpha` None is 0.001 for C1 and C2 and 0.025 for C3; `min_sigma` is the least s. The stated level is nominal:
    seven days are few and counts are skewed, so the realised rate is far higher (docs/quality.md); C3's sum has
    no distribution of its own and no p-value. A baseline of equal counts has s = 0: any larger count is an alarm,
    and C3 is not evaluated where C2 is 0/0. Raises RuleError for an unknown method or a baseline under two.
    """
    y = as_matrix(counts)
    if method not in LAG or baseline < 2:
        raise RuleError(
            _("EARS 的 method 应为 C1、C2 或 C3，baseline 应不小于 2"),
            hint=_("请改模型文件的参数；常用 method: C2，baseline: 7"),
        )
    z = float(norm.isf(ALPHA[method] if alpha is None else alpha))
    mean, spread = _baseline(y, baseline, LAG[method], min_sigma)
    with np.errstate(divide="ignore", invalid="ignore"):
        c = (y - mean) / spread
        if method == "C3":
            return _c3(y, mean, spread, c, z, published_c3)
        upper = mean + z * spread
        score = np.where(y == mean, 0.0, c / z)
        pvalue = np.where(y == mean, 0.5, norm.sf(c))
    pvalue[np.isnan(upper)] = score[np.isnan(upper)] = np.nan
    return Alarms(y > upper, upper, mean, score, pvalue)


def _baseline(y: np.ndarray, width: int, lag: int, floor: float) -> tuple[np.ndarray, np.ndarray]:
    mean, spread = np.full(y.shape, np.nan), np.full(y.shape, np.nan)
    first = width + lag
    if y.shape[1] > first:
        windows = np.lib.stride_tricks.sliding_window_view(y[:, : y.shape[1] - lag - 1], width, axis=1)
        mean[:, first:] = windows.mean(axis=2)
        spread[:, first:] = np.maximum(windows.std(axis=2, ddof=1), floor)
    return mean, spread


def _c3(
    y: np.ndarray, mean: np.ndarray, spread: np.ndarray, c2: np.ndarray, z: float, published: bool
) -> Alarms:
    excess = np.maximum(0.0, c2 - 1.0)
    before = np.full(y.shape, np.nan)
    before[:, 2:] = excess[:, 1:-1] + excess[:, :-2]
    if published:
        # Σ > z in terms of y(t): today's part max(0, C2 - 1) must exceed what the two days before left of z.
        left = z - before
        upper = np.where(left > 0, mean + spread * (1.0 + left), 0.0)
        upper[np.isnan(before) | np.isnan(excess)] = np.nan
        total = before + excess
        return Alarms(total > z, upper, mean, total / z)
    upper = np.maximum(0.0, y + spread * (z - before))
    alarm = y > upper
    score = np.where(np.isnan(upper), np.nan, before / z)
    return Alarms(alarm, upper, mean, score)
