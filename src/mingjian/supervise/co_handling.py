"""Co-handling (catalogue §4.4): asked by a rule or the dispatcher, or proposed by the lead and settled by the dispatcher.

The lead stays lead to the end. It reports when each part is in, or the unit released from it.
"""

from __future__ import annotations

from sqlalchemy import select

from mingjian.domain.co_handling import TAKES_PART, CoReason, CoState
from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.domain.limits import Limit
from mingjian.domain.roles import SYSTEM_ACTOR, Role
from mingjian.domain.warning import CLOSED_STATES, CO_HANDLED
from mingjian.store import co_handlers
from mingjian.store.outbox import Letter
from mingjian.store.tables import app_user
from mingjian.supervise.attempt import Attempt
from mingjian.supervise.halted import days_given_back, stopped_at
from mingjian.supervise.issue import said

PROPOSES = ("accept_and_propose", "propose_co_handler")
ASKED, RELEASED, PART_IN = "co_handling_asked", "co_handling_released", "co_part_in"


def home_of(a: Attempt) -> str | None:
    """The unit that the actor speaks for: the own one, or that of the absent colleague."""
    who = a.on_behalf_of or a.actor
    return a.conn.scalar(select(app_user.c.unit_id).where(app_user.c.id == who))


def not_the_lead(a: Attempt) -> str | None:
    """A co-handling unit hands in its part; every other step of a handler is the lead's."""
    if (
        a.role not in (Role.R1, Role.R2)
        or a.step.action == "co_report"
        or a.order is None
        or not a.order["shared"]
    ):
        return None
    beside = co_handlers.only_beside(a.conn, a.warning["id"], home_of(a), a.order["unit_id"])
    return _("协办单位只提交本单位的协办意见，其余由牵头单位办理") if beside else None


def free_to_join(a: Attempt) -> str | None:
    """The unit takes no part yet; a dispatcher may settle what the lead proposed."""
    standing = co_handlers.standing(a.conn, a.warning["id"]).get(a.unit_id or "")
    if standing is None or (standing["state"] == CoState.PROPOSED and a.step.action == "add_co_handler"):
        return None
    return _("该单位已在协办或已提议")


def has_part(a: Attempt) -> str | None:
    """The part is handed in by the unit that was asked for it, in words."""
    if not co_handlers.takes_part(a.conn, a.warning["id"], home_of(a)):
        return _("本单位不是该事项的协办单位")
    return None if a.note else _("须写明协办意见")


def stands(a: Attempt) -> str | None:
    """There is such a co-handler to release, or such a proposal to decline."""
    if a.unit_id in co_handlers.standing(a.conn, a.warning["id"]):
        return None
    return _("该单位不是协办单位，也没有被提议")


def parts_missing(a: Attempt) -> str | None:
    """The lead reports for all: each part is in, or its unit was released."""
    standing = co_handlers.standing(a.conn, a.warning["id"])
    late = sorted(one for one, row in standing.items() if row["state"] == CoState.ASKED)
    if not late:
        return None
    return _("还缺协办单位的意见：{units}；可等候，或请分办员解除其协办", units="、".join(late))


def keeps_the_lead(a: Attempt) -> str | None:
    """While others take part, the first unit leads: there is no transfer (catalogue §4.4.6)."""
    standing = co_handlers.standing(a.conn, a.warning["id"]).values()
    if not any(row["state"] in TAKES_PART for row in standing):
        return None
    return _("协办期间由首接单位牵头到底，不能转办")


def note(a: Attempt) -> list[Letter]:
    """Write what this step says about co-handlers; the letters to those who must know. None for any other step."""
    action = a.step.action
    if action in PROPOSES:
        return _propose(a)
    if action == "add_co_handler":
        return _ask(a)
    if action == "co_report":
        return _part_in(a)
    if action == "release_co_handler":
        return _release(a)
    _move_on(a)
    return _end_with_matter(a) if a.to in CLOSED_STATES else []


def _propose(a: Attempt) -> list[Letter]:
    co_handlers.ask(a.conn, [_row(a, CoState.PROPOSED, CoReason.LEAD)])
    return []


def _ask(a: Attempt) -> list[Letter]:
    days = a.terms.policy.days(Limit.CO_REPORT, Level(a.warning["level"]))
    due = a.terms.calendar.add(a.now, days).at
    proposed = co_handlers.standing(a.conn, a.warning["id"]).get(a.unit_id or "")
    if proposed is not None:
        co_handlers.confirm(a.conn, proposed["id"], a.actor, a.now, due)
    else:
        co_handlers.ask(a.conn, [{**_row(a, CoState.ASKED, CoReason.DISPATCHER), "due": due}])
    return [_letter(a, str(a.unit_id), ASKED, part_due=said(due))]


def _part_in(a: Attempt) -> list[Letter]:
    row = co_handlers.standing(a.conn, a.warning["id"])[str(home_of(a))]
    answer = {"answered_by": a.actor, "answered_at": a.now, "opinion": a.note}
    co_handlers.settle(a.conn, row["id"], state=CoState.REPORTED, **answer)
    return [_letter(a, a.held()["unit_id"], PART_IN, unit=row["unit_id"])]


def _release(a: Attempt) -> list[Letter]:
    row = co_handlers.standing(a.conn, a.warning["id"])[str(a.unit_id)]
    ended = {"ended_by": a.actor, "ended_at": a.now, "ended_why": a.reason}
    co_handlers.settle(a.conn, row["id"], state=CoState.RELEASED, **ended)
    # One that was only proposed has heard nothing, and hears nothing now.
    return [_letter(a, row["unit_id"], RELEASED)] if row["state"] in TAKES_PART else []


def _move_on(a: Attempt) -> None:
    """A part's clock stood still while none could be handed in: the days that were left are given back."""
    stopped = stopped_at(a, CO_HANDLED)
    if stopped is None:
        return
    for row in co_handlers.standing(a.conn, a.warning["id"]).values():
        if row["state"] == CoState.ASKED and row["due"] > stopped:
            co_handlers.settle(a.conn, row["id"], due=days_given_back(a, stopped, row["due"]))


def _end_with_matter(a: Attempt) -> list[Letter]:
    """A matter that ends waits for no part any more; parts that are in stay as they are."""
    ended = {"ended_by": SYSTEM_ACTOR, "ended_at": a.now, "ended_why": a.step.action}
    letters = []
    for row in co_handlers.standing(a.conn, a.warning["id"]).values():
        if row["state"] != CoState.REPORTED:
            co_handlers.settle(a.conn, row["id"], state=CoState.RELEASED, **ended)
            letters += [_letter(a, row["unit_id"], RELEASED)] if row["state"] == CoState.ASKED else []
    return letters


def _row(a: Attempt, state: CoState, why: CoReason) -> dict[str, object]:
    return {
        "warning_id": a.warning["id"],
        "unit_id": a.unit_id,
        "state": state,
        "why": why,
        "task": a.note,
        "asked_by": a.actor,
        "asked_at": a.now,
    }


def _letter(a: Attempt, recipient: str, template: str, **more: str) -> Letter:
    order = a.held()
    payload = {"order": order["id"], "level": a.warning["level"], "tier": order["tier"], **more}
    key = f"{order['id']}:{a.step.action}:{a.now.isoformat()}:{recipient}"
    return Letter(key, recipient, template, payload)
