"""What every surveillance method answers: an alarm, its threshold, what was expected, and by how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Alarms:
    """Arrays of the shape of the counts, (n_series, n_times); NaN (alarm: False) where a cell was not evaluated.

    `upper` is the threshold that a count must exceed, `expected` the mean under "nothing unusual" (both counts per
    time step), `score` how far the count lies beyond: 0 at the expected value, 1 at the threshold (the exceedance
    score of Noufaily et al. 2013) or the statistic itself for CUSUM-like methods, whose `upper` then is its limit.
    `pvalue` is the chance of such a count or a larger one where nothing unusual happens; None where a method has none.
    """

    alarm: np.ndarray
    upper: np.ndarray
    expected: np.ndarray
    score: np.ndarray
    pvalue: np.ndarray | None = None

    @property
    def evaluated(self) -> np.ndarray:
        """Which cells were judged, (n_series, n_times) of bool."""
        return np.isfinite(self.upper)
