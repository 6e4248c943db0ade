"""The grid on which amounts around a limit are counted: bins of equal width, split by how round an amount is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mingjian.detect.amounts.digits import FEN, Floats, Ints

STEPS = (
    1.0,
    0.5,
    0.1,
    0.05,
    0.01,
)  # of the limit's leading power of ten; one more class for all other amounts


@dataclass(frozen=True)
class Grid:
    """Bins from (1 - reach) to (1 + reach) times the limit, in parts of the band.

    `edges` in fen; `left` of each bin as a ratio to the limit; `points` (bins, classes) how many amounts of each class
    of roundness a bin holds; `below` marks the bins of the band under the limit, `near` those of the band above it.
    """

    steps: Ints
    edges: Ints
    middle: Floats
    points: Floats
    below: np.ndarray
    near: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        return self.points.shape[0], self.points.shape[1]


def grid(limit: float, band: float, reach: float, per_band: int) -> Grid:
    """The grid for a limit in yuan; `band` and `reach` are shares of the limit, `per_band` bins to a band."""
    side = round(reach / band * per_band)
    number = np.arange(-side, side)
    edges = np.rint(limit * FEN * (1 + np.append(number, side) * band / per_band)).astype(np.int64)
    steps = steps_of(limit)
    multiples = np.array([-(-edges // s) for s in [*steps, 1]])
    inside = np.diff(multiples, axis=1).T.astype(np.float64)
    inside[:, 1:] -= inside[:, :-1].copy()
    return Grid(
        steps=steps,
        edges=edges,
        middle=(edges[:-1] + edges[1:]) / 2 / (limit * FEN),
        points=inside,
        below=(number >= -per_band) & (number < 0),
        near=(number >= 0) & (number < per_band),
    )


def steps_of(limit: float) -> Ints:
    """Steps in fen, each dividing the one before, by which an amount near `limit` is called round."""
    power = 10 ** int(np.floor(np.log10(limit * FEN) + 1e-9))
    return np.array([round(power * s) for s in STEPS], dtype=np.int64)


def cell_of(amounts: Floats, grid: Grid) -> Ints:
    """The cell (bin times classes plus class) of each amount; -1 outside the grid."""
    fen = np.rint(amounts * FEN).astype(np.int64)
    bins = np.searchsorted(grid.edges, fen, side="right") - 1
    kind = np.full(len(fen), len(grid.steps))
    for position in range(len(grid.steps) - 1, -1, -1):
        kind = np.where(fen % grid.steps[position] == 0, position, kind)
    n_bins, n_kinds = grid.shape
    return np.where((bins >= 0) & (bins < n_bins), bins * n_kinds + kind, -1)
