"""One step of many series under a Farrington model: fit, play down past outbreaks, fit again, drop a weak trend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from mingjian.detect.surge.glm import SMALLEST, Design, Fits, fit
from mingjian.detect.surge.windows import Baseline

YEARS_FOR_TREND = 3


@dataclass(frozen=True)
class Settings:
    """What both Farrington methods share; see `farrington_flexible` for the meaning of each."""

    reweight: bool
    weights_threshold: float
    trend: bool
    trend_threshold: float
    flexible: bool


@dataclass(frozen=True)
class Expected:
    """Expected count, variance of its logarithm and dispersion (at least 1), each (n,); NaN where no fit was found."""

    mean: np.ndarray
    error: np.ndarray
    dispersion: np.ndarray


def expect(
    counts: np.ndarray, base: Baseline, years: int, settings: Settings, offset: np.ndarray | None = None
) -> Expected:
    """What the step at time 0 should count, from the baseline counts (n, T); NaN counts are left out.

    The trend stays with at least three years of baseline, where it is significant and where its forecast does not
    exceed the largest count of the baseline (Farrington et al. 1996, section 3.4).
    `offset` (n, T) is the logarithm of the population over that of the step at time 0.
    """
    known = np.isfinite(counts)
    weights, counts = known.astype(float), np.where(known, counts, 0.0)
    found = np.full((3, len(counts)), np.nan)
    left = np.ones(len(counts), dtype=bool)
    if settings.trend and years >= YEARS_FOR_TREND:
        found, significant = _once(counts, base, base.time, weights, settings, offset)
        left = ~(significant & (found[0] <= counts.max(axis=1)))  # also where the fit failed
    if left.any():
        rest = None if offset is None else offset[left]
        found[:, left], _ = _once(counts[left], base, None, weights[left], settings, rest)
    return Expected(*found)


def _once(
    counts: np.ndarray,
    base: Baseline,
    time: np.ndarray | None,
    weights: np.ndarray,
    settings: Settings,
    offset: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """(mean, error, dispersion) in rows and whether the trend is significant, of one round with or without trend."""
    design = Design.of(base.level, base.levels, time)
    free = weights.sum(axis=1) - design.columns.shape[1]
    fits = fit(counts, design, weights, offset)
    if settings.reweight:
        weights = _play_down(counts, design, fits, weights, free, settings.weights_threshold)
        fits = fit(counts, design, weights, offset)
    estimate = _dispersion(counts, fits.mean, fits.working, free)
    dispersion = scale = np.maximum(estimate, 1.0)
    if settings.flexible:
        # R's farringtonFlexible: not at least 1, and after reweighting that of relative residuals, which is smaller
        # by about the mean count. Found by experiment, and kept so that the thresholds agree.
        estimate = _dispersion(counts, fits.mean, weights, free) if settings.reweight else estimate
        scale = estimate
    now = base.levels - 1
    mean = np.maximum(np.exp(fits.coefficients[:, now]), SMALLEST)
    found = np.stack([mean, scale * fits.variance(now, 0.0), dispersion])
    if time is None:
        return found, np.zeros(len(counts), dtype=bool)
    z = np.abs(fits.coefficients[:, -1]) * np.sqrt(fits.information.spread / estimate)
    return found, (settings.trend_threshold >= 1) | (2 * stdtr(free, -z) < settings.trend_threshold)


def _play_down(
    counts: np.ndarray, design: Design, fits: Fits, weights: np.ndarray, free: np.ndarray, threshold: float
) -> np.ndarray:
    """Weights that fall with the square of a large standardised Anscombe residual and sum to the number of steps."""
    dispersion = np.maximum(_dispersion(counts, fits.mean, fits.working, free), 1.0)
    deviation = np.sqrt(dispersion[:, None] * (1 - fits.leverage(design)))
    # The Pearson residual is the larger one, as y^(2/3) is concave: it tells where the dearer one is worth the pains.
    high = counts - fits.mean > threshold * deviation * np.sqrt(fits.mean)
    root = np.cbrt(fits.mean[high])
    residual = 1.5 * (np.cbrt(counts[high]) ** 2 - root**2) / (np.sqrt(root) * deviation[high])
    lowered = weights.copy()
    lowered[high] /= np.where(residual > threshold, residual, 1.0) ** 2
    return lowered * (weights.sum(axis=1) / lowered.sum(axis=1))[:, None]


def _dispersion(counts: np.ndarray, mean: np.ndarray, working: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Pearson's estimate of the dispersion under these working weights, (n,)."""
    return (working * (counts / mean - 1) ** 2).sum(axis=1) / free
