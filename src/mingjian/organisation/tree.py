"""Whether units hang together: every parent known, no circle, levels in order. Whole columns at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.domain.unit import MAX_DEPTH, PARENT_LEVELS, TOP_LEVELS
from mingjian.organisation.check import kept
from mingjian.organisation.rejects import RejectReason, Rejects

_R = RejectReason
_ORDERED = {(level.value, parent.value) for level, parents in PARENT_LEVELS.items() for parent in parents}
_DEPTH_JUMPS = MAX_DEPTH.bit_length() - 1


def check_tree(frame: pd.DataFrame, held: pd.DataFrame, rejects: Rejects) -> pd.DataFrame:
    """The rows of `frame` that may stand in one tree with the units held already; the others go to `rejects`.

    `held` has id, parent_id, level ("" for none) and closed (bool) of every unit in the store. A refused row whose
    unit is held leaves the unit as it is, so what stands below it is still in its place.
    """
    good = kept(frame, rejects)
    closed = set(held.loc[held["closed"], "id"])
    rejects.mark(good, good["id"].isin(closed), "id", _R.CLOSED)
    while True:
        good = kept(frame, rejects)
        before = len(rejects.found)
        _check_once(frame, good, held, closed, rejects)
        if len(rejects.found) == before:
            return good


def _check_once(
    frame: pd.DataFrame, good: pd.DataFrame, held: pd.DataFrame, closed: set[str], rejects: Rejects
) -> None:
    """One look at the tree that these rows would make; what is wrong may free or doom others at the next look."""
    columns = ["id", "parent_id", "level"]
    others = held.loc[~held["id"].isin(good["id"]), columns]
    tree = pd.concat([good[columns], others], ignore_index=True)
    ids = pd.Index(tree["id"])
    parent = ids.get_indexer(pd.Index(tree["parent_id"]))
    count, root = len(good), (tree["parent_id"] == "").to_numpy()
    level, parent_id = tree["level"].to_numpy(dtype=object), tree["parent_id"]
    known = parent >= 0
    above = np.where(known, level[np.maximum(parent, 0)], "")
    ordered = np.array([pair in _ORDERED for pair in zip(level, above, strict=True)], dtype=bool)
    wrong = {
        _R.PARENT_MISSING: root & ~np.isin(level, [str(t) for t in TOP_LEVELS]),
        _R.PARENT_CLOSED: parent_id.isin(closed).to_numpy(),
        _R.LEVEL_ORDER: known & ~ordered,
    }
    refused = set(frame["id"]) - set(tree["id"])
    lost = ~root & ~known
    dead = parent_id.isin(refused).to_numpy()
    wrong[_R.PARENT_REJECTED], wrong[_R.PARENT_UNKNOWN] = lost & dead, lost & ~dead
    mine = np.arange(len(tree)) < count
    bad = np.logical_or.reduce(list(wrong.values())) & mine
    for reason, where in wrong.items():
        column = "level" if reason is _R.LEVEL_ORDER else "parent_id"
        rejects.mark(good, pd.Series(where[:count], index=good.index), column, reason)
    in_store = tree["id"].isin(held["id"]).to_numpy()
    ends = ~known | bad
    _circles(good, parent, ends, bad & ~in_store, bad, rejects)


def _circles(
    good: pd.DataFrame,
    parent: np.ndarray,
    ends: np.ndarray,
    doomed: np.ndarray,
    bad: np.ndarray,
    rejects: Rejects,
) -> None:
    """Follow all parents at once, twice as far each time: who never comes to an end goes in a circle."""
    jump = np.where(ends, np.arange(len(parent)), parent)
    near = jump
    for step in range(max(len(parent).bit_length(), _DEPTH_JUMPS)):
        if step == _DEPTH_JUMPS:
            near = jump
        jump = jump[jump]
    if len(parent).bit_length() <= _DEPTH_JUMPS:
        near = jump
    count = len(good)
    endless = ~ends[jump]
    circle = np.zeros(len(parent), dtype=bool)
    circle[jump[endless]] = True
    said = {
        _R.CYCLE: circle,
        _R.PARENT_REJECTED: endless & ~circle | (doomed[jump] & ~bad),
        _R.TOO_DEEP: ~endless & ~ends[near] & ~doomed[jump],
    }
    for reason, where in said.items():
        rejects.mark(good, pd.Series(where[:count], index=good.index), "parent_id", reason)
