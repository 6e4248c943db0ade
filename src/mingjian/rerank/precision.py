"""Average precision of an order, for many resamples of the same rows at once."""

from __future__ import annotations

import numpy as np


def average_precision(order: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Average precision AP = sum over thresholds of (R_k - R_{k-1}) P_k, as scikit-learn defines it, ties as one.

    `order` (n,) with the first place highest, `y` (n,) of 0 and 1; `weights` (resamples, n) counts each row in each
    resample (default: every row once, one resample). Returns (resamples,); NaN where nothing is positive.
    """
    w = np.ones((1, len(y))) if weights is None else weights
    down = np.argsort(-order, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(order[down]) != 0, True))
    taken = np.cumsum(w[:, down], axis=1)[:, ends]
    hits = np.cumsum(w[:, down] * y[down], axis=1)[:, ends]
    gained = np.diff(hits, axis=1, prepend=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        summed = np.where(gained > 0, gained * hits / taken, 0.0).sum(axis=1)
        return np.asarray(summed / hits[:, -1], dtype=float)


def resamples(n: int, times: int, seed: int) -> np.ndarray:
    """Bootstrap weights (times, n): how often each of `n` rows is drawn in `n` draws with replacement."""
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=times).astype(float)
