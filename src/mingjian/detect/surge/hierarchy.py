"""Series in a hierarchy of places and topics: inner nodes are judged too, and the most specific is what is told.

A surge of one street is one surge, not one of the street, the district and the city; a surge spread too thinly for
any street shows in the district alone. Testing all nodes and then keeping only some of them would lose the control
of the false discovery rate, so the threshold is that of Focused BH for the outer nodes of a graph: Katsevich,
Sabatti and Bogomolov, "Filtering the rejection set while preserving false discovery rate control", JASA 118 (2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.sparse import csr_array


@dataclass(frozen=True)
class Tree:
    """Every place (from the whole down to the finest) crossed with every topic; the last nodes are the leaves.

    `labels` has a row a node and a column a level, None where the node spans all of it. `members` (n_nodes,
    n_leaves) is 1 where the leaf belongs to the node, so `members @ counts` are all nodes' counts. `links` leads
    from finer to coarser nodes: (child, parent) index arrays in an order in which children come before parents.
    `distinct` is False for a node that holds just what one of its children holds: it is no test of its own.
    """

    labels: pd.DataFrame
    members: csr_array
    links: list[tuple[np.ndarray, np.ndarray]]
    distinct: np.ndarray


def tree(leaves: pd.DataFrame, places: list[str], topics: list[str]) -> Tree:
    """The hierarchy over `leaves`, a row each, whose columns `places` and `topics` go from coarse to fine.

    The leaves' labels must be complete and different from each other.
    """
    place, topic = _prefixes(leaves, places), _prefixes(leaves, topics)
    depths = sorted(product(range(len(places) + 1), range(len(topics) + 1)), key=sum)
    node_of: dict[tuple[int, int], np.ndarray] = {}
    labels, size = [], 0
    for i, j in depths:
        key = place[i] * (len(leaves) + 1) + topic[j]
        if (i, j) == depths[-1]:
            first, node = np.arange(len(leaves)), np.arange(len(leaves))
        else:
            _values, first, node = np.unique(key, return_index=True, return_inverse=True)
        known = [*places[:i], *topics[:j]]
        labels.append(leaves[[*places, *topics]].iloc[first].astype(object))
        labels[-1].loc[:, [c for c in (*places, *topics) if c not in known]] = None
        node_of[i, j], size = node + size, size + len(first)
    links = []
    for i, j in reversed(depths):
        for parent in ((i - 1, j), (i, j - 1)):
            if parent in node_of:
                pairs = np.unique(np.stack([node_of[i, j], node_of[parent]]), axis=1)
                links.append((pairs[0], pairs[1]))
    rows = np.concatenate(list(node_of.values()))
    columns = np.tile(np.arange(len(leaves)), len(node_of))
    members = csr_array((np.ones(len(rows)), (rows, columns)), shape=(size, len(leaves)))
    return Tree(pd.concat(labels, ignore_index=True), members, links, _distinct(members, links))


def unusual(pvalue: np.ndarray, hierarchy: Tree, q: float, most: float = 1.0) -> np.ndarray:
    """The nodes that stand out on each day, inner ones and finer ones alike; a mask of shape (n_nodes, n_times).

    Each day is a family of its own. Its threshold t is the largest p-value of at most `most` for which
    tests * t <= q * (outermost nodes at t), so that of the nodes that `outermost` leaves an expected share of at
    most `q` are false. NaN cells and nodes that are not `distinct` are no tests.
    """
    own = np.where(np.isfinite(pvalue) & hierarchy.distinct[:, None], pvalue, np.inf)
    finer = np.full(own.shape, np.inf)
    for child, parent in hierarchy.links:
        np.minimum.at(finer, parent, np.minimum(own, finer)[child])
    limits = [_threshold(own[:, day], finer[:, day], q, most) for day in range(own.shape[1])]
    return np.asarray(own <= np.array(limits))


def outermost(mask: np.ndarray, hierarchy: Tree, near: int = 0) -> np.ndarray:
    """Marked nodes none of whose finer nodes is marked on the same day, or within `near` days of it."""
    wide = mask.copy()
    for days in range(1, near + 1):
        wide[:, days:] |= mask[:, :-days]
        wide[:, :-days] |= mask[:, days:]
    finer = np.zeros(mask.shape, dtype=bool)
    for child, parent in hierarchy.links:
        np.logical_or.at(finer, parent, (wide | finer)[child])
    return mask & ~finer


def _threshold(own: np.ndarray, finer: np.ndarray, q: float, most: float) -> float:
    """Focused BH: a node is outermost at t when own <= t < finer, so those are counted from two sorted lists."""
    tests = np.isfinite(own)
    candidates = np.unique(own[tests & (own <= most)])
    outer = tests & (own < finer)
    begun = np.searchsorted(np.sort(own[outer]), candidates, side="right")
    over = np.searchsorted(np.sort(finer[outer]), candidates, side="right")
    allowed = candidates[tests.sum() * candidates <= q * (begun - over)]
    return float(allowed[-1]) if len(allowed) else -1.0


def _prefixes(leaves: pd.DataFrame, levels: list[str]) -> list[np.ndarray]:
    """For each depth the number of the leaf's group at it: 0 for all at depth 0."""
    found = [np.zeros(len(leaves), dtype=np.int64)]
    for level in levels:
        label = pd.factorize(leaves[level])[0].astype(np.int64)
        found.append(np.unique(found[-1] * (len(leaves) + 1) + label, return_inverse=True)[1])
    return found


def _distinct(members: csr_array, links: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    leaves = np.diff(members.indptr)
    distinct = np.ones(len(leaves), dtype=bool)
    for child, parent in links:
        distinct[parent[leaves[child] == leaves[parent]]] = False
    return distinct
