"""A supervision order: its states, the light shown to the unit, and when supervision rises a tier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from mingjian.domain.errors import TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.ladder import Rung, Since
from mingjian.domain.named import Named
from mingjian.domain.terms import Terms
from mingjian.domain.warning import WarningState


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


class Light(Named):
    """The light shown to the unit： 报到， 预警， 紧急， 警报 （Chongqing）."""

    NONE = "none", "正常", "on time"
    REGISTER = "register", "报到", "sign in"
    NOTICE = "notice", "预警", "not accepted"
    URGENT = "urgent", "紧急", "due soon"
    ALARM = "alarm", "警报", "overdue"

    @property
    def rank(self) -> int:
        """0 for no light up to 4 for 警报."""
        return list(Light).index(self)


class Deadline(Named):
    """What the unit has to do by the nearest of its deadlines."""

    SIGN = "sign", "签收", "sign"
    ACCEPT = "accept", "受理", "accept"
    MEETING = "meeting", "召开现场会", "meet on site"  # under a leader acceptance is the meeting
    FINISH = "finish", "办结", "finish"


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


# Nobody works on these any more.
OVER = frozenset({_O.CLOSED, _O.FROZEN})


@dataclass(frozen=True)
class OrderFacts:
    """All that light and tier depend on; moments are timezone-aware."""

    state: OrderState
    accept_due: datetime
    finish_due: datetime
    accepted_at: datetime | None = None
    sign_due: datetime | None = None
    signed_at: datetime | None = None


def order_state(state: WarningState) -> OrderState:
    """The order's state while its warning is in `state`; TransitionError when there can be no order yet."""
    if state not in STATE_OF:
        raise TransitionError(_("状态 {state} 下没有督办单", state=state), hint=_("先分办，再办理"))
    return STATE_OF[state]


def facts_of(row: Mapping[str, Any]) -> OrderFacts:
    """The facts of a row of `supervision_order`."""
    return OrderFacts(
        OrderState(row["state"]),
        row["accept_due"],
        row["finish_due"],
        row["accepted_at"],
        row["sign_due"],
        row["signed_at"],
    )


def due_of(order: OrderFacts, rung: Rung) -> datetime | None:
    """The deadline a rung counts from; None when the order has none of this kind."""
    return {
        Since.SIGN_DUE: order.sign_due,
        Since.ACCEPT_DUE: order.accept_due,
        Since.FINISH_DUE: order.finish_due,
    }[rung.since]


def deadline_of(order: OrderFacts) -> Deadline | None:
    """Which deadline the order's `next_due` is; None when nobody works on the order any more."""
    if order.state in OVER:
        return None
    if order.signed_at is None and order.sign_due is not None:
        return Deadline.SIGN
    if order.accepted_at is None:
        return Deadline.MEETING if order.state is OrderState.TAKEN_OVER else Deadline.ACCEPT
    return Deadline.FINISH


def light_of(order: OrderFacts, now: datetime, terms: Terms) -> Light:
    """The most serious light that holds now; NONE while the unit's clock does not run."""
    if order.state not in CLOCK_RUNS:
        return Light.NONE
    if now >= order.finish_due:
        return Light.ALARM
    if now >= terms.calendar.opens_before(order.finish_due, terms.policy.urgent_days):
        return Light.URGENT
    if order.accepted_at is None and now >= order.accept_due:
        return Light.NOTICE
    return Light.REGISTER if order.state is OrderState.ISSUED else Light.NONE


def rungs_reached(order: OrderFacts, now: datetime, terms: Terms) -> list[Rung]:
    """Rungs of the ladder that the order has climbed by now, as the policy lists them.

    Late signing and acceptance count even when nobody looked in between, so the result does not depend on how
    often the sweep runs.
    """
    if order.state not in CLOCK_RUNS:
        return []
    reached = []
    for rung in terms.policy.ladder:
        moment = _moment(order, rung, terms)
        if moment is not None and _until(order, rung, now) >= moment:
            reached.append(rung)
    return reached


def tier_of(order: OrderFacts, now: datetime, terms: Terms) -> int:
    """The tier that the deadlines alone call for: 1 from dispatch, then as the ladder says."""
    return max([1, *(r.tier for r in rungs_reached(order, now, terms))])


def next_check(order: OrderFacts, now: datetime, terms: Terms) -> datetime | None:
    """The next moment at which light or tier can change by itself; None when none is left."""
    if order.state not in CLOCK_RUNS:
        return None
    moments = [order.finish_due, terms.calendar.opens_before(order.finish_due, terms.policy.urgent_days)]
    for rung in terms.policy.ladder:
        moment = None if _answered_at(order, rung) else _moment(order, rung, terms)
        if moment is not None:
            moments.append(moment)
    return min((m for m in moments if m > now), default=None)


def _moment(order: OrderFacts, rung: Rung, terms: Terms) -> datetime | None:
    due = due_of(order, rung)
    return terms.calendar.add(due, rung.days).at if due is not None and rung.days else due


def _until(order: OrderFacts, rung: Rung, now: datetime) -> datetime:
    """How far the rung's clock has run: to the signing or acceptance that it waits for, else to now."""
    return _answered_at(order, rung) or now


def _answered_at(order: OrderFacts, rung: Rung) -> datetime | None:
    """When the unit did what the rung's deadline was for; the work itself is handed in by leaving the state."""
    return {
        Since.SIGN_DUE: order.signed_at,
        Since.ACCEPT_DUE: order.accepted_at,
        Since.FINISH_DUE: None,
    }[rung.since]
