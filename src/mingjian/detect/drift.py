"""Has the spread of a model's scores shifted? Small histograms of each run, and a test of each against those before.

The population stability index (PSI; Yurdakul 2018) says how much, the two-sample Kolmogorov-Smirnov test how surely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import kolmogorov

from mingjian.domain.finding import Finding

BINS = 20
POINTS = 100 / BINS
SCORE = "score"
# What a detector says of its own hits, the first that the findings carry; 0-100 points are the amount's more than its.
STATISTICS = ("outlier_score", "top_z", "ratio")

REFERENCE = 180  # days of runs that a run is compared with
GAP = 14  # days before a run that its reference ends: a shift is told this long before it becomes the usual
LEAST_RUNS = 10
LEAST_FINDINGS = 50  # in the run, and in a usual run of the reference
GROUPS = 10


@dataclass(frozen=True)
class Shift:
    """Arrays (runs,), NaN where a run could not be compared (too few findings, or too few runs before it).

    `psi` over at most ten groups of equal share in the reference; `ks` the largest distance of the two distribution
    functions and `p_value` its probability by chance. `runs` and `usual` are the reference's runs and findings per
    run; `median` and `median_before` values in the middle of the bins that hold the medians.
    """

    psi: np.ndarray
    ks: np.ndarray
    p_value: np.ndarray
    runs: np.ndarray
    usual: np.ndarray
    median: np.ndarray
    median_before: np.ndarray


def histogram(found: Sequence[Finding]) -> dict[str, Any] | None:
    """The findings' scores in fixed bins: {"of": what was counted, "counts": twenty numbers}; None without findings.

    `of` is a detector's own statistic where every finding carries it, in half octaves of 1 + |value| (bin 0 holds 0
    to 0.41, bin 19 all from 724), else the score, in steps of five points.
    """
    if not found:
        return None
    for name in STATISTICS:
        values = [f.measures.get(name) for f in found]
        if all(isinstance(v, int | float) for v in values):
            bins = np.floor(2 * np.log2(1 + np.abs(np.array(values, dtype=float))))
            return _counted(name, bins)
    return _counted(SCORE, np.floor(np.array([f.score for f in found]) / POINTS))


def _counted(of: str, bins: np.ndarray) -> dict[str, Any]:
    places = np.clip(bins, 0, BINS - 1).astype(int)
    return {"of": of, "counts": np.bincount(places, minlength=BINS).tolist()}


def middles(of: str) -> np.ndarray:
    """The value in the middle of each bin of such a histogram, shape (20,)."""
    halves = np.arange(BINS) + 0.5
    return halves * POINTS if of == SCORE else 2 ** (halves / 2) - 1


def shifts(days: np.ndarray, counts: np.ndarray, of: str = SCORE) -> Shift:
    """Each run of one model against its runs of 14 to 180 days before.

    `days` (runs,) ordinals in rising order, `counts` (runs, 20). A night repeats most findings of the night before,
    so the reference's findings are not independent: however many its runs are, they count as one usual run, which
    is right when they all say the same and too careful when they do not.
    """
    counts = counts.astype(float)
    first = np.searchsorted(days, days - REFERENCE, side="left")
    last = np.searchsorted(days, days - GAP, side="right")
    upto = np.vstack([np.zeros(counts.shape[1]), counts.cumsum(axis=0)])
    before = upto[last] - upto[first]
    runs = (last - first).astype(float)
    n = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = before.sum(axis=1) / runs
        enough = (runs >= LEAST_RUNS) & (n >= LEAST_FINDINGS) & (usual >= LEAST_FINDINGS)
        now, then = counts / n[:, None], before / before.sum(axis=1, keepdims=True)
        ks = np.abs(now.cumsum(axis=1) - then.cumsum(axis=1)).max(axis=1)
        p_value = kolmogorov(np.sqrt(n * usual / (n + usual)) * ks)
    psi = np.array([_psi(counts[i], before[i]) if ok else np.nan for i, ok in enumerate(enough)])
    middle = middles(of)
    return Shift(
        psi=psi,
        ks=np.where(enough, ks, np.nan),
        p_value=np.where(enough, p_value, np.nan),
        runs=runs,
        usual=np.nan_to_num(usual),
        median=middle[_median_bin(now)],
        median_before=middle[_median_bin(then)],
    )


def _psi(now: np.ndarray, before: np.ndarray) -> float:
    """PSI = sum over groups of (a - e) ln(a / e), a and e the shares now and before; half a finding in each group."""
    share = before.cumsum() / before.sum()
    group = np.minimum(np.floor((share - before / before.sum() / 2) * GROUPS), GROUPS - 1).astype(int)
    size = np.bincount(group, minlength=GROUPS) > 0
    a = np.bincount(group, now, minlength=GROUPS)[size] + 0.5
    e = np.bincount(group, before, minlength=GROUPS)[size] + 0.5
    a, e = a / a.sum(), e / e.sum()
    return float(((a - e) * np.log(a / e)).sum())


def _median_bin(shares: np.ndarray) -> np.ndarray:
    return np.asarray((np.nan_to_num(shares).cumsum(axis=1) < 0.5).sum(axis=1).clip(max=shares.shape[1] - 1))
