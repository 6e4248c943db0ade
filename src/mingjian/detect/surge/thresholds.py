"""From an expected count and its uncertainty to the threshold that a count must exceed, three ways.

`mean` is the expected count, `error` the variance of its logarithm, `dispersion` the variance of a count over its mean
(at least 1) and `alpha` the one-sided level. Each function gives (threshold, p-value) of the observed `counts`; all
arrays are (n,). NaN means stay NaN.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import nbinom, poisson

Answer = tuple[np.ndarray, np.ndarray]
Method = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float], Answer]
LARGE = 1e8  # a mean from which the quantiles of counts are those of the normal distribution, to eight digits


def power(
    counts: np.ndarray,
    mean: np.ndarray,
    error: np.ndarray,
    dispersion: np.ndarray,
    alpha: float,
    *,
    exponent: float,
) -> Answer:
    """A count to this power is taken as normal (Farrington et al. 1996; 2/3 takes the skewness away)."""
    centre = mean**exponent
    spread = exponent * mean ** (exponent - 1) * np.sqrt(dispersion * mean + error * mean**2)
    upper = np.maximum(centre + ndtri(1 - alpha) * spread, 0) ** (1 / exponent)
    return upper, ndtr((centre - counts**exponent) / spread)


def plug_in(
    counts: np.ndarray, mean: np.ndarray, error: np.ndarray, dispersion: np.ndarray, alpha: float
) -> Answer:
    """A negative binomial quantile, Poisson where the dispersion is 1, of estimates taken as known (Noufaily 2013)."""
    deviation = np.sqrt(dispersion * mean)
    upper, chance = mean + ndtri(1 - alpha) * deviation, ndtr((mean - counts) / deviation)
    small = mean < LARGE
    over = small & (dispersion > 1)
    single = small & ~over
    upper[single] = poisson.ppf(1 - alpha, mean[single])
    chance[single] = poisson.sf(counts[single] - 1, mean[single])
    shape = mean[over] / (dispersion[over] - 1), 1 / dispersion[over]
    upper[over] = nbinom.ppf(1 - alpha, *shape)
    chance[over] = nbinom.sf(counts[over] - 1, *shape)
    return upper, chance


def upper_mean(
    counts: np.ndarray, mean: np.ndarray, error: np.ndarray, dispersion: np.ndarray, alpha: float
) -> Answer:
    """The same at the upper (1 - alpha) bound of the expected count ("muan": Salmon, Schumacher and Höhle 2016)."""
    highest = mean * np.exp(ndtri(1 - alpha) * np.sqrt(error))
    return plug_in(counts, highest, error, dispersion, alpha)


def never_seen(counts: np.ndarray, steps: np.ndarray, alpha: float) -> Answer:
    """After so many steps without a case: the predictive distribution of a Poisson count, gamma prior of shape 1/2."""
    known = steps / (steps + 1)
    return nbinom.ppf(1 - alpha, 0.5, known), nbinom.sf(counts - 1, 0.5, known)
