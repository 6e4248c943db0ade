"""What a finding becomes: one list of checks, the first that speaks names the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from mingjian.domain.model import Status
from mingjian.domain.reason import WarnReason
from mingjian.domain.silence import ListedException, Snooze
from mingjian.domain.warning import UNTOUCHED_STATES, WarningState

SETTLED_STATES = frozenset(
    {
        WarningState.CLOSED_FP,
        WarningState.CLOSED_DATA,
        WarningState.CLOSED_POLICY,
        WarningState.CLOSED_MERGED,
    }
)


Facts = tuple[Mapping[str, Any], Sequence[Any]]  # measures and evidence rows


@dataclass(frozen=True)
class Known:
    """The newest warning with the finding's fingerprint."""

    id: str
    last_seen: date
    status: WarningState
    closed_on: date | None
    first_seen: date = date.min
    moved: int = 0  # in the queue, by verdicts: domain.place
    facts: Facts | None = None  # that it was closed with; None unless people closed it as put right

    @property
    def settled(self) -> bool:
        """Closed as a false positive, a data error, a policy gap or a duplicate: a further hit tells nothing new for
        a while."""
        return self.status in SETTLED_STATES

    @property
    def open(self) -> bool:
        """Told to somebody, or waiting to be, and not closed."""
        return self.closed_on is None and self.status is not WarningState.RECORDED

    @property
    def in_hand(self) -> bool:
        """Somebody is at work on it."""
        return self.closed_on is None and self.status not in UNTOUCHED_STATES


@dataclass(frozen=True)
class Question:
    """All that a decision may look at.

    `window`: how long after its closing a matter is the same one (the policy's reopening). `room`: the owning unit's
    budget of the week has room for one more.
    """

    as_of: date
    status: Status
    known: Known | None
    window: timedelta
    exception: ListedException | None = None
    snooze: Snooze | None = None
    inhibitor: str | None = None
    room: bool = True
    facts: Facts | None = None

    @property
    def stands(self) -> WarningState | None:
        """The state of what is known."""
        return self.known.status if self.known else None

    @property
    def of_its_own(self) -> bool:
        """A new matter: nothing is known, or what is known was closed too long ago to be the same."""
        if self.known is None:
            return True
        if self.same_facts:
            return False
        return self.known.closed_on is not None and not self.recent

    @property
    def recent(self) -> bool:
        """What is known was closed within the window."""
        closed_on = self.known.closed_on if self.known else None
        return closed_on is not None and self.as_of - closed_on <= self.window

    @property
    def same_facts(self) -> bool:
        """It was closed as put right, and the model sees the very measures and rows it was closed with."""
        return self.known is not None and self.known.facts is not None and self.known.facts == self.facts


Check = Callable[[Question], WarnReason | None]


def seen_today(q: Question) -> WarnReason | None:
    """The same day, or an earlier one, run again changes no count."""
    return WarnReason.SEEN_TODAY if q.known and q.as_of <= q.known.last_seen else None


def in_hand(q: Question) -> WarnReason | None:
    """A matter that somebody works on is the same warning; nothing takes it out of their hands."""
    return WarnReason.REPEATED if q.known and q.known.in_hand else None


def settled(q: Question) -> WarnReason | None:
    """So is one that was settled within the window."""
    return WarnReason.REPEATED if q.known and q.known.settled and q.recent else None


def shadow(q: Question) -> WarnReason | None:
    """A shadow model is recorded and measured, never dispatched."""
    return WarnReason.SHADOW if q.status is Status.SHADOW else None


def exception(q: Question) -> WarnReason | None:
    """The subject is on the list of exceptions: by a document, what was seen is in order."""
    return WarnReason.EXCEPTION if q.exception else None


def snoozed(q: Question) -> WarnReason | None:
    """A reviewer asked to hear nothing of it for a while."""
    return WarnReason.SNOOZED if q.snooze else None


def inhibited(q: Question) -> WarnReason | None:
    """A stronger model tells the same matter."""
    return WarnReason.INHIBITED if q.inhibitor else None


def unchanged(q: Question) -> WarnReason | None:
    """Rows of the past stay in the data: what was put right is not undone because they are still read."""
    return WarnReason.UNCHANGED if q.same_facts else None


def reopened(q: Question) -> WarnReason | None:
    """A closed matter that hits again within the window was not put right; it waits for no budget."""
    return WarnReason.REOPENED if q.recent else None


def repeated(q: Question) -> WarnReason | None:
    """A warning that the unit's budget has already let in."""
    return WarnReason.REPEATED if q.stands is WarningState.NEW else None


def over_budget(q: Question) -> WarnReason | None:
    """The unit has been given as much as it can look at in this week."""
    return None if q.room else WarnReason.OVER_BUDGET


def admitted(q: Question) -> WarnReason | None:
    """It waited, and there is room now."""
    return WarnReason.ADMITTED if q.stands is WarningState.WAITING else None


def woken(q: Question) -> WarnReason | None:
    """What silenced it has ended."""
    return WarnReason.WOKEN if q.stands is WarningState.RECORDED else None


def new(_q: Question) -> WarnReason | None:
    """Nothing known, or closed so long ago that it is a matter of its own."""
    return WarnReason.NEW


CHECKS: tuple[Check, ...] = (
    seen_today,
    in_hand,
    settled,
    shadow,
    exception,
    snoozed,
    inhibited,
    unchanged,
    reopened,
    repeated,
    over_budget,
    admitted,
    woken,
    new,
)
TAKES_ROOM = frozenset({WarnReason.NEW, WarnReason.WOKEN, WarnReason.ADMITTED})


def decide(question: Question) -> WarnReason:
    """The reason given by the first check that speaks."""
    return next(reason for check in CHECKS if (reason := check(question)))
