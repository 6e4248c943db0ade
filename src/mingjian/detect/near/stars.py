"""Clusters of linked pairs that cannot chain: every member is linked to its cluster's centre."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def star_labels(left: Ints, right: Ints, n: int) -> Ints:
    """For each of `n` nodes the centre of its cluster; a node alone is its own.

    Connected components chain: a like b, b like c, … and the ends have nothing in common. Here the node with most
    links (the first of them by number) takes its free neighbours, and so on (star clustering: J. Aslam, E. Pelekhov
    and D. Rus, 2004). All nodes that outrank every free neighbour are taken at once, so few rounds are needed.
    """
    label = np.full(n, -1, dtype=np.int64)
    a, b = np.concatenate([left, right]), np.concatenate([right, left])
    degree = np.bincount(a, minlength=n)
    rank = np.empty(n, dtype=np.int64)
    rank[np.lexsort((np.arange(n), -degree))] = np.arange(n)  # 0 is the strongest
    while len(a):
        best = rank.copy()
        np.minimum.at(best, a, rank[b])
        centre = (best == rank) & (label < 0)
        from_centre = centre[a]
        strongest = np.full(n, n, dtype=np.int64)
        np.minimum.at(strongest, b[from_centre], rank[a[from_centre]])
        taken = np.flatnonzero(strongest < n)
        label[taken] = _by_rank(rank)[strongest[taken]]
        label[centre] = np.flatnonzero(centre)
        free = (label[a] < 0) & (label[b] < 0)
        a, b = a[free], b[free]
    alone = label < 0
    label[alone] = np.flatnonzero(alone)
    return label


def _by_rank(rank: Ints) -> Ints:
    inverse = np.empty_like(rank)
    inverse[rank] = np.arange(len(rank))
    return inverse
