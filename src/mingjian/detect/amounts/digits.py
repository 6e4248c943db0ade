"""Digits of amounts as arrays, and counts of them by group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEN = 100  # an amount is whole fen (a hundredth of a yuan) once its float noise is gone


def leading(amounts: Floats, digits: int = 1) -> Ints:
    """First `digits` significant digits of positive amounts: 1..9, or 10..99 for two.

    Amounts are taken to the fen first, so that 0.7 is not 0.6999….
    """
    fen = np.rint(amounts * FEN)
    exponent = np.floor(np.log10(np.maximum(fen, 1.0)))
    # log10 may miss a power of ten by one unit in the last place.
    exponent += np.where(10.0 ** (exponent + 1) <= fen, 1, 0) - np.where(10.0**exponent > fen, 1, 0)
    # Float division is exact enough here: fen stays below 2^53 and the quotient below 100.
    return np.floor(fen / 10.0 ** (exponent - (digits - 1))).astype(np.int64)


def last_two(amounts: Floats, unit: float = 1.0) -> Ints:
    """The last two digits, 0..99, of amounts counted in whole `unit`s of yuan (1 = yuan, 0.01 = fen)."""
    return (np.floor(np.rint(amounts * FEN) / round(unit * FEN)) % 100).astype(np.int64)


def counted(groups: Ints, values: Ints, n_groups: int, n_values: int, weights: Floats | None) -> Floats:
    """How often each value 0..n_values-1 stands in each group, shape (n_groups, n_values)."""
    flat = np.bincount(groups * n_values + values, weights=weights, minlength=n_groups * n_values)
    return flat.reshape(n_groups, n_values).astype(np.float64)
