"""The likelihood ratio by which all scans order their clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """More cases than expected over the last `days` days: likelihood ratio, its p-value, and 1 for the largest."""

    days: int
    n: int
    expected: float
    llr: float
    p: float
    rank: int

    @property
    def ratio(self) -> float:
        return self.n / self.expected


def poisson_llr(n: ArrayLike, expected: ArrayLike, total: ArrayLike) -> np.ndarray:
    """Log likelihood ratio of more cases inside than outside, given the total (Kulldorff 1997, eq. for Poisson).

    n ln(n/e) + (C-n) ln((C-n)/(C-e)) where n > e, else 0. `expected` sums to the total C over the whole study;
    arguments broadcast. Kulldorff, Communications in Statistics 26 (1997); the same form serves the space-time
    permutation scan (Kulldorff et al., PLoS Medicine 2 (2005) e59).
    """
    c, e, whole = (np.asarray(a, dtype=float) for a in (n, expected, total))
    out, left = whole - c, whole - e
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = xlogy(c, c / e) + xlogy(out, np.where(out > 0, out / left, 1.0))
    return np.where(c > e, ratio, 0.0)
