"""Leader take-over (领导领办, catalogue §4.5): the leader signs, meets on the spot, and sets a new end.

The order's own clocks serve: signing, acceptance (the meeting held) and the end, so lights and tiers go on by themselves.
"""

from __future__ import annotations

from mingjian.domain.limits import Limit
from mingjian.domain.terms import Terms
from mingjian.domain.warning import WarningState
from mingjian.supervise.attempt import Attempt
from mingjian.supervise.stamp import Effect, days_of, stamp
from mingjian.supervise.tiers import raised_to


def begin(a: Attempt, terms: Terms) -> Effect:
    """New time to sign, to meet and to finish; a proposal to transfer is off the table."""
    sign = terms.calendar.add(a.now, days_of(a, terms, Limit.TAKEOVER_SIGN))
    meet = terms.calendar.add(a.now, days_of(a, terms, Limit.TAKEOVER_MEETING))
    finish = stamp(a, terms, Limit.TAKEOVER_FINISH)
    clocks = {
        "sign_due": sign.at,
        "signed_at": None,
        "accept_due": meet.at,
        "accepted_at": None,
        "proposed_unit_id": None,
        "answer_due": None,
    }
    return Effect({**finish.columns, **clocks}, finish.stamped)


def after_third_transfer(a: Attempt, terms: Terms) -> Effect:
    """A third attempt to pass the matter on: second tier, meeting on duties, leader."""
    raised, begun = raised_to(a, 2), begin(a, terms)
    return Effect({**begun.columns, **raised.columns}, begun.stamped, raised.card)


def sign(a: Attempt, _terms: Terms) -> Effect:
    """The leader has it in hand himself."""
    return Effect({"signed_at": a.held()["signed_at"] or a.now})


def meet(a: Attempt, _terms: Terms) -> Effect:
    """The meeting on the spot was held; who answers stands in the note."""
    return Effect(
        {"signed_at": a.held()["signed_at"] or a.now, "accepted_at": a.held()["accepted_at"] or a.now}
    )


def hand_back(a: Attempt, terms: Terms) -> Effect:
    """Back to the unit under the leader's end; what had not been signed or accepted before gets its time anew."""
    columns: dict[str, object] = {}
    if a.to is WarningState.DISPATCHED:
        columns |= {
            "signed_at": None,
            "sign_due": terms.calendar.add(a.now, days_of(a, terms, Limit.SIGN)).at,
        }
    if a.to in (WarningState.DISPATCHED, WarningState.SIGNED):
        due = terms.calendar.add(a.now, days_of(a, terms, Limit.ACCEPT)).at
        columns |= {"accepted_at": None, "accept_due": due}
    return Effect(columns)
