"""A warning's place in the queue within its level: its score, and what an order learned from verdicts moves it by."""

from __future__ import annotations

POINT = 1_000_000  # parts of a point of score


def queue_key(score: int, moved: int) -> int:
    """The key that the queue is in falling order of, as the store computes it; `moved` in parts of a point."""
    return score * POINT + moved
