"""Daily counts of less than two years: weekday, public holidays and trend, tolerant of past outbreaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import ndtri
from scipy.stats import nbinom

from mingjian.detect.surge.holidays import Holidays, Kind, mainland
from mingjian.detect.surge.matrix import as_matrix
from mingjian.detect.surge.result import Alarms
from mingjian.detect.surge.shrunk import WIDEST, Shrunk, dispersion, fit_shrunk, mean_rate
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _

WEEK = 7
LEAST = 56  # days of history, the gap among them, without which a day is not judged
LONGEST_GAP = 28
PRIOR = 2.0  # imaginary cases (times the dispersion) of each kind of day
BLOCK = 4096
LEAST_PHI = 2.0
USUAL, CONTINUOUS = 0.8, 3.0
LIMIT = 1.28  # 90 % limit of a normal distribution


@dataclass(frozen=True)
class DailyAlarms(Alarms):
    """`Alarms` with `lower`, the threshold that a count must fall below; None unless falls are watched.

    `score` is 1 at the smallest count that is too high and -1 at the largest that is too low.
    """

    lower: np.ndarray | None = None


@dataclass(frozen=True)
class _Baseline:
    """The days a day is judged by: their places, kinds (0 … kinds - 1, named in `kinds`) and times from -1 to 1."""

    rows: np.ndarray
    kind: np.ndarray
    time: np.ndarray
    kinds: np.ndarray
    kind_now: int
    time_now: float


def daily(
    counts: Any,
    dates: Any,
    holidays: Holidays | None = mainland,
    alpha: float = 0.01,
    direction: Literal["up", "down", "both"] = "up",
    history: int = 84,
    gap: int = 10,
    min_count: int = 3,
    weights_threshold: float = 2.58,
    last: int | None = None,
) -> DailyAlarms:
    """Judge each day of each series by a log-linear quasi-Poisson regression on the `history` days before it.

    `counts` is (n_series, n_times), NaN where there are no data; `dates` (n_times,) are consecutive days. `last`
    judges only the last so many days. All series of one day share the design: seven weekdays, days off, make-up
    working days and the working days next to a holiday (each a kind of day of its own, present where the baseline
    or the day judged has it), and a linear trend. Kinds are shrunk to the series' mean rate, days off to its
    Sundays, so that a kind without cases gives no threshold of 0 and a holiday not seen before a wide one.
    `holidays` None leaves these out. The latest `gap` days are no part of the baseline, so that an outbreak does
    not hide itself; earlier outbreaks are played down by Noufaily's weights (2013; Anscombe residuals above
    `weights_threshold`), and the fit is made again.

    The threshold is the quantile of a negative binomial whose variance adds the dispersion, at its upper 90 % limit,
    and the uncertainty of the mean. `pvalue` is its tail; an alarm is a p-value of at most
    `alpha` with at least `min_count` cases (for falls: expected). `direction` "both" doubles the smaller tail.

    The level: at most `alpha` of quiet days, for counts whose weekday pattern is steady and whose mean changes
    log-linearly within three months; measured by bench/surge_false_alarms.py. A day with less than 56 days of
    history, or fewer than 56 - `gap` of them observed in its baseline, is NaN. Raises RuleError where `dates` do not
    fit the counts or `gap` is above 28.
    """
    y = as_matrix(counts)
    days = np.asarray(dates, dtype="datetime64[D]")
    if days.shape != (y.shape[1],) or (np.diff(days) != np.timedelta64(1, "D")).any():
        raise RuleError(
            _("dates 应是与计数同长、逐日连续的日期"),
            hint=_("没有投诉的日子请补 0，没有数据的日子请补空值，不要跳过"),
        )
    if not 0 <= gap <= LONGEST_GAP:
        raise RuleError(
            _("gap 应在 0 至 {n} 天之间，现为 {gap}").format(n=LONGEST_GAP, gap=gap),
            hint=_("常用 7 至 14；更长的间隔会使八周历史不够拟合"),
        )
    kind = _kinds(days, holidays)
    found = np.full((2, *y.shape), np.nan)
    first = LEAST if last is None else max(LEAST, y.shape[1] - last)
    for now in range(first, y.shape[1]):
        base = _baseline(kind, now, history, gap)
        for start in range(0, len(y), BLOCK):
            block = slice(start, start + BLOCK)
            found[:, block, now] = _expect(y[block, base.rows], base, weights_threshold, LEAST - gap)
    return _judge(y, found[0], found[1], alpha, direction, min_count)


def _kinds(days: np.ndarray, holidays: Holidays | None) -> np.ndarray:
    """0 to 6 is Monday to Sunday, 6 + Kind a day that does not follow its weekday."""
    weekday = (days.astype(int) + 3) % WEEK  # 1970-01-01 was a Thursday
    if holidays is None:
        return weekday
    special = np.asarray(holidays(days))
    return np.where(special == Kind.ORDINARY, weekday, WEEK - 1 + special)


def _baseline(kind: np.ndarray, now: int, history: int, gap: int) -> _Baseline:
    rows = np.arange(max(0, now - gap - history), now - gap)
    kinds, place = np.unique(np.append(kind[rows], kind[now]), return_inverse=True)
    step = 2.0 / (len(rows) - 1)
    time = -1.0 + step * np.arange(len(rows))
    return _Baseline(rows, place[:-1], time, kinds, int(place[-1]), float(-1.0 + step * (now - rows[0])))


def _expect(
    counts: np.ndarray, base: _Baseline, weights_threshold: float, least: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the day judged and variance of its count, each (n,); NaN where the baseline does not suffice."""
    known = np.isfinite(counts)
    weights, y = known.astype(float), np.where(known, counts, 0.0)
    guess = _guess(y, weights, base)
    prior = np.full(len(y), PRIOR)
    with np.errstate(all="ignore"):
        fitted = fit_shrunk(y, base.kind, base.time, weights, prior, guess)
        phi, _free = dispersion(y, fitted, weights)
        weights = _play_down(y, fitted, phi, known, weights_threshold)
        fitted = fit_shrunk(y, base.kind, base.time, weights, prior * phi, guess)
        phi, free = dispersion(y, fitted, weights)
        phi += _error(phi, free, mean_rate(y, weights))
        mean, variance = fitted.predict(base.kind_now, base.time_now)
        spread = phi * mean + mean**2 * np.expm1(np.minimum(phi * variance, WIDEST))
    enough = known.sum(axis=1) >= least
    return np.where(enough, mean, np.nan), np.where(enough, spread, np.nan)


