"""Levels that borrow from the series' own mean, so that a level with few or no cases still has a sound estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mingjian.detect.surge.glm import Design, Fits, fit

WIDEST = 3.0  # variance of a log mean beyond which nothing is known anyway


@dataclass(frozen=True)
class Shrunk:
    """A log-linear fit of levels and a trend to n series over T times; NaN in series that did not converge.

    `mean` and `leverage` are (n, T); `borrowed` (n, levels) is the share of each level's information that is
    imaginary, `cases` (n,) the weighted number of real ones behind it.
    """

    fits: Fits
    mean: np.ndarray
    leverage: np.ndarray
    borrowed: np.ndarray
    cases: np.ndarray

    def predict(self, level: int, time: float) -> tuple[np.ndarray, np.ndarray]:
        """Mean of a time not fitted, and the variance of its logarithm where the dispersion is 1, each (n,)."""
        # What was borrowed is itself an estimate: its own variance, 1 / cases, counts by the square of the share.
        variance = self.fits.variance(level, time) + self.borrowed[:, level] ** 2 / self.cases
        log_mean = self.predictor(np.array([level]), np.array([time]))[:, 0]
        return np.exp(np.clip(log_mean, -30.0, 30.0)), variance

    def predictor(self, level: np.ndarray, time: np.ndarray) -> np.ndarray:
        """Logarithm of the mean at these levels and times (m,), fitted or not: (n, m)."""
        coefficients, levels = self.fits.coefficients, self.borrowed.shape[1]
        found = coefficients[:, level]
        return found if coefficients.shape[1] == levels else found + coefficients[:, -1:] * time


def fit_shrunk(
    counts: np.ndarray,
    level: np.ndarray,
    time: np.ndarray | None,
    weights: np.ndarray,
    prior: np.ndarray,
    guess: np.ndarray,
) -> Shrunk:
    """Fit counts (n, T) by level (T,) and time (T,), scaled to -1 … 1 (None: no trend), with weights (n, T), 0 where unknown.

    Each level is given `prior` (n,) imaginary cases at the rate `guess` (n, levels), half at either end of the
    time: the conjugate prior of Poisson regression as data (Chen and Ibrahim 2003), which draws levels to the guess
    and the trend to none, strongly where cases are few and hardly where they are many.
    """
    length, levels = counts.shape[1], guess.shape[1]
    design = Design.of(
        np.concatenate([level, np.tile(np.arange(levels), 2)]),
        levels,
        None if time is None else np.concatenate([time, np.full(levels, -1.0), np.full(levels, 1.0)]),
    )
    imagined = np.tile(guess, 2)
    everything = np.concatenate([weights, prior[:, None] / 2.0 / imagined], axis=1)
    fits = fit(np.concatenate([counts, imagined], axis=1), design, everything)
    working = fits.working[:, length:]
    borrowed = (working[:, :levels] + working[:, levels:]) / fits.information.mass
    cases = np.maximum((weights * counts).sum(axis=1), 0.5)
    return Shrunk(fits, fits.mean[:, :length], fits.leverage(design)[:, :length], borrowed, cases)


def mean_rate(counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean count of a time, (n,), with half a case added so that it is never 0."""
    return ((weights * counts).sum(axis=1) + 0.5) / np.maximum(weights.sum(axis=1), 1.0)


def dispersion(counts: np.ndarray, fitted: Shrunk, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pearson's dispersion, at least 1, and its degrees of freedom, at least 1, each (n,)."""
    free = np.maximum(weights.sum(axis=1) - fitted.leverage.sum(axis=1), 1.0)
    squares = (weights * (counts - fitted.mean) ** 2 / fitted.mean).sum(axis=1)
    return np.maximum(squares / free, 1.0), free
