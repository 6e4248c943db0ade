"""A supervision order: its states, the light shown to the unit, and when supervision rises a tier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mingjian.domain.errors import TransitionError
from mingjian.domain.i18n import _, pick
from mingjian.domain.warning import WarningState
from mingjian.domain.workdays import WorkingDays

URGENT_DAYS = 2


class OrderState(StrEnum):
    """Where an order stands, as the unit that holds it sees it."""

    ISSUED = "issued"
    SIGNED = "signed"
    ACCEPTED = "accepted"
    VERIFYING = "verifying"
    IN_REVIEW = "in_review"
    PLANNING = "planning"
    RECTIFYING = "rectifying"
    REPORTED = "reported"
    EVALUATING = "evaluating"
    TRANSFERRING = "transferring"
    TAKEN_OVER = "taken_over"
    SUSPENDED = "suspended"
    REOPENED = "reopened"
    FROZEN = "frozen"
    CLOSED = "closed"


class Light(StrEnum):
    """The light shown to the unit： 报到， 预警， 紧急， 警报 （Chongqing）."""

    NONE = "none"
    REGISTER = "register"
    NOTICE = "notice"
    URGENT = "urgent"
    ALARM = "alarm"

    @property
    def rank(self) -> int:
        """0 for no light up to 4 for 警报."""
        return list(Light).index(self)

    @property
    def label(self) -> str:
        """The light's name in the reader's language."""
        return pick(LIGHT_NAMES[self])


LIGHT_NAMES: dict[Light, dict[str, str]] = {
    Light.NONE: {"zh": "正常", "en": "on time"},
    Light.REGISTER: {"zh": "报到", "en": "sign in"},
    Light.NOTICE: {"zh": "预警", "en": "not accepted"},
    Light.URGENT: {"zh": "紧急", "en": "due soon"},
    Light.ALARM: {"zh": "警报", "en": "overdue"},
}

_W, _O = WarningState, OrderState

# The order follows its warning: one row for each warning state in which an order exists.
STATE_OF: dict[WarningState, OrderState] = {
    _W.DISPATCHED: _O.ISSUED,
    _W.SIGNED: _O.SIGNED,
    _W.ACCEPTED: _O.ACCEPTED,
    _W.VERIFYING: _O.VERIFYING,
    _W.CONFIRMED: _O.PLANNING,
    _W.RECTIFYING: _O.RECTIFYING,
    _W.REPORTED: _O.REPORTED,
    _W.EVALUATING: _O.EVALUATING,
    _W.FP_PROPOSED: _O.IN_REVIEW,
    _W.DATA_ERROR: _O.IN_REVIEW,
    _W.POLICY_GAP: _O.IN_REVIEW,
    _W.TRANSFER_PENDING: _O.TRANSFERRING,
    _W.LEADER_TAKEOVER: _O.TAKEN_OVER,
    _W.SUSPENDED: _O.SUSPENDED,
    _W.REFERRED: _O.FROZEN,
    _W.REOPENED: _O.REOPENED,
    _W.RECHECK: _O.CLOSED,
    _W.CLOSED: _O.CLOSED,
    _W.CLOSED_FP: _O.CLOSED,
    _W.CLOSED_DATA: _O.CLOSED,
    _W.CLOSED_POLICY: _O.CLOSED,
    _W.CLOSED_MERGED: _O.CLOSED,
    _W.ARCHIVED: _O.CLOSED,
}

# The unit's own clock runs in these; in the others somebody else has the ball, or the clock is stopped.
CLOCK_RUNS = frozenset(
    {
        _O.ISSUED,
        _O.SIGNED,
        _O.ACCEPTED,
        _O.VERIFYING,
        _O.PLANNING,
        _O.RECTIFYING,
        _O.TRANSFERRING,
        _O.TAKEN_OVER,
        _O.REOPENED,
    }
)


@dataclass(frozen=True)
class OrderFacts:
    """All that light and tier depend on; moments are timezone-aware."""

    state: OrderState
    accept_due: datetime
    finish_due: datetime
    accepted_at: datetime | None = None


class TierReason(StrEnum):
    """Why a reminder is sent or a tier raised; each acts once for each deadline."""

    NOT_ACCEPTED = "not_accepted"
    OVERDUE_3WD = "overdue_3wd"
    REMINDER_UNANSWERED = "reminder_unanswered"
    OVERDUE_5WD = "overdue_5wd"
    LETTER_UNANSWERED = "letter_unanswered"
    OVERDUE_10WD = "overdue_10wd"


class Since(StrEnum):
    """The deadline from which a rung counts."""

    ACCEPT_DUE = "accept_due"
    FINISH_DUE = "finish_due"


@dataclass(frozen=True)
class Rung:
    """Supervision reaches `tier` when `days` working days have passed since a missed deadline."""

    reason: TierReason
    tier: int
    since: Since
    days: int


# Catalogue §4.3 urging (T+3, T+5, T+10) and §4.5: a reminder is to be answered in 3 working days, a letter
# in 5, so whoever does not accept climbs at 0, 3 and 3 + 5.
LADDER: tuple[Rung, ...] = (
    Rung(TierReason.NOT_ACCEPTED, 1, Since.ACCEPT_DUE, 0),
    Rung(TierReason.OVERDUE_3WD, 1, Since.FINISH_DUE, 3),
    Rung(TierReason.REMINDER_UNANSWERED, 2, Since.ACCEPT_DUE, 3),
    Rung(TierReason.OVERDUE_5WD, 2, Since.FINISH_DUE, 5),
    Rung(TierReason.LETTER_UNANSWERED, 3, Since.ACCEPT_DUE, 3 + 5),
    Rung(TierReason.OVERDUE_10WD, 3, Since.FINISH_DUE, 10),
)


def order_state(state: WarningState) -> OrderState:
    """The order's state while its warning is in `state`; TransitionError when there can be no order yet."""
    if state not in STATE_OF:
        raise TransitionError(_("状态 {state} 下没有督办单", state=state), hint=_("先分办，再办理"))
    return STATE_OF[state]


