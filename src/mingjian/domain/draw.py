"""Draws that anybody can make again: a keyed hash of the month's recorded seed and the thing's own id."""

from __future__ import annotations

import hashlib
import hmac

_BITS = 53  # as many as a float holds, so that the draw is below 1 and even


def uniform(seed: str, key: str) -> float:
    """The draw of `key` under `seed`, even on [0, 1): HMAC-SHA-256, its first 53 bits as a fraction."""
    mac = hmac.new(seed.encode(), key.encode(), hashlib.sha256).digest()
    return (int.from_bytes(mac[:8], "big") >> (64 - _BITS)) / (1 << _BITS)


def commitment(seed: str) -> str:
    """SM3 of a seed, kept in the audit log on the day it is made: it proves later that the seed was not chosen anew."""
    return hashlib.new("sm3", seed.encode()).hexdigest()


def month_of(day: object) -> str:
    """`2026-03` of a date or a moment."""
    return str(day)[:7]
