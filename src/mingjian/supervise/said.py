"""Who takes a step, and what is said with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mingjian.domain.evaluation import Scores
from mingjian.domain.roles import SYSTEM_ACTOR, Role


@dataclass(frozen=True)
class Actor:
    """Somebody in a role, and what this person may know.

    Without `sees_rechecks` matters read as if there were none (`supervise.reading`), and a step is refused in the
    words of what the person may know. `holders` are those, the person and whom the person stands in for, whose data
    scope holds the matter; None: it was not asked.
    """

    id: str
    role: Role
    sees_rechecks: bool = True
    holders: Collection[str] | None = None


SYSTEM = Actor(SYSTEM_ACTOR, Role.SYSTEM)


@dataclass(frozen=True)
class Said:
    """What an actor says with a step; what the step has no use for is not read.

    `unit_id` is the unit that a dispatch or a transfer goes to, `days` the working days an extension asks for,
    `lead_id` the warning that a duplicate is merged into, `scores` what a side of the evaluation says besides its
    words.
    """

    reason: str = ""
    note: str = ""
    unit_id: str | None = None
    days: int | None = None
    lead_id: str | None = None
    scores: Scores | None = None


NOTHING = Said()
