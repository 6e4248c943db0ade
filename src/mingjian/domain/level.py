"""Risk levels of a warning, 高 中 低, as in catalogue §1.2."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How serious; the level orders the queue before the score does."""

    HIGH = "高"
    MEDIUM = "中"
    LOW = "低"

    @property
    def rank(self) -> int:
        """1 for 高, 2 for 中, 3 for 低: sorts the most serious first."""
        return {"高": 1, "中": 2, "低": 3}[self.value]

    @property
    def english(self) -> str:
        return {"高": "high", "中": "medium", "低": "low"}[self.value]
