"""Circles about every site as sparse matrices: each centre's neighbours, sorted into rings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import KDTree

KM_A_DEGREE = 111.195
PAIRS = 4_000_000  # neighbours held at once


def to_km(lat: np.ndarray, long: np.ndarray) -> np.ndarray:
    """Degrees (WGS84) to (n, 2) kilometres east and north of the middle; within a city the error is below 0.1 %."""
    middle = np.radians((lat.min() + lat.max()) / 2) if len(lat) else 0.0
    return np.column_stack([long * np.cos(middle), lat]) * KM_A_DEGREE


@dataclass(frozen=True)
class Circles:
    """Circles of a block of centres: `rings` is sparse ((n_centres * n_rings), n_sites), ring r of centre i in row
    i * n_rings + r. The circle of radius number r is rings 0 … r together; ring 0 is the centre's own place."""

    centres: np.ndarray
    rings: csr_array
    n_rings: int


def circles(km: np.ndarray, group: np.ndarray, radius: float, steps: int) -> Iterator[Circles]:
    """All circles up to `radius` km in `steps` equal steps (and 0) about sites `km` (n, 2), within the same `group`.

    Blocks of centres, each with a bounded number of neighbours.
    """
    # Groups are planes so far apart that no neighbour is found in another.
    points = np.column_stack([km, group * (radius * 10 + 1.0)])
    tree = KDTree(points)
    reach = radius * (1 + 1e-9)
    neighbours = tree.query_ball_point(points, reach, return_length=True)
    block = np.cumsum(neighbours) // PAIRS
    for number in np.unique(block):
        centres = np.flatnonzero(block == number)
        found = KDTree(points[centres]).sparse_distance_matrix(tree, reach, output_type="ndarray")
        ring = np.ceil(np.round(found["v"] / radius * steps, 6)).astype(int)
        row = found["i"] * (steps + 1) + ring
        shape = (len(centres) * (steps + 1), len(points))
        rings = csr_array((np.ones(len(row), dtype=np.float32), (row, found["j"])), shape=shape)
        yield Circles(centres, rings, steps + 1)


def keep(block: Circles, enough: np.ndarray) -> Circles:
    """The same circles of only some centres, (n_centres,) of bool."""
    rows = np.repeat(enough, block.n_rings)
    return Circles(block.centres[enough], block.rings[np.flatnonzero(rows)], block.n_rings)
