"""From the maxima of the replicates to p-values and recurrence intervals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from scipy.stats import gumbel_r

from mingjian.detect.scan.statistic import poisson_llr
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _

Method = Literal["rank", "gumbel"]
TIE = 1e-9  # equal ratios summed in another order must still count as equal


def p_values(llr: np.ndarray, maxima: np.ndarray, method: Method = "rank") -> np.ndarray:
    """Chance that a search over data where nothing happens finds a ratio as large.

    `llr`: any shape; `maxima`: (n_replicates,), the largest ratio of each replicate. `rank` is Dwass' exact
    (1 + #{maxima >= llr}) / (1 + n); `gumbel` fits an extreme-value distribution by moments and so tells p-values
    below 1/(1 + n) (Abrams, Kleinman & Kulldorff, International Journal of Health Geographics 9 (2010) 61).
    """
    llr = np.asarray(llr, dtype=float)
    if method == "gumbel":
        scale = max(float(np.std(maxima, ddof=1)) * np.sqrt(6) / np.pi, 1e-12)
        fitted = gumbel_r.sf(llr, loc=float(np.mean(maxima)) - np.euler_gamma * scale, scale=scale)
        return np.where(llr > 0, fitted, 1.0)
    below = np.searchsorted(np.sort(maxima), llr - TIE, side="left")
    return (1.0 + len(maxima) - below) / (1.0 + len(maxima))


def recurrence_days(p: float, every: int = 1) -> float:
    """Days between two clusters of this p-value where nothing happens, scanning once in `every` days.

    Kleinman, Lazarus & Platt, American Journal of Epidemiology 159 (2004); as SaTScan's recurrence interval.
    """
    return every / p


def batches(replicates: int, cells: int, most: int = 16_000_000) -> Iterator[int]:
    """Sizes of batches that together are `replicates`, each of at most `most` cells (at least one replicate).

    Raises RuleError when there is no replicate at all: a p-value needs at least one.
    """
    if replicates < 1:
        raise RuleError(
            _("扫描统计的模拟次数为 {n}", n=replicates), hint=_("replicates 至少为 1，通常为 999")
        )
    size = max(1, min(replicates, most // max(cells, 1)))
    for start in range(0, replicates, size):
        yield min(size, replicates - start)


def add_up(x: np.ndarray, axis: int) -> np.ndarray:
    """Running sums along a short axis, in place: as np.cumsum, but over whole slices at a time."""
    moved = np.moveaxis(x, axis, 0)
    for k in range(1, len(moved)):
        moved[k] += moved[k - 1]
    return x


def largest(zones: np.ndarray, expected: np.ndarray, total: float | np.ndarray, n_min: int) -> np.ndarray:
    """The largest ratio of each replicate, (B,), over zones of at least `n_min` cases.

    `zones`: (n_zones, B, W) counts; `expected`: (n_zones, W); `total`: of the study, or (n_zones,).
    """
    _n, size, days = zones.shape
    beyond = np.maximum(expected, n_min - 0.5).astype(np.float32)
    at = np.flatnonzero(zones > beyond[:, None, :])
    row, rest = np.divmod(at, size * days)
    replicate, window = np.divmod(rest, days)
    whole = total[row] if isinstance(total, np.ndarray) else total
    found = np.zeros(size)
    np.maximum.at(found, replicate, poisson_llr(zones.reshape(-1)[at], expected[row, window], whole))
    return found
