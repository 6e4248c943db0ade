"""What registers and payment lists say of single people beyond the ledger: custody, certificates, names, agents, posts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from mingjian.sample.context import Dates, Numbers

Day = np.datetime64 | Dates  # numpy's own types of one day


class Stay(NamedTuple):
    """One custody record; `end` is NaT while it lasts."""

    person: int
    kind: str
    start: Day
    end: Day


class Certificate(NamedTuple):
    """One disability certificate; `cancelled` is NaT while it stands."""

    person: int
    category: str
    grade: int
    issued: Day
    expires: Day
    cancelled: Day


class Post(NamedTuple):
    """One job in public employment; `end` is NaT while it lasts."""

    person: int
    kind: str
    start: Day
    end: Day


class Correction(NamedTuple):
    """One change of a person's entry in the population register; `before` is the old date or NaT."""

    person: int
    item: str
    day: Day
    before: Day


@dataclass
class Facts:
    """Planted facts by position of the person; accounts by position of the account.

    `listed` is the name on the payment list, `held` the name on the account, `unnumbered` the month position from
    which the list has no identity number, `excused` whose money may go to another household's account, `operators` who
    handles the payments of each district.
    """

    stays: list[Stay] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    uncertified: list[int] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    listed: dict[int, str] = field(default_factory=dict)
    held: dict[int, str] = field(default_factory=dict)
    registered: dict[int, str] = field(default_factory=dict)
    unchecked: list[int] = field(default_factory=list)
    unnumbered: dict[int, int] = field(default_factory=dict)
    agents: dict[int, int] = field(default_factory=dict)
    excused: set[int] = field(default_factory=set)
    operators: Numbers = field(default_factory=lambda: np.zeros(0, dtype=int))

    def certified(self) -> set[int]:
        """People whose certificates are planted (or planted to be missing)."""
        return {c.person for c in self.certificates}


def name_of(person: Any) -> str:
    """The made-up name of a person."""
    return f"市民{int(person):06d}"
