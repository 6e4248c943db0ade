"""Transfers between units (catalogue §4.4): proposed in time, answered by the unit proposed, ruled on when it objects.

No answer means accepted. Until another unit has accepted, the first one answers, and the citizen's clock runs.
"""

from __future__ import annotations

from sqlalchemy import select

from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.domain.limits import Limit
from mingjian.domain.terms import Terms
from mingjian.store.tables import app_user
from mingjian.supervise.attempt import Attempt
from mingjian.supervise.stamp import Effect


def in_time(a: Attempt) -> str | None:
    """A transfer is proposed within the policy's working days of signing."""
    signed = a.held().get("signed_at")
    within = a.terms.policy.transfers.propose_within
    if signed is not None and a.now > a.terms.calendar.add(signed, within).at:
        return _("转办须在签收后 {n} 个工作日内提出", n=within)
    return None


def objects_with_clause(a: Attempt) -> str | None:
    """The unit proposed objects, once, and names the clause by which the matter is not its own."""
    proposed = a.held()["proposed_unit_id"]
    home = a.conn.scalar(select(app_user.c.unit_id).where(app_user.c.id == a.actor))
    if home != proposed:
        return _("只有被提名的单位可以提出异议")
    if a.steps_in_this_state("object_transfer"):
        return _("异议已经提出，等待裁定")
    return None if a.note else _("须写明职责依据的条款")


def objected(a: Attempt) -> str | None:
    """A ruling needs an objection to rule on."""
    return None if a.steps_in_this_state("object_transfer") else _("被提名的单位没有提出异议")


def propose(a: Attempt, terms: Terms) -> Effect:
    """The unit proposed has its time to answer; unit and deadlines stay."""
    answer = terms.calendar.add(a.now, terms.policy.days(Limit.TRANSFER_ANSWER, Level(a.warning["level"])))
    return Effect({"proposed_unit_id": a.unit_id, "answer_due": answer.at})


def objection(_a: Attempt, _terms: Terms) -> Effect:
    """Silence no longer accepts: a ruling is awaited."""
    return Effect({"answer_due": None})


def settled(_a: Attempt, _terms: Terms) -> Effect:
    """Back to the first unit."""
    return Effect({"proposed_unit_id": None, "answer_due": None})


def taken(a: Attempt, _terms: Terms) -> Effect:
    """The matter is the other unit's; what the first one accepted stays accepted."""
    accepted = a.held()["accepted_at"] or a.now
    signed = a.held()["signed_at"] or a.now
    return Effect(
        {
            "unit_id": a.unit_id,
            "accepted_at": accepted,
            "signed_at": signed,
            "proposed_unit_id": None,
            "answer_due": None,
        }
    )