def due_of(order: OrderFacts, rung: Rung) -> datetime:
    """The deadline a rung counts from."""
    return order.accept_due if rung.since is Since.ACCEPT_DUE else order.finish_due


def light_of(order: OrderFacts, now: datetime, calendar: WorkingDays) -> Light:
    """The most serious light that holds now; NONE while the unit's clock does not run."""
    if order.state not in CLOCK_RUNS:
        return Light.NONE
    if now >= order.finish_due:
        return Light.ALARM
    if now >= calendar.opens_before(order.finish_due, URGENT_DAYS):
        return Light.URGENT
    if order.accepted_at is None and now >= order.accept_due:
        return Light.NOTICE
    return Light.REGISTER if order.state is OrderState.ISSUED else Light.NONE


def rungs_reached(order: OrderFacts, now: datetime, calendar: WorkingDays) -> list[Rung]:
    """Rungs of the ladder that the order has climbed by now, lowest first.

    Late acceptance counts even when nobody looked in between, so the result does not depend on how often the
    sweep runs.
    """
    if order.state not in CLOCK_RUNS:
        return []
    return [r for r in LADDER if _until(order, r, now) >= _moment(order, r, calendar)]


def tier_of(order: OrderFacts, now: datetime, calendar: WorkingDays) -> int:
    """The tier that the deadlines alone call for: 1 from dispatch, then as the ladder says."""
    return max([1, *(r.tier for r in rungs_reached(order, now, calendar))])


def next_check(order: OrderFacts, now: datetime, calendar: WorkingDays) -> datetime | None:
    """The next moment at which light or tier can change by itself; None when none is left."""
    if order.state not in CLOCK_RUNS:
        return None
    moments = [order.finish_due, calendar.opens_before(order.finish_due, URGENT_DAYS)]
    waits = order.accepted_at is None
    moments += [_moment(order, r, calendar) for r in LADDER if waits or r.since is Since.FINISH_DUE]
    return min((m for m in moments if m > now), default=None)


def _moment(order: OrderFacts, rung: Rung, calendar: WorkingDays) -> datetime:
    due = due_of(order, rung)
    return calendar.add(due, rung.days).at if rung.days else due


def _until(order: OrderFacts, rung: Rung, now: datetime) -> datetime:
    """How far the rung's clock has run: to acceptance when that is what it waits for, else to now."""
    return order.accepted_at if rung.since is Since.ACCEPT_DUE and order.accepted_at else now
