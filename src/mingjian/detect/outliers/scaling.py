"""Robust centre and spread of features within a peer group."""

from __future__ import annotations

import numpy as np

# Peers that agree to within rounding noise would make any real difference look like billions of deviations.
LEAST_SPREAD = 1e-3  # of the median: a row must lie min_z thousandths of the median off to be far at all
MOST_Z = 999.0  # deviations are told up to here


def center_of(x: np.ndarray) -> np.ndarray:
    """The median of each column of `x` (n, d); zeros when there are no rows."""
    return np.median(x, axis=0) if len(x) else np.zeros(x.shape[1])


def spread_of(x: np.ndarray, center: np.ndarray) -> np.ndarray:
    """1.4826 MAD (Rousseeuw and Croux 1993), which for normal values is the standard deviation; shape (d,).

    Where more than half of the peers agree, 1.2533 times the mean deviation, then 1. Never below a thousandth of
    the median.
    """
    if not len(x):
        return np.ones(x.shape[1])
    deviation = np.abs(x - center)
    mad = 1.4826 * np.median(deviation, axis=0)
    mean = 1.2533 * deviation.mean(axis=0)
    floor = LEAST_SPREAD * np.maximum(np.abs(center), 1e-9)
    return np.maximum(np.where(mad > 0, mad, np.where(mean > 0, mean, 1.0)), floor)


def robust_z(x: np.ndarray) -> np.ndarray:
    """`x` (n, d) in robust deviations from its own median."""
    center = center_of(x)
    return (x - center) / spread_of(x, center)
