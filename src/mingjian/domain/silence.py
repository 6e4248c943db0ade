"""What people keep silent: a subject on the list of exceptions, and a warning snoozed for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

EXCEPTION_POINTS = -40  # catalogue §1.2: an active exception


@dataclass(frozen=True)
class ListedException:
    """A dated entry: by this document, what the model (None: every model) sees of the subject is in order."""

    id: int
    model: str | None
    subject_kind: str
    subject_id: str
    valid_from: date
    valid_to: date
    reason: str
    document: str
    actor: str


@dataclass(frozen=True)
class Snooze:
    """A reviewer wants to hear nothing of one model about one subject up to and including `valid_to`."""

    id: int
    warning_id: str
    model: str
    subject_kind: str
    subject_id: str
    valid_from: date
    valid_to: date
    reason: str
    actor: str


def same_period(one: str, other: str) -> bool:
    """Whether two key periods are one: equal, or one a part of the other, as 2026-03-01 is of 2026-03 and 2026."""
    return one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")
