"""Peer groups: whom a row is compared with, and how far apart they usually are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mingjian.detect.outliers.scaling import center_of, spread_of
from mingjian.domain.model import Model, detector_of


@dataclass(frozen=True)
class Peers:
    """One group: ids (n,), features as measured (n, d), robust centre and spread (d,)."""

    ids: np.ndarray
    x: np.ndarray
    center: np.ndarray
    spread: np.ndarray

    def scaled(self, x: np.ndarray) -> np.ndarray:
        """Rows `x` (k, d) in robust deviations from this group's median."""
        return np.asarray((x - self.center) / self.spread)


def peers_of(rows: pd.DataFrame, model: Model) -> Peers:
    """The rows of one group as peers."""
    detector = detector_of(model)
    x = rows[detector.columns].to_numpy(dtype=float)
    center = center_of(x)
    return Peers(rows[model.subject.column].astype(str).to_numpy(), x, center, spread_of(x, center))


def groups(frame: pd.DataFrame, model: Model, whole: bool = True) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each peer group's name and rows; rows with a gap in a feature are left out, and so are groups too small.

    Rows judged by the peers of another day (`whole` is false) may be as few as they like. All stand in the order of
    subject and features, so that a random start does not follow the batch's order.
    """
    detector = detector_of(model)
    usable = frame.dropna(subset=detector.columns)
    usable = usable.sort_values([model.subject.column, *detector.columns], kind="stable")
    parts = usable.groupby(detector.peer_group, sort=True) if detector.peer_group else [("", usable)]
    for name, rows in parts:
        if len(rows) >= detector.min_peers or not whole:
            yield str(name), rows
