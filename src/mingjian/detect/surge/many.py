"""Many series judged on one day: which alarms to believe, and which of them to show first."""

from __future__ import annotations

import numpy as np


def adjusted(pvalue: np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg adjusted p-values of each day's family, (n_series, n_times); NaN cells are no tests.

    A cell whose adjusted value is at most q belongs to a set with a false discovery rate of at most q, for
    independent or positively dependent series (Benjamini and Hochberg 1995; Benjamini and Yekutieli 2001).
    """
    order = np.argsort(pvalue, axis=0)  # NaN goes last
    ranked = np.take_along_axis(pvalue, order, axis=0)
    tests = np.isfinite(pvalue).sum(axis=0)
    rank = np.arange(1, len(pvalue) + 1)[:, None]
    scaled = np.where(np.isfinite(ranked), ranked * tests / rank, np.inf)
    lowest = np.minimum.accumulate(scaled[::-1], axis=0)[::-1]
    found = np.empty_like(ranked)
    np.put_along_axis(found, order, np.minimum(lowest, 1.0), axis=0)
    return np.where(np.isfinite(pvalue), found, np.nan)


def within_budget(alarm: np.ndarray, pvalue: np.ndarray, excess: np.ndarray, budget: int) -> np.ndarray:
    """The `budget` alarms of each day with the smallest p-value, then the largest excess over the expected count.

    All arrays are (n_series, n_times). What is left, `alarm & ~within_budget(...)`, waits: it is for the caller to
    count and to tell.
    """
    first = np.lexsort((-excess, np.where(alarm, pvalue, np.inf), ~alarm), axis=0)
    place = np.empty_like(first)
    np.put_along_axis(place, first, np.arange(len(alarm))[:, None], axis=0)
    return alarm & (place < budget)
