"""Intervals of a proportion: Wilson (1927) for counts and weighted answers, Clopper and Pearson (1934) for few misses.

Wilson's score interval keeps its 95 % also for small numbers and near 0 and 1, where p ± 1.96 se does not (Brown,
Cai and DasGupta 2001). Weighted answers enter with Kish's (1965) effective number n = (Σw)² / Σw².
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from scipy.stats import binomtest

Z = 1.959963984540054  # the normal quantile of 0.975


@dataclass(frozen=True)
class Proportion:
    """A share with its 95 % interval; `n` is the number of answers, or their effective number when weighted."""

    n: float
    share: float
    low: float
    high: float


def wilson(share: float, n: float) -> Proportion:
    """Wilson's interval of a share seen in `n` answers (n > 0, not necessarily whole)."""
    z2 = Z * Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return Proportion(n, share, max(0.0, middle - half), min(1.0, middle + half))


def of_counts(hits: int, n: int) -> Proportion | None:
    """Wilson's interval of `hits` among `n`; None without answers."""
    return wilson(hits / n, n) if n else None


def of_weighted(answers: Sequence[tuple[bool, float]]) -> Proportion | None:
    """The share of yes among answers (yes, weight), each standing for `weight` cases; None without answers."""
    total = sum(w for _yes, w in answers)
    if not total:
        return None
    share = sum(w for yes, w in answers if yes) / total
    return wilson(share, total * total / sum(w * w for _yes, w in answers))


def exact(hits: int, n: int) -> Proportion | None:
    """Clopper and Pearson's interval, which never covers less than 95 %: for bounds on what is rare."""
    if not n:
        return None
    found = binomtest(hits, n).proportion_ci(0.95, method="exact")
    return Proportion(n, hits / n, float(found.low), float(found.high))
