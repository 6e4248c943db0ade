"""Co-handling with a lead (catalogue §4.4): other units hand in a part of their own, the first unit leads to the end."""

from __future__ import annotations

from datetime import datetime

from mingjian.domain.named import Named
from mingjian.domain.order import STATE_OF, Light, OrderState
from mingjian.domain.terms import Terms
from mingjian.domain.warning import CO_HANDLED


class CoState(Named):
    """Where a co-handling unit's part stands."""

    PROPOSED = "proposed", "牵头单位提议，待分办员定", "proposed by the lead, for the dispatcher to settle"
    ASKED = "asked", "待提交协办意见", "its part is awaited"
    REPORTED = "reported", "已提交协办意见", "its part is in"
    RELEASED = "released", "不再协办", "released"


# The unit takes part: it sees the matter, and while one does the lead cannot be passed on.
TAKES_PART = (CoState.ASKED, CoState.REPORTED)
# A part can be handed in while the order is in one of these; in the others its clock stands still.
IN_WORK = frozenset(STATE_OF[state] for state in CO_HANDLED)


def part_light(state: CoState, due: datetime | None, order: OrderState, now: datetime, terms: Terms) -> Light:
    """The light of one unit's part: 紧急 in its last working days, 警报 once it is late; NONE when nobody waits for it."""
    if state is not CoState.ASKED or due is None or order not in IN_WORK:
        return Light.NONE
    if now >= due:
        return Light.ALARM
    opens = terms.calendar.opens_before(due, terms.policy.urgent_days)
    return Light.URGENT if now >= opens else Light.NONE


class CoReason(Named):
    """Why a unit handles the matter together with the lead."""

    RULE = "rule", "派单规则", "by a routing rule"
    DISPATCHER = "dispatcher", "分办员指定", "asked by the dispatcher"
    LEAD = "lead", "牵头单位提议", "proposed by the lead"
