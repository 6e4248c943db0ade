"""Trees of places and of topics: which leaves each node stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

ROOT = "*"
DIGITS = (6, 9, 12)  # GB/T 2260: district, town, village


@dataclass(frozen=True)
class Tree:
    """Nodes over sorted leaves, the root first and then by depth and name.

    `member` is a sparse (n_nodes, n_leaves) matrix of 0 and 1; `depth` is 0 for the root. A leaf is a node too.
    """

    leaves: tuple[str, ...]
    nodes: tuple[str, ...]
    depth: np.ndarray
    member: csr_array

    @classmethod
    def of_paths(cls, paths: Mapping[str, Sequence[str]]) -> Tree:
        """A tree from each leaf's ancestors below the root, from the top down (without the leaf itself).

        A name that ends one path and lies inside another (requests known only to their district, beside its towns)
        is one node over both. The same name must always stand at the same depth.
        """
        leaves = tuple(sorted(paths))
        held: dict[tuple[int, str], list[int]] = {(0, ROOT): list(range(len(leaves)))}
        for number, leaf in enumerate(leaves):
            for depth, name in enumerate([*paths[leaf], leaf], start=1):
                held.setdefault((depth, name), []).append(number)
        order = sorted(held)
        row = np.repeat(np.arange(len(order)), [len(held[key]) for key in order])
        column = np.concatenate([held[key] for key in order]).astype(int)
        member = csr_array(
            (np.ones(len(row), dtype=np.float32), (row, column)), shape=(len(order), len(leaves))
        )
        return cls(leaves, tuple(name for _depth, name in order), np.array([d for d, _name in order]), member)

    @classmethod
    def of_codes(cls, codes: Sequence[str], digits: Sequence[int] = DIGITS) -> Tree:
        """The administrative tree of region codes: their prefixes of so many digits, under the city."""
        return cls.of_paths(
            {code: [code[:cut] for cut in digits if cut < len(code)] for code in sorted(set(codes))}
        )

    def under(self, node: int) -> np.ndarray:
        """Which leaves belong to a node, (n_leaves,) of bool."""
        inside = np.zeros(len(self.leaves), dtype=bool)
        inside[self.member.indices[self.member.indptr[node] : self.member.indptr[node + 1]]] = True
        return inside

    def level(self, depth: int) -> np.ndarray:
        """The nodes at one depth (1: districts, or the coarsest topics)."""
        return np.flatnonzero(self.depth == depth)
