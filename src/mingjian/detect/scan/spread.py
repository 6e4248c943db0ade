"""Point problem or common problem: in how many places of one level has the same topic risen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import nbinom, poisson

POINT, COMMON = "point", "common"


@dataclass(frozen=True)
class Spread:
    """`risen`: (n_places,) of bool; `share` of all places that rose; `scope` is "point" or "common"."""

    risen: np.ndarray
    share: float
    scope: str


def spread(
    n: ArrayLike,
    expected: ArrayLike,
    *,
    dispersion: float = 1.0,
    lift: float = 1.5,
    alpha: float = 0.05,
    least: int = 3,
    least_share: float = 0.2,
) -> Spread:
    """Whether a topic rose in one place or across many (面上问题).

    `n`, `expected`: (n_places,), cases and expected cases of the window in each place of one level. A place has risen
    when it holds `lift` times what was expected and such a count or more has a chance of at most `alpha` (negative
    binomial of variance `dispersion` x mean; Poisson at 1). "common" needs `least` places and `least_share` of all.
    """
    n, expected = np.asarray(n, dtype=float), np.asarray(expected, dtype=float)
    risen = (n >= lift * expected) & (n > 0) & (chance_of(n, expected, dispersion) <= alpha)
    share = float(risen.mean()) if len(risen) else 0.0
    scope = COMMON if risen.sum() >= least and share >= least_share else POINT
    return Spread(risen, share, scope)


def chance_of(n: np.ndarray, expected: np.ndarray, dispersion: float = 1.0) -> np.ndarray:
    """Chance of `n` cases or more."""
    if dispersion <= 1.0 + 1e-6:
        return np.asarray(poisson.sf(n - 1, expected))
    return np.asarray(nbinom.sf(n - 1, np.maximum(expected, 1e-9) / (dispersion - 1), 1 / dispersion))


def upper_of(expected: np.ndarray, dispersion: float = 1.0, alpha: float = 0.01) -> np.ndarray:
    """The largest count that is still usual: more has a chance of at most `alpha` on one day."""
    if dispersion <= 1.0 + 1e-6:
        return np.asarray(poisson.ppf(1 - alpha, expected))
    return np.asarray(nbinom.ppf(1 - alpha, np.maximum(expected, 1e-9) / (dispersion - 1), 1 / dispersion))
