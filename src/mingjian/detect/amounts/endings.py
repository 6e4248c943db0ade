"""The last-two-digits test: endings that stand too often among those that are not round (Nigrini 2012, chapter 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from mingjian.detect.amounts.digits import Floats, Ints, counted, last_two

ENDINGS = 100


@dataclass(frozen=True)
class Endings:
    """One row a group: its most frequent ending that is not round, how often it stands, and how likely that is.

    `count` (n_groups, 100) of each ending, `n` amounts whose ending is not round, `ending` (-1 where there is none),
    `times`, `expected` times if all such endings were alike, `p` (Bonferroni over the endings).
    """

    count: Floats
    n: Floats
    ending: Ints
    times: Floats
    expected: Floats
    p: Floats


def last_two_digits(
    amounts: Floats,
    groups: Ints,
    n_groups: int,
    *,
    weights: Floats | None = None,
    unit: float = 1.0,
    round_to: int = 5,
) -> Endings:
    """The ending that most stands out in each group 0..n_groups-1.

    People like round amounts, and prices end in 0 and 5 everywhere: endings divisible by `round_to` take no part. All
    others should be equally frequent once two digits stand before them, so amounts below 1,000 units are left out. `unit` is
    the yuan that the last digit counts. `p` is the binomial chance of so many, times the number of endings, at most 1.
    """
    known = np.isfinite(amounts) & (amounts >= 10 * ENDINGS * unit)
    many = None if weights is None else weights[known]
    count = counted(groups[known], last_two(amounts[known], unit), n_groups, ENDINGS, many)
    free = np.arange(ENDINGS) % round_to != 0
    uneven = np.where(free, count, 0.0)
    n, ending = uneven.sum(axis=1), uneven.argmax(axis=1)
    times = uneven[np.arange(n_groups), ending]
    alike = 1 / free.sum()
    chance = stats.binom.sf(times - 1, n, alike) * free.sum()
    return Endings(
        count=count,
        n=n,
        ending=np.where(n > 0, ending, -1),
        times=times,
        expected=n * alike,
        p=np.where(n > 0, np.minimum(chance, 1.0), 1.0),
    )
