"""Farrington-flexible for weekly counts (Farrington et al. 1996; Noufaily et al. 2013).

Settings are those of R `surveillance` (`farringtonFlexible`) except where `farrington_flexible` says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from mingjian.domain.model import Model

YEAR = 52
MOST_RUN = 8
REWEIGHT_ABOVE = 2.58
TREND_Z = NormalDist().inv_cdf(0.975)
STEPS, CLOSE = 50, 1e-8
COLUMNS = ["series", "region_code", "first_day", "last_day", "n", "expected", "upper", "ratio", "run"]


@dataclass(frozen=True)
class Fit:
    """A fitted log-linear model: coefficients, their unscaled covariance, fitted means, leverages, dispersion."""

    beta: np.ndarray
    cov: np.ndarray
    mean: np.ndarray
    leverage: np.ndarray
    dispersion: float


def farrington_flexible(
    frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date
) -> pd.DataFrame:
    """Series whose last full week (Monday to Sunday) stands above its bound, one row each.

    `frame` is as for EARS. The baseline of a week are the weeks of the `b` years before, `w` to either side;
    a series with a shorter history is not judged. `run` counts the alarm weeks up to the last one (at most
    eight), whose first Monday is the key period; measures are those of the week with the largest ratio.
    """
    last = as_of - timedelta(days=(as_of.weekday() + 1) % 7)
    rows = []
    for name, own in frame.groupby("series", sort=True):
        weeks = _weeks(own, last)
        alarms = _run(weeks, values)
        if not alarms:
            continue
        n, expected, upper = max(alarms, key=lambda a: a[0] / max(a[1], 1.0))
        rows.append(
            {
                "series": name,
                "region_code": own["region_code"].iloc[0],
                "first_day": last - timedelta(days=7 * len(alarms) - 1),
                "last_day": last,
                "n": int(n),
                "expected": round(expected, 2),
                "upper": round(upper, 2),
                "ratio": round(n / max(expected, 1.0), 2),
                "run": len(alarms),
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def bound(baseline: np.ndarray, week: np.ndarray, alpha: float) -> tuple[float, float]:
    """Expected count and upper bound at week 0 from counts of earlier weeks (negative numbers).

    Quasi-Poisson regression with a trend, past outbreaks weighed down by their Anscombe residuals, and the
    2/3-power bound. The trend is kept when significant (normal approximation) and its forecast does not
    exceed the largest count of the baseline.
    """
    if not baseline.sum():
        return 0.0, 0.0
    flat, sloped = np.ones((len(week), 1)), np.c_[np.ones(len(week)), week / YEAR]
    fitted = _reweighted(baseline, sloped)
    if fitted is None or not _keeps_trend(fitted, baseline):
        fitted = _reweighted(baseline, flat)
        assert fitted is not None  # noqa: S101 - a mean above zero always has a fit
    expected = float(np.exp(fitted.beta[0]))
    spread = fitted.dispersion + fitted.dispersion * fitted.cov[0, 0] * expected
    error = np.sqrt(4 / 9 * expected ** (1 / 3) * spread)
    return expected, float((expected ** (2 / 3) + NormalDist().inv_cdf(1 - alpha) * error) ** 1.5)


def fit(counts: np.ndarray, design: np.ndarray, weights: np.ndarray) -> Fit | None:
    """Quasi-Poisson regression with log link by iteratively reweighted least squares; None where it fails."""
    mean = counts + 0.1
    beta = np.zeros(design.shape[1])
    for _step in range(STEPS):
        working = np.log(mean) + (counts - mean) / mean
        scaled = design.T * (weights * mean)
        try:
            cov = np.linalg.inv(scaled @ design)
        except np.linalg.LinAlgError:
            return None
        before, beta = beta, cov @ scaled @ working
        mean = np.exp(np.clip(design @ beta, -30, 30))
        if np.abs(beta - before).max() < CLOSE:
            break
    else:
        return None
    leverage = weights * mean * np.einsum("ij,jk,ik->i", design, cov, design)
    free = len(counts) - design.shape[1]
    dispersion = max(1.0, float((weights * (counts - mean) ** 2 / mean).sum() / free))
    return Fit(beta, cov, mean, leverage, dispersion)


def _reweighted(counts: np.ndarray, design: np.ndarray) -> Fit | None:
    first = fit(counts, design, np.ones(len(counts)))
    if first is None:
        return None
    residual = 1.5 * (counts ** (2 / 3) * first.mean ** (-1 / 6) - np.sqrt(first.mean))
    residual /= np.sqrt(first.dispersion * np.maximum(1 - first.leverage, 1e-6))
    weights = np.where(residual > REWEIGHT_ABOVE, np.maximum(residual, 1.0) ** -2.0, 1.0)
    return fit(counts, design, weights * len(counts) / weights.sum())


def _keeps_trend(fitted: Fit, baseline: np.ndarray) -> bool:
    error = np.sqrt(fitted.dispersion * fitted.cov[1, 1])
    return bool(abs(fitted.beta[1]) > TREND_Z * error and np.exp(fitted.beta[0]) <= baseline.max())


def _weeks(own: pd.DataFrame, last: date) -> np.ndarray:
    """Counts of full weeks up to the one that ends on `last`, newest first, back to the series' first full week."""
    age = (pd.Timestamp(last) - pd.to_datetime(own["day"])).dt.days.to_numpy()
    counts = np.zeros(max(0, (int(age.max()) + 1) // 7))
    week = age // 7
    known = (age >= 0) & (week < len(counts))
    np.add.at(counts, week[known], own["n"].to_numpy(dtype=float)[known])
    return counts


def _run(weeks: np.ndarray, values: dict[str, Any]) -> list[tuple[float, float, float]]:
    """(count, expected, upper) of the alarm weeks that end with the last full one, newest first."""
    half, alarms = int(values["w"]), []
    shift = np.concatenate(
        [np.arange(YEAR * y - half, YEAR * y + half + 1) for y in range(1, int(values["b"]) + 1)]
    )
    for now in range(min(MOST_RUN, len(weeks) - int(shift.max()))):
        n = float(weeks[now])
        if n < int(values["n_min"]):
            break
        expected, upper = bound(weeks[now + shift], -shift.astype(float), float(values["alpha"]))
        if n <= upper:
            break
        alarms.append((n, expected, upper))
    return alarms
