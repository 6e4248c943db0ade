"""Simulated weekly series with trend, seasons, overdispersion and injected outbreaks, after Noufaily et al. (2013).

Shared by the surge benches: the same generator, so that agreement, false alarms and sensitivity speak of one thing.
"""

from __future__ import annotations

import numpy as np

WEEKS = 52


def simulate(
    n_series: int,
    weeks: int,
    seed: int,
    outbreaks: float | None = None,
    *,
    mean: tuple[float, float] = (0.1, 100.0),
    dispersion: tuple[float, float] = (1.0, 5.0),
    seasons: float = 1.0,
    trend: float = 0.003,
    recent: int = 49,
    past: int = 4,
) -> tuple[np.ndarray, np.ndarray]:
    """Counts (n_series, weeks) and which of them hold cases of an outbreak (the same shape, bool).

    log mean = theta + beta t + seasons * gamma_1 cos + gamma_2 sin, with the weekly level exp(theta) log-uniform
    over `mean`, beta uniform within `trend` a week for half of the series and 0 for the others (level at mid-series),
    both season terms uniform within 0.5 * `seasons`; counts are negative binomial with variance = dispersion * mean,
    dispersion uniform (Poisson at 1).

    `outbreaks` is the size k: `past` outbreaks start before the last `recent` weeks and one among them. The size of
    an outbreak is Poisson with mean k standard deviations of the count at its start, spread over weeks by a
    log-normal delay with log-mean 0 and log-deviation 0.5 (so within some four weeks). None: no outbreaks.
    """
    rng = np.random.default_rng(seed)
    t = np.arange(weeks)
    level = rng.uniform(*np.log(mean), n_series)
    slope = rng.uniform(-trend, trend, n_series) * (rng.random(n_series) < 0.5)
    wave = 0.5 * seasons * rng.uniform(-1, 1, (2, n_series))
    angle = 2 * np.pi * t / WEEKS
    log_mean = level[:, None] + slope[:, None] * (t - weeks / 2)
    log_mean = log_mean + wave[0][:, None] * np.cos(angle) + wave[1][:, None] * np.sin(angle)
    means = np.exp(log_mean)
    phi = rng.uniform(*dispersion, n_series)[:, None]
    counts = _draw(rng, means, phi)
    if outbreaks is None:
        return counts, np.zeros(counts.shape, dtype=bool)
    starts = np.column_stack(
        [
            rng.integers(0, weeks - recent, (n_series, past)),
            rng.integers(weeks - recent, weeks, (n_series, 1)),
        ]
    )
    return counts, _inject(rng, counts, np.sqrt(means * phi), starts, outbreaks)


def _draw(rng: np.random.Generator, means: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """Negative binomial counts of these means with variance phi * mean, drawn as a Poisson of a gamma."""
    extra = np.maximum(phi - 1, 1e-9)
    return rng.poisson(rng.gamma(means / extra, extra)).astype(np.int64)


def _inject(
    rng: np.random.Generator, counts: np.ndarray, deviation: np.ndarray, starts: np.ndarray, size: float
) -> np.ndarray:
    """Add the cases of outbreaks to counts in place, and tell where."""
    weeks = counts.shape[1]
    series = np.repeat(np.arange(len(counts)), starts.shape[1])
    start = starts.ravel()
    cases = rng.poisson(size * deviation[series, start])
    which = np.repeat(np.arange(len(start)), cases)
    when = start[which] + np.floor(rng.lognormal(0.0, 0.5, len(which))).astype(int)
    inside = when < weeks
    held = np.zeros(counts.shape, dtype=np.int64)
    np.add.at(held, (series[which][inside], when[inside]), 1)
    counts += held
    return held > 0
