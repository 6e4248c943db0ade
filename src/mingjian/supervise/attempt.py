"""One try at a step: what guards look at and effects work from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from mingjian.domain.evaluation import Scores
from mingjian.domain.roles import Role
from mingjian.domain.terms import Terms
from mingjian.domain.warning import Transition, WarningState
from mingjian.store import absences


@dataclass(frozen=True)
class Attempt:
    """One try at a step: the rows as locked, the history so far, and what the actor says."""

    conn: Connection
    now: datetime
    terms: Terms
    step: Transition
    warning: RowMapping
    order: RowMapping | None
    history: Sequence[RowMapping]
    actor: str
    role: Role
    reason: str
    note: str
    unit_id: str | None
    days: int | None = None
    to: WarningState | None = None
    on_behalf_of: str | None = None
    lead: RowMapping | None = None  # the warning that a duplicate is merged into
    scores: Scores | None = None  # what a side of the evaluation says besides its words

    def took_one_of(self, steps: Sequence[RowMapping]) -> bool:
        """Whether the actor took any of these steps, or somebody who counts as one person with the actor.

        Those are people who stood in for each other since the matter began, and the one a step was taken for.
        """
        began = self.warning["created_at"]
        persons = absences.one_person_with(self.conn, self.actor, began, self.now)
        return any(step["actor"] in persons or step["on_behalf_of"] in persons for step in steps)

    def steps(self, *actions: str) -> list[RowMapping]:
        """Past steps of these actions, oldest first."""
        return [s for s in self.history if s["action"] in actions]

    def steps_in_this_state(self, *actions: str) -> list[RowMapping]:
        """Past steps of these actions since the warning last came into its present state."""
        found: list[RowMapping] = []
        for step in reversed(self.history):
            if step["object_kind"] != "warning":
                continue
            if step["from_state"] != step["to_state"]:
                break
            if step["action"] in actions:
                found.insert(0, step)
        return found

    def held(self) -> dict[str, Any]:
        """The order as it stands; empty when there is none yet."""
        return dict(self.order or {})
