"""Exact Jaccard similarity of the shingle sets of many pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mingjian.detect.near.shingles import Shingles, shingles_of

BLOCK = 20_000  # pairs measured at once


def jaccard(texts: Sequence[str], left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    """|A and B| / |A or B| of each pair of normalised texts; 0 where both are empty. Memory is one block's shingles."""
    parts = [_measured(texts, left[i : i + BLOCK], right[i : i + BLOCK]) for i in range(0, len(left), BLOCK)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _measured(texts: Sequence[str], left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    used, place = np.unique(np.concatenate([left, right]), return_inverse=True)
    sets = shingles_of([texts[i] for i in used])
    one, other = place[: len(left)], place[len(left) :]
    pair_one, hash_one = _gathered(sets, one)
    pair_two, hash_two = _gathered(sets, other)
    pair, value = np.concatenate([pair_one, pair_two]), np.concatenate([hash_one, hash_two])
    key = np.sort((pair.astype(np.uint64) << np.uint64(48)) | value)
    twice = key[1:][key[1:] == key[:-1]]
    both = np.bincount((twice >> np.uint64(48)).astype(np.int64), minlength=len(left))
    either = sets.sizes[one] + sets.sizes[other] - both
    return both / np.maximum(either, 1)


def _gathered(sets: Shingles, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """The shingles of each row in turn, with the row's place."""
    size = sets.sizes[rows]
    pair = np.repeat(np.arange(len(rows)), size)
    step = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    return pair, sets.hashes[sets.offsets[rows][pair] + step]
