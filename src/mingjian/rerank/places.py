"""A learned order as places in the queue: a model keeps the places it has, and the order says who stands where."""

from __future__ import annotations

import numpy as np

from mingjian.domain.place import POINT


def moves(ids: list[str], order: np.ndarray, points: np.ndarray, level: np.ndarray) -> dict[str, int]:
    """By how many millionths of a point each warning moves, by id.

    `order` (n,) with the first place highest, `points` (n,) and `level` (n,) as the queue has them now. Within a
    level the points that its warnings hold are given out again in the new order, so other models' warnings see no
    difference; those with equal points are spread evenly from half a point above to half a point below.
    """
    found: dict[str, int] = {}
    for one in np.unique(level):
        mine = np.flatnonzero(level == one)
        slots = _spread(np.sort(points[mine])[::-1])
        for place, n in enumerate(sorted(mine, key=lambda n: (-order[n], ids[n]))):
            found[ids[n]] = int(slots[place] - points[n] * POINT)
    return found


def _spread(points: np.ndarray) -> np.ndarray:
    """Keys, highest first, for whole points in falling order."""
    _value, first, size = np.unique(-points, return_index=True, return_counts=True)
    within = np.arange(len(points)) - np.repeat(first, size)
    width = np.repeat(size, size)
    return points.astype(np.int64) * POINT + POINT // 2 - (within + 1) * POINT // (width + 1)
