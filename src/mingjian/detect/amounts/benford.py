"""Benford's law for leading digits: MAD with Nigrini's classes, its share of chance, and the summation test.

M. J. Nigrini, Benford's Law: Applications for Forensic Accounting, Auditing, and Fraud Detection (2012), chapters 5
and 7. His classes of the mean absolute deviation (MAD) are for thousands of amounts: with few, chance alone makes the
MAD large (B. Barney and K. Schulzke, Moderating "Cry Wolf" Events with Excess MAD, 2016). So each MAD comes with what
is expected of Benford amounts in that number, and with how often they would reach it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special, stats

from mingjian.detect.amounts.digits import Floats, Ints, counted, leading
from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _

CLASSES = ("close", "acceptable", "marginal", "nonconforming")
CUTS = {1: (0.006, 0.012, 0.015), 2: (0.0012, 0.0018, 0.0022)}
DRAWS = 20_000
SEED = 20260101


@dataclass(frozen=True)
class Benford:
    """One row a group, k = 9 or 90 leading digits; groups that may not be judged have NaN in `mad` and `mad_p`.

    `n` amounts, `orders` of magnitude they span (log10 of largest over smallest), `share` (n_groups, k) of each leading
    digit, `law` (k,) what Benford expects, `mad`, `mad_expected` (under Benford for this n), `mad_p` (chance of such a
    MAD under Benford, for large n), `chi2_p` (for information: it rejects any large group), `summed` (n_groups, k) the
    share of the money by leading digit, which the summation test expects to be 1/k for two digits.
    """

    digits: Ints
    law: Floats
    n: Floats
    orders: Floats
    share: Floats
    mad: Floats
    mad_expected: Floats
    mad_p: Floats
    chi2_p: Floats
    summed: Floats

    @property
    def conformity(self) -> Ints:
        """Nigrini's class of each group as a position in `CLASSES`; -1 where not judged."""
        cuts = CUTS[1 if len(self.law) == 9 else 2]
        return np.where(np.isnan(self.mad), -1, np.searchsorted(cuts, self.mad, side="right"))


def benford(
    amounts: Floats,
    groups: Ints,
    n_groups: int,
    *,
    digits: int = 1,
    weights: Floats | None = None,
    n_min: int = 500,
    orders_min: float = 3.0,
) -> Benford:
    """Test the leading digits of positive `amounts` (yuan) of each group 0..n_groups-1.

    `weights` says how many payments each amount stands for. Only groups with `n_min` amounts over `orders_min` orders
    of magnitude are judged: fixed rates and capped amounts never follow the law. Amounts of zero and below, and those
    that are no number, are left out. RuleError for other than one or two digits.
    """
    if digits not in CUTS:
        raise RuleError(_("首位数字检验只支持一位或两位"), hint=_("digits 取 1 或 2"))
    known = np.isfinite(amounts) & (amounts >= 0.01)
    amounts, groups = amounts[known], groups[known]
    many = np.ones(len(amounts)) if weights is None else weights[known]
    first, law = 10 ** (digits - 1), expected(digits)
    place, k = leading(amounts, digits) - first, len(law)
    count = counted(groups, place, n_groups, k, many)
    n = count.sum(axis=1)
    share = count / np.maximum(n, 1)[:, None]
    orders = _orders(amounts, groups, n_groups)
    judged = (n >= n_min) & (orders >= orders_min)
    mad = np.where(judged, np.abs(share - law).mean(axis=1), np.nan)
    money = counted(groups, place, n_groups, k, many * amounts)
    return Benford(
        digits=np.arange(first, first + k),
        law=law,
        n=n,
        orders=orders,
        share=share,
        mad=mad,
        mad_expected=expected_mad(n, digits),
        mad_p=mad_p(mad, n, digits),
        chi2_p=np.where(judged, _chi2_p(share, law, n), np.nan),
        summed=money / np.maximum(money.sum(axis=1), 1e-9)[:, None],
    )


def expected(digits: int = 1) -> Floats:
    """Shares of the leading digits 1..9, or 10..99, under Benford's law: log10(1 + 1/d)."""
    d = np.arange(10 ** (digits - 1), 10**digits)
    return np.log10(1 + 1 / d)


def expected_mad(n: Floats, digits: int = 1) -> Floats:
    """Mean of the MAD over samples of `n` Benford amounts, exact: each digit's count is binomial.

    De Moivre's mean absolute deviation of a binomial (P. Diaconis and S. Zabell, Closed form summation, 1991):
    E|X - np| = 2 v (1-p) P(X = v) with v = floor(np) + 1.
    """
    size = np.asarray(n, dtype=np.float64)[:, None]
    p = expected(digits)
    v = np.floor(size * p) + 1
    chosen = special.gammaln(size + 1) - special.gammaln(v + 1) - special.gammaln(np.maximum(size - v, 0) + 1)
    log_pmf = chosen + v * np.log(p) + (size - v) * np.log1p(-p)
    deviation = np.where(v <= size, 2 * v * (1 - p) * np.exp(log_pmf), 2 * size * p * (1 - p) ** size)
    return np.where(n > 0, deviation.mean(axis=1) / np.maximum(n, 1), np.nan)


def mad_p(mad: Floats, n: Floats, digits: int = 1) -> Floats:
    """How often `n` Benford amounts have such a MAD or a larger one; at least 1/20001. NaN stays NaN.

    By the limit of a multinomial: sqrt(n) (share - law) is normal with covariance diag(p) - p p'. Its MAD is drawn
    20,000 times with a fixed seed.
    """
    reached = DRAWS - np.searchsorted(_limit(digits), np.nan_to_num(mad * np.sqrt(n)), side="left")
    return np.where(np.isnan(mad), np.nan, (1 + reached) / (1 + DRAWS))


@cache
def _limit(digits: int) -> Floats:
    p = expected(digits)
    z = np.random.default_rng(SEED).standard_normal((DRAWS, len(p))) * np.sqrt(p)
    return np.sort(np.abs(z - np.outer(z.sum(axis=1), p)).mean(axis=1))


def _chi2_p(share: Floats, law: Floats, n: Floats) -> Floats:
    statistic = n * ((share - law) ** 2 / law).sum(axis=1)
    return np.asarray(stats.chi2.sf(statistic, len(law) - 1))


def _orders(amounts: Floats, groups: Ints, n_groups: int) -> Floats:
    """log10 of the largest amount over the smallest."""
    low, high = np.full(n_groups, np.inf), np.zeros(n_groups)
    np.minimum.at(low, groups, amounts)
    np.maximum.at(high, groups, amounts)
    some = high > 0
    return np.where(some, np.log10(np.where(some, high / low, 1.0)), 0.0)
