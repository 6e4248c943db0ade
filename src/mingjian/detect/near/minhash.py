"""MinHash signatures and the candidate pairs that share a band of one.

A. Broder, On the resemblance and containment of documents (1997); bands as in J. Leskovec, A. Rajaraman and
J. Ullman, Mining of Massive Datasets (2014), chapter 3. Signatures are made by the library rensa, whose slots agree
with the chance of the sets' Jaccard similarity, as MinHash's do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from mingjian.detect.near.shingles import Shingles, distinct, mixed

Ints = NDArray[np.int64]
SLOTS = 64
SURE = 0.995  # pairs at the threshold that must share a band
NEIGHBOURS = 8  # in a bucket of equal bands each text is compared with its next eight and with the first


def bands_for(threshold: float, slots: int = SLOTS, sure: float = SURE) -> tuple[int, int]:
    """(bands, rows): the most rows a band may have so that a pair at the threshold is met with chance `sure`."""
    for rows in range(slots, 1, -1):
        bands = slots // rows
        if 1 - (1 - threshold**rows) ** bands >= sure:
            return bands, rows
    return slots, 1


def signatures(shingles: Shingles, seed: int, slots: int = SLOTS) -> NDArray[np.uint32]:
    """One row of `slots` values for each text; texts without shingles share one."""
    offsets = shingles.offsets.astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(shingles.hashes, offsets, slots, seed)
    return np.array(matrix.to_rows(), dtype=np.uint32).reshape(-1, slots)


def candidates(
    signature: NDArray[np.uint32], within: Ints, threshold: float, band_shape: tuple[int, int]
) -> tuple[Ints, Ints]:
    """Pairs (left < right) of one `within` code that share a band, without those that look much too unlike.

    A bucket gives its first text and each text's next `NEIGHBOURS` a chance: an even chain and a star, so that no
    bucket grows into all of its pairs.
    """
    slots = signature.shape[1]
    found = np.zeros(0, dtype=np.int64)
    n = len(signature)
    for band in range(band_shape[0]):
        key = within.astype(np.uint64)
        for slot in range(band * band_shape[1], (band + 1) * band_shape[1]):
            key = mixed(key * np.uint64(31) + signature[:, slot])
        left, right = _bucket_pairs(key)
        found = distinct(np.concatenate([found, left * n + right]))
    left, right = found // n, found % n
    floor = max(0.0, threshold - 4 * np.sqrt(threshold * (1 - threshold) / slots))
    return _alike(signature, left, right, floor)


def _bucket_pairs(key: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    order = np.argsort(key, kind="stable")
    sorted_key = key[order]
    start = np.ones(len(key), dtype=bool)
    start[1:] = sorted_key[1:] != sorted_key[:-1]
    first = order[np.maximum.accumulate(np.where(start, np.arange(len(key)), 0))]
    lefts, rights = [first[~start]], [order[~start]]
    for step in range(1, NEIGHBOURS + 1):
        same = sorted_key[step:] == sorted_key[:-step]
        lefts.append(order[:-step][same])
        rights.append(order[step:][same])
    left, right = np.concatenate(lefts), np.concatenate(rights)
    return np.minimum(left, right), np.maximum(left, right)


def _alike(
    signature: NDArray[np.uint32], left: Ints, right: Ints, floor: float, block: int = 200_000
) -> tuple[Ints, Ints]:
    keep = np.ones(len(left), dtype=bool)
    for start in range(0, len(left), block):
        part = slice(start, start + block)
        keep[part] = (signature[left[part]] == signature[right[part]]).mean(axis=1) >= floor
    return left[keep], right[keep]