def _guess(y: np.ndarray, weights: np.ndarray, base: _Baseline) -> np.ndarray:
    """What each kind of day is drawn to, (n, kinds): the mean rate; days off Sundays, the others working days."""
    overall = mean_rate(y, weights)
    guess = np.repeat(overall[:, None], len(base.kinds), axis=1)
    named = base.kinds[base.kind]
    for place, kind in enumerate(base.kinds):
        if kind >= WEEK:
            like = named == WEEK - 1 if kind == WEEK - 1 + Kind.OFF else named < WEEK - 2
            cases, days = (weights * y)[:, like].sum(axis=1), weights[:, like].sum(axis=1)
            guess[:, place] = (cases + PRIOR) / (days + PRIOR / overall)
    return guess


def _play_down(
    y: np.ndarray, fitted: Shrunk, phi: np.ndarray, known: np.ndarray, threshold: float
) -> np.ndarray:
    """Noufaily's weights: residuals beyond the threshold count by their inverse square; the sum stays that of days."""
    residual = 1.5 * (y ** (2 / 3) * fitted.mean ** (-1 / 6) - np.sqrt(fitted.mean))
    residual /= np.sqrt(np.maximum(1.0 - fitted.leverage, 0.05))
    # A large outbreak swells the dispersion and so hides in it. A quantile of the residuals is not swollen, but
    # tells a dispersion only where counts are large enough to be nearly continuous.
    counted = known | ~known.any(axis=1, keepdims=True)
    usual = np.nanquantile(np.where(counted, np.abs(residual), np.nan), USUAL, axis=1) / ndtri(
        (1 + USUAL) / 2
    )
    enough = mean_rate(y, known.astype(float)) >= CONTINUOUS
    phi = np.where(enough, np.clip(usual**2, 1.0, phi), phi)
    residual /= np.sqrt(phi)[:, None]
    weights = np.where(residual > threshold, residual**-2.0, 1.0) * known
    return weights * (known.sum(axis=1) / weights.sum(axis=1))[:, None]


def _error(phi: np.ndarray, free: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """How far dispersion may lie above its estimate: its standard error by the negative binomial's fourth moment.

    An estimate too low would also make its own error too low, so phi is taken as at least `LEAST_PHI` here.
    """
    phi = np.maximum(phi, LEAST_PHI)
    excess = (6.0 * (phi - 1.0) + 1.0 / phi) / rate
    return LIMIT * phi * np.sqrt((2.0 + excess) / free)


def _judge(
    y: np.ndarray, mean: np.ndarray, spread: np.ndarray, alpha: float, direction: str, min_count: int
) -> DailyAlarms:
    size = mean**2 / np.maximum(spread - mean, 1e-9 * mean)
    probability = size / (size + mean)
    tail = alpha / 2.0 if direction == "both" else alpha
    above = nbinom.sf(y - 1.0, size, probability)
    below = nbinom.cdf(y, size, probability)
    upper = np.maximum(nbinom.isf(tail, size, probability), min_count - 1.0)
    # The smallest count that is not too low; below it, all counts are.
    lower = nbinom.ppf(tail, size, probability)
    rise, fall = y > upper, (y < lower) & (mean >= min_count)
    judged = np.isfinite(mean) & np.isfinite(y)
    lower = np.where(judged & (mean >= min_count), lower, np.where(judged, 0.0, np.nan))
    upper = np.where(judged, upper, np.nan)
    up = (y - mean) / np.maximum(upper + 1.0 - mean, 0.5)
    down = (y - mean) / np.maximum(mean - lower + 1.0, 0.5)
    score = np.where(y >= mean, up, down)
    if direction == "up":
        return DailyAlarms(rise & judged, upper, mean, score, above)
    if direction == "down":
        return DailyAlarms(fall & judged, upper, mean, score, below, lower)
    both = np.minimum(1.0, 2.0 * np.minimum(above, below))
    return DailyAlarms((rise | fall) & judged, upper, mean, score, both, lower)
