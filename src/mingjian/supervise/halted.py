"""Deadlines beside the order's own stand still while nobody can act on them, as in a suspension or a take-over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from mingjian.domain.warning import WarningState
from mingjian.store.orders import WARNING
from mingjian.supervise.attempt import Attempt


def stopped_at(a: Attempt, running: Collection[WarningState]) -> datetime | None:
    """When the matter left the states in which the clock runs, if this step brings it back into one; else None."""
    if a.to not in running or a.warning["status"] in running:
        return None
    for step in reversed(a.history):
        left = step["object_kind"] == WARNING and step["from_state"] in running
        if left and step["to_state"] not in running:
            return step["at"]
    return None


def days_given_back(a: Attempt, stopped: datetime, due: datetime) -> datetime:
    """The deadline with the working days that were left of it, at least one, as a resumed order gets them."""
    return a.terms.calendar.add(a.now, max(a.terms.calendar.between(stopped, due), 1)).at
