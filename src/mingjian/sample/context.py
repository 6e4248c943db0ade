"""What every room of the generator shares: the size, the day, the dice, who is already cast, and the truth."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.floating[Any]]
Flags = npt.NDArray[np.bool_]
Dates = npt.NDArray[Any]
Texts = npt.NDArray[np.object_]

MONTHS = 12
LAST_MONTH = MONTHS - 1


@dataclass
class City:
    """One city in the making.

    `cases` collects (model, subject_kind, subject_id, note) of every planted case; `taken` marks people who play a
    part already, so that a case of one model never becomes a case of another by accident.
    """

    people: int
    seed: int
    as_of: date
    cases: list[tuple[str, str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.taken: Flags = np.zeros(self.people, dtype=bool)

    def rng(self, room: str) -> np.random.Generator:
        """Dice of one room: what another room throws does not change them."""
        return np.random.default_rng([self.seed, zlib.crc32(room.encode())])

    @property
    def today(self) -> np.datetime64:
        return np.datetime64(self.as_of, "D")

    @cached_property
    def months(self) -> Dates:
        """First days of the twelve full months before `as_of`, oldest first."""
        last = np.datetime64(self.as_of, "M") - 1
        return np.arange(last - LAST_MONTH, last + 1).astype("datetime64[D]")

    def cases_for(self, share: float, least: int = 9) -> int:
        """How many cases to plant: a share of all people, but enough to be measured in a small city."""
        return max(least, round(self.people * share))

    def draw(
        self, rng: np.random.Generator, candidates: Numbers, count: int, least: int | None = None
    ) -> Numbers:
        """Cast `count` different people who have no part yet; fewer, but `least`, where so few are left."""
        wanted = np.zeros(self.people, dtype=bool)
        wanted[candidates] = True
        free = np.flatnonzero(wanted & ~self.taken)
        count = max(min(count, len(free)), count if least is None else least)
        if len(free) < count:
            raise ValueError(f"only {len(free)} people left for {count} parts; the city is too small")
        chosen = rng.choice(free, count, replace=False)
        self.taken[chosen] = True
        return chosen

    def plant(self, model: str, kind: str, subjects: str | Iterable[object], note: str) -> None:
        """Write planted subjects (ids as the source writes them) to the truth."""
        ids = [subjects] if isinstance(subjects, str) else list(subjects)
        self.cases += [(model, kind, str(subject), note) for subject in ids]

    def truth(self) -> pd.DataFrame:
        """All planted cases: model, subject_kind, subject_id, period (empty), note."""
        frame = pd.DataFrame(self.cases, columns=["model", "subject_kind", "subject_id", "note"])
        frame.insert(3, "period", "")
        return frame.drop_duplicates(["model", "subject_kind", "subject_id"])


def levels(count: int) -> Texts:
    """Spread cases over the branches of a model's level: 高 中 低 高 中 低 …"""
    return np.resize(np.array(["高", "中", "低"], dtype=object), count)


def days(rng: np.random.Generator, low: int, high: int, size: int) -> npt.NDArray[np.timedelta64]:
    """Random whole days in [low, high]."""
    return rng.integers(low, high + 1, size).astype("timedelta64[D]")
