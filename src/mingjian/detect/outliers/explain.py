"""Why a row is unusual, as data: each feature's share in its score, against the quartiles of its peers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mingjian.detect.outliers.peers import Peers
from mingjian.detect.outliers.scaling import MOST_Z

TYPICAL = 3  # peers shown beside an outlier


def by_tail(tails: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Shares (k, d) from ECOD's or COPOD's tail terms `tails` (k, d), whose row sum is the score.

    Li et al. 2022, ECOD, eq. 8: a term is the negative log of a feature's tail probability.
    """
    return _normed(tails, z)


def by_occlusion(score: Callable[[np.ndarray], np.ndarray], z: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Shares (k, d): how far the score falls from `base` (k,) when one feature is put at the peers' median.

    A feature whose loss would raise the score has no share (occlusion: Zeiler and Fergus 2014).
    """
    k, d = z.shape
    moved = np.repeat(z[:, None, :], d, axis=1)
    moved[:, np.arange(d), np.arange(d)] = 0.0
    without = np.asarray(score(moved.reshape(k * d, d)), dtype=float).reshape(k, d)
    return _normed(base[:, None] - without, z)


def _normed(parts: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Non-negative parts that sum to 1 in each row; where nothing has a part, by |z|, else all alike."""
    parts = np.where(np.isfinite(parts), np.maximum(parts, 0.0), 0.0)
    for instead in (np.minimum(np.abs(z), MOST_Z), np.ones_like(z)):
        parts = np.where(parts.sum(axis=1, keepdims=True) > 0, parts, instead)
    return np.asarray(parts / parts.sum(axis=1, keepdims=True))


def contributions(
    peers: Peers, columns: list[str], x: np.ndarray, shares: np.ndarray
) -> list[list[dict[str, Any]]]:
    """For each row of `x` (k, d) a list of features, the largest share first; all but `share` and `z` as measured."""
    quartiles = np.quantile(peers.x, [0.25, 0.5, 0.75], axis=0)
    z = np.clip(peers.scaled(x), -MOST_Z, MOST_Z)
    return [
        [
            {
                "feature": columns[j],
                "value": _round(x[i, j]),
                "share": round(float(shares[i, j]), 4),
                "median": _round(quartiles[1, j]),
                "q1": _round(quartiles[0, j]),
                "q3": _round(quartiles[2, j]),
                "z": round(float(z[i, j]), 2),
            }
            for j in np.argsort(-shares[i], kind="stable")
        ]
        for i in range(len(x))
    ]


def typical_peers(peers: Peers, columns: list[str]) -> list[dict[str, Any]]:
    """The peers closest to the group's median, by robust distance over all features: {"id", feature: value, ...}."""
    distance = np.sqrt((peers.scaled(peers.x) ** 2).sum(axis=1))
    nearest = np.lexsort((peers.ids, distance))[:TYPICAL]
    return [
        {"id": str(peers.ids[i]), **{c: _round(v) for c, v in zip(columns, peers.x[i], strict=True)}}
        for i in nearest
    ]


def _round(value: float) -> float:
    return round(float(value), 4)
