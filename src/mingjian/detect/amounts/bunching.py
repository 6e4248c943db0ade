"""Bunching of amounts just below an approval limit: a local density test that knows round numbers.

The density that one would see without the limit is taken from the amounts farther off on both sides, as in the
bunching estimators of H. Kleven and M. Waseem (Using Notches to Uncover Optimization Frictions, 2013): a log-density
quadratic in log amount (exact for lognormal and Pareto amounts), with a factor for each class of round numbers. The
band below the limit and the one above (from which amounts may have moved) take no part in the fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from mingjian.detect.amounts import poisson
from mingjian.detect.amounts.cells import Grid, cell_of, grid
from mingjian.detect.amounts.digits import FEN, Floats, Ints, counted
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _

BLOCK = 4096  # groups fitted at once: some 240 cells each, 8 MB an array
HALF = 0.5  # an amount of each class is added to its rate, as Jeffreys' prior does, so that no class is impossible
LOOSE, FREE = 0.1, 1e-3  # precision of the priors of class factors and of the density's two slopes


@dataclass(frozen=True)
class Bunching:
    """One row a group; NaN in `p` where fewer than `n_min` amounts stand around the two bands.

    `n` amounts that the density was taken from, `below` amounts in [limit - band, limit) and `expected` there,
    `above` and `expected_above` the same in [limit, limit + band), `p` the chance of so many below or more,
    `bins` (n_groups, bins) counts with `fitted` beside them, and `edges` (bins + 1,) in yuan.
    """

    n: Floats
    below: Floats
    expected: Floats
    above: Floats
    expected_above: Floats
    p: Floats
    bins: Floats
    fitted: Floats
    edges: Floats


def bunching(
    amounts: Floats,
    groups: Ints,
    n_groups: int,
    limit: float,
    *,
    band: float = 0.1,
    reach: float = 0.5,
    per_band: int = 2,
    n_min: int = 50,
    weights: Floats | None = None,
) -> Bunching:
    """Test each group 0..n_groups-1 for too many amounts (yuan) in [limit (1 - band), limit).

    Amounts within `reach` (a share of the limit) to either side are looked at, in bins of band / per_band. `p` is
    one-sided and predictive: a negative binomial with the variance of the count, of the fit, and of whatever the bins
    scatter beyond Poisson. RuleError when the band does not leave two bands' width of other amounts on either side.
    """
    if not (limit >= 1 and band > 0 and 3 * band <= reach < 1):
        raise RuleError(
            _("集聚检验的限额或区间不合用"),
            hint=_("限额不小于 1 元，区间大于 0，观察范围至少为区间的三倍且小于 1"),
        )
    on = grid(limit, band, reach, per_band)
    cells = cell_of(amounts, on)
    known = np.isfinite(amounts) & (cells >= 0)
    many = None if weights is None else weights[known]
    n_bins, n_kinds = on.shape
    parts = []
    inside, of = cells[known], groups[known]
    order = np.argsort(of, kind="stable")
    inside, of = inside[order], of[order]
    many = None if many is None else many[order]
    for start in range(0, max(n_groups, 1), BLOCK):
        size = min(BLOCK, n_groups - start)
        lo, hi = np.searchsorted(of, [start, start + size])
        share = None if many is None else many[lo:hi]
        counts = counted(of[lo:hi] - start, inside[lo:hi], size, n_bins * n_kinds, share)
        parts.append(_judge(counts, on, n_min))
    columns = [np.concatenate(blocks) for blocks in zip(*parts, strict=True)]
    return Bunching(*columns, *[on.edges / FEN])


def _judge(counts: Floats, on: Grid, n_min: int) -> tuple[Floats, ...]:
    """The columns of `Bunching` for one block of groups; `counts` has shape (groups, cells)."""
    n_bins, n_kinds = on.shape
    bins = counts.reshape(-1, n_bins, n_kinds).sum(axis=2)
    calm = np.repeat(~(on.below | on.near), n_kinds)
    there = on.points.ravel() > 0
    kind = np.tile(np.arange(n_kinds), n_bins)
    design = np.c_[np.eye(n_kinds)[kind], _slopes(np.repeat(on.middle, n_kinds))]
    ridge = np.r_[np.full(n_kinds, LOOSE), FREE, FREE]
    offset = _offset(counts, on, calm)
    used = calm & there
    beta, cov = poisson.fit(counts[:, used], design[used], offset[:, used], ridge)
    fitted = np.where(there, poisson.mean(beta, design, offset), 0.0)
    fitted_bins = fitted.reshape(-1, n_bins, n_kinds).sum(axis=2)
    n = bins[:, ~(on.below | on.near)].sum(axis=1)
    scatter = _scatter(bins, fitted_bins, ~(on.below | on.near))
    inside = np.repeat(on.below, n_kinds)
    below, expected = bins[:, on.below].sum(axis=1), fitted_bins[:, on.below].sum(axis=1)
    pull = fitted[:, inside] @ design[inside]
    unsure = scatter * np.einsum("ni,nij,nj->n", pull, cov, pull)
    p = _chance(below, expected, scatter * expected + unsure)
    above, expected_above = bins[:, on.near].sum(axis=1), fitted_bins[:, on.near].sum(axis=1)
    return n, below, expected, above, expected_above, np.where(n >= n_min, p, np.nan), bins, fitted_bins


def _slopes(ratio: Floats) -> Floats:
    """Log amount and its square, scaled to about one."""
    x = 2 * np.log(ratio)
    return np.c_[x, x**2]


def _offset(counts: Floats, on: Grid, calm: np.ndarray) -> Floats:
    """Log of what each cell would hold if every amount of its class were equally frequent."""
    n_bins, n_kinds = on.shape
    points = on.points.ravel()
    mine = np.where(calm, counts, 0.0).reshape(-1, n_bins, n_kinds).sum(axis=1) + HALF
    open_points = np.where(calm, points, 0.0).reshape(n_bins, n_kinds).sum(axis=0)
    rate = mine / np.maximum(open_points, 1.0)
    return np.asarray(np.log(np.tile(rate, (1, n_bins)) * np.maximum(points, 1e-9)))


def _scatter(bins: Floats, fitted: Floats, calm: np.ndarray) -> Floats:
    """Pearson's dispersion over the bins outside the bands, at least 1 (three coefficients shape them)."""
    off = (bins - fitted)[:, calm] ** 2 / np.maximum(fitted[:, calm], 1e-9)
    return np.maximum(off.sum(axis=1) / (calm.sum() - 3), 1.0)


def _chance(seen: Floats, expected: Floats, variance: Floats) -> Floats:
    """P(count >= seen) for a negative binomial of that mean and variance (Poisson where they agree)."""
    size = expected**2 / np.maximum(variance - expected, 1e-9 * np.maximum(expected, 1e-9))
    return np.asarray(stats.nbinom.sf(seen - 1, size, size / (size + expected)))
