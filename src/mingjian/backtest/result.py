"""What a backtest found, as plain values that print as a table or as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Week:
    """One simulated day: all subjects hit, those hit for the first time, and the new ones by level."""

    day: date
    hits: int
    new: int
    by_level: dict[str, int]


@dataclass(frozen=True)
class Skipped:
    """A day on which the model could not have been run, and why."""

    day: date
    reason: str


@dataclass(frozen=True)
class Overlap:
    """How many of the subjects hit were also warned of by another model."""

    model: str
    shared: int
    share: float


@dataclass(frozen=True)
class Precision:
    """Verdicts that are known for what was hit; `low` and `high` are the Wilson 95 % interval."""

    confirmed: int
    rejected: int
    open: int
    precision: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Load:
    """New alerts that a unit would have received a week, on average over the simulated weeks."""

    unit: str
    name: str
    per_week: float
    most: int


@dataclass(frozen=True)
class Outcome:
    """One model with one set of values over the simulated weeks."""

    model: str
    version: int
    params: dict[str, Any]
    weeks: list[Week] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    overlap: list[Overlap] = field(default_factory=list)
    precision: Precision | None = None
    load: list[Load] = field(default_factory=list)
    subjects: frozenset[tuple[str, str]] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """Plain values; the subjects themselves are left out."""
        plain = asdict(self)
        plain["subjects"] = len(self.subjects)
        return plain
