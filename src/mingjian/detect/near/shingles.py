"""Texts as sets of hashed character shingles, by whole arrays and not text by text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHINESE, LATIN = 2, 4  # signs to a shingle
FIRST_HAN, LAST_HAN = 0x2E80, 0x9FFF
MOST_TEXTS = 1 << 16
_OWNER_BITS, _HASH_BITS, _HASH_MASK = np.uint64(16), np.uint64(48), np.uint64((1 << 48) - 1)
_M1, _M2, _STEP = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB), np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Shingles:
    """Distinct shingles of n texts: those of text i are `hashes[offsets[i]:offsets[i + 1]]`, in order."""

    hashes: NDArray[np.uint64]
    offsets: NDArray[np.int64]

    @property
    def sizes(self) -> NDArray[np.int64]:
        return np.diff(self.offsets)


def shingles_of(texts: Sequence[str]) -> Shingles:
    """Shingles of normalised texts: two signs where at least half of a text is Chinese, else four.

    A text shorter than one shingle is a shingle of its own; an empty text has none. At most 65,536 texts at once.
    """
    signs = np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    length = np.fromiter((len(t) for t in texts), dtype=np.int64, count=len(texts))
    end = np.cumsum(length)
    owner = np.repeat(np.arange(len(texts)), length)
    han = np.bincount(owner, weights=(signs >= FIRST_HAN) & (signs <= LAST_HAN), minlength=len(texts))
    width = np.where(2 * han >= length, CHINESE, LATIN)
    width = np.minimum(width, np.maximum(length, 1))
    left = np.repeat(end, length) - np.arange(len(signs))  # signs from here to the end of its text
    value, padded = np.zeros(len(signs), dtype=np.uint64), np.pad(signs, (0, LATIN))
    for step in range(LATIN):
        more = step < width[owner]
        value = np.where(more, mixed(value + padded[step : step + len(signs)] + _STEP), value)
    whole = left >= width[owner]
    return _distinct(owner[whole], value[whole], len(texts))


def mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014): every bit of the input moves every bit of the output."""
    x = (x ^ (x >> np.uint64(30))) * _M1
    x = (x ^ (x >> np.uint64(27))) * _M2
    return x ^ (x >> np.uint64(31))


def _distinct(owner: NDArray[np.int64], value: NDArray[np.uint64], n: int) -> Shingles:
    """One sort for all: the text's number in the high bits, 48 bits of the hash below."""
    key = distinct((owner.astype(np.uint64) << _HASH_BITS) | (value >> _OWNER_BITS))
    offsets = np.searchsorted(key, np.arange(n + 1, dtype=np.uint64) << _HASH_BITS)
    return Shingles(key & _HASH_MASK, offsets.astype(np.int64))


def distinct(keys: NDArray[Any]) -> NDArray[Any]:
    """The distinct keys in order; numpy's own `unique` keeps a hash table and is ten times slower on millions."""
    keys = np.sort(keys)
    new = np.ones(len(keys), dtype=bool)
    new[1:] = keys[1:] != keys[:-1]
    return keys[new]
