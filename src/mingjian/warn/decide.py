"""What a finding becomes: one list of checks, the first that speaks names the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from mingjian.domain.model import Status
from mingjian.domain.reason import WarnReason
from mingjian.domain.warning import WarningState

REOPEN_WITHIN = timedelta(days=90)


def _recent(as_of: date, closed_on: date) -> bool:
    return as_of - closed_on <= REOPEN_WITHIN


@dataclass(frozen=True)
class Known:
    """The newest warning with the finding's fingerprint."""

    id: str
    last_seen: date
    status: WarningState
    closed_on: date | None

    @property
    def settled(self) -> bool:
        """Closed as a false positive, a data error or a policy gap: a further hit tells nothing new for a while."""
        return self.status in (WarningState.CLOSED_FP, WarningState.CLOSED_DATA, WarningState.CLOSED_POLICY)


@dataclass(frozen=True)
class Question:
    """All that a decision may look at."""

    as_of: date
    status: Status
    known: Known | None


Check = Callable[[Question], WarnReason | None]


def shadow(q: Question) -> WarnReason | None:
    """A shadow model is recorded and measured, never dispatched."""
    return WarnReason.SHADOW if q.status is Status.SHADOW and q.known is None else None


def seen_today(q: Question) -> WarnReason | None:
    """The same day, or an earlier one, run again changes no count."""
    return WarnReason.SEEN_TODAY if q.known and q.as_of <= q.known.last_seen else None


def repeated(q: Question) -> WarnReason | None:
    """An open matter seen again is the same warning; so is one settled within the last 90 days."""
    if q.known and (q.known.closed_on is None or (q.known.settled and _recent(q.as_of, q.known.closed_on))):
        return WarnReason.REPEATED
    return None


def reopened(q: Question) -> WarnReason | None:
    """A closed matter that hits again within 90 days was not put right."""
    if q.known and q.known.closed_on and _recent(q.as_of, q.known.closed_on):
        return WarnReason.REOPENED
    return None


def new(_q: Question) -> WarnReason | None:
    """Nothing known, or closed so long ago that it is a matter of its own."""
    return WarnReason.NEW


CHECKS: tuple[Check, ...] = (shadow, seen_today, repeated, reopened, new)


def decide(question: Question) -> WarnReason:
    """The reason given by the first check that speaks."""
    return next(reason for check in CHECKS if (reason := check(question)))
