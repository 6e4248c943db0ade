"""The generalised likelihood-ratio chart for counts: a shift of unknown size at an unknown time."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from mingjian.detect.surge.in_control import InControl, in_control
from mingjian.detect.surge.matrix import as_matrix
from mingjian.detect.surge.nb_cusum import chart, nb_cusum
from mingjian.detect.surge.result import Alarms

CELLS = 2_000_000  # size of the largest temporary array: series × starts × times
STEPS = 100


def glr_nb(
    counts: Any,
    c_arl: float = 5.0,
    mu0: Any = None,
    alpha: Any = 0.0,
    theta: float | None = None,
    dir: Literal["inc", "dec"] = "inc",
    window: int | None = None,
    reset: bool = True,
    training: int | None = None,
    periods: int = 10,
    trend: bool = False,
    frequency: int = 52,
) -> Alarms:
    """Alarms of the GLR chart of Höhle and Paul (2008) for a changed intercept, as R's `glrnb(ret="value")`.

    GLR(t) = max over starts k <= t and factors exp(kappa) (above 1 for `dir` "inc", below for "dec") of the summed
    log-likelihood ratio of mu0·exp(kappa) against mu0 over k … t. It is the `score`, `c_arl` its limit and the
    `upper`; an alarm is GLR(t) >= c_arl, after which the chart starts anew (`reset`). Shapes, `mu0`, `alpha` and
    the fit to `training` are those of `nb_cusum`, which answers where `theta` is given. No p-value, see there.

    `window` keeps only the last so many starts (R's M; None: all since the last reset). With alpha > 0 a time
    costs starts × times per series, so give a window (52, say) for long series.
    """
    y = as_matrix(counts)
    if theta is not None:
        return nb_cusum(y, theta, c_arl, mu0, alpha, reset, training, periods, trend, frequency)
    base = in_control(y, mu0, alpha, training, periods, trend, frequency)
    widest = y.shape[1] - base.first if window is None else min(window, y.shape[1] - base.first)
    block = max(1, CELLS // max(1, widest) ** 2)
    parts = [
        _scores(y[s : s + block], base.rows(s, s + block), c_arl, dir, widest, reset)
        for s in range(0, len(y), block)
    ]
    score = np.concatenate(parts) if parts else np.empty(y.shape)
    return chart(score, c_arl, base)


def _scores(y: np.ndarray, base: InControl, c_arl: float, dir: str, window: int, reset: bool) -> np.ndarray:
    score = np.full(y.shape, np.nan)
    present = np.isfinite(y) & np.isfinite(base.mean)
    x, mu = np.where(present, y, 0.0), np.where(present, base.mean, 0.0)
    start = np.full(len(y), base.first)
    for t in range(base.first, y.shape[1]):
        low = max(base.first, t + 1 - window)
        # Starts before a series' last alarm are left out: -inf never is the maximum.
        known = np.arange(low, t + 1)[None, :] >= start[:, None]
        ratio = _best_ratio(x[:, low : t + 1], mu[:, low : t + 1], base.alpha, dir)
        best = np.where(known, ratio, -np.inf).max(axis=1)
        score[:, t] = np.maximum(best, 0.0)
        if reset:
            start = np.where(score[:, t] >= c_arl, t + 1, start)
    return score


def _best_ratio(x: np.ndarray, mu: np.ndarray, alpha: np.ndarray, dir: str) -> np.ndarray:
    """The largest log-likelihood ratio over the factor, for each start k of x[:, k:]; shape of `x`."""
    cases, mean = _tail_sums(x), _tail_sums(mu)
    answer = np.zeros(x.shape)
    poisson = alpha <= 0
    if poisson.any():
        c, m = cases[poisson], mean[poisson]
        factor = np.divide(c, m, out=np.ones(c.shape), where=m > 0)
        log = np.log(factor, out=np.zeros(c.shape), where=factor > 0)
        better = factor > 1 if dir == "inc" else factor < 1
        answer[poisson] = np.where(better, c * log - m * (factor - 1.0), 0.0)
    if not poisson.all():
        rows = ~poisson
        answer[rows] = _best_nb_ratio(x[rows], mu[rows], alpha[rows, None, None], dir)
    return answer


def _best_nb_ratio(x: np.ndarray, mu: np.ndarray, alpha: np.ndarray, dir: str) -> np.ndarray:
    """The same for alpha > 0, where the best factor f solves Σ (x - mu f) / (1 + alpha mu f) = 0.

    The left side is convex and falling in f, so that Newton's steps from a point left of the root (1 for
    increases, 0 for decreases) rise to it and never pass it.
    """
    n = x.shape[1]
    inside = np.arange(n)[None, :] >= np.arange(n)[:, None]
    xs, ms = x[:, None, :] * inside, mu[:, None, :] * inside
    factor = np.full(x.shape, 1.0 if dir == "inc" else 0.0)
    slope_at_one = ((xs - ms) / (1.0 + alpha * ms)).sum(axis=2)
    better = slope_at_one > 0 if dir == "inc" else slope_at_one < 0
    for _step in range(STEPS):
        under = 1.0 + alpha * ms * factor[:, :, None]
        gain = ((xs - ms * factor[:, :, None]) / under).sum(axis=2)
        fall = (ms * (1.0 + alpha * xs) / under**2).sum(axis=2)
        step = np.where(better & (fall > 0), gain / np.maximum(fall, 1e-300), 0.0)
        factor = np.maximum(factor + step, 0.0)
        if np.all(np.abs(step) <= 1e-9 * np.maximum(factor, 1e-9)):
            break
    f = factor[:, :, None]
    log = np.log(factor, out=np.zeros(factor.shape), where=factor > 0)
    spread = np.log1p(alpha * ms * f) - np.log1p(alpha * ms)
    ratio = xs.sum(axis=2) * log - ((xs + 1.0 / alpha) * spread).sum(axis=2)
    return np.where(better, ratio, 0.0)


def _tail_sums(x: np.ndarray) -> np.ndarray:
    return np.cumsum(x[:, ::-1], axis=1)[:, ::-1]
