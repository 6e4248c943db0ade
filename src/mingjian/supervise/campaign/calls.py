"""Calling back the listed cases one by one (逐件回头看): by the dispatcher or the third-party visitor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from mingjian.domain.campaign import (
    CallOutcome,
    CallRefusal,
    CampaignState,
    CaseKind,
    is_called_back,
)
from mingjian.domain.clock import Clock
from mingjian.domain.errors import NotFound, TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.domain.terms import Terms
from mingjian.store import absences, audit, campaigns
from mingjian.store.tables import order_step
from mingjian.supervise.guards import HANDLING_ACTIONS

CALLS_BACK = (Role.R3, Role.R13)


@dataclass(frozen=True)
class Call:
    """One call: the number of the case, what it brought, and words."""

    case: int
    outcome: CallOutcome
    note: str = ""


@dataclass(frozen=True)
class CallDone:
    """What became of a call: whether it settles its case, or why it was not taken down."""

    case: int
    settled: bool = False
    refusal: CallRefusal | None = None


def call_back(
    conn: Connection, clock: Clock, terms: Terms, actor: str, role: Role, id: str, calls: Sequence[Call]
) -> list[CallDone]:
    """Take down calls on cases of one campaign in the caller's transaction; outcomes in the order of the calls.

    Each is done or refused by itself. Who handled the matter does not call back (catalogue §4.1). Raises NotFound for
    a campaign there is not, TransitionError for a role that does not call.
    """
    if role not in CALLS_BACK:
        raise TransitionError(_("角色 {role} 不能回访", role=role), hint=_("由分办员或第三方回访员回访"))
    row = campaigns.lock(conn, id)
    if row is None:
        raise NotFound(_("没有整治 {id}", id=id), hint=_("请核对编号"))
    listed = campaigns.listed(conn, id, {call.case for call in calls})
    handled = _handled(conn, actor, row, listed.values(), clock.now())
    most, now = terms.policy.evaluation.attempts, clock.now()
    done: list[CallDone] = []
    rows, entries, seen = [], [], set()
    for call in calls:
        case = listed.get(call.case)
        refusal = _objection(row, case, handled) or (
            CallRefusal.CALLED_ALREADY if call.case in seen else None
        )
        if case is None or refusal is not None:
            done.append(CallDone(call.case, refusal=refusal))
            continue
        seen.add(call.case)
        attempts = case["attempts"] + 1
        settled = is_called_back(call.outcome, attempts, most)
        rows.append(
            {
                "id": call.case,
                "attempts": attempts,
                "outcome": call.outcome,
                "tried_by": actor,
                "tried_at": now,
                "called_back_at": now if settled else None,
                "note": call.note,
            }
        )
        entries.append(_entry(actor, id, call, settled))
        done.append(CallDone(call.case, settled))
    campaigns.write_calls(conn, id, rows)
    if entries:
        audit.record_many(conn, at=now, entries=entries)
    return done


def _objection(row: RowMapping, case: RowMapping | None, handled: Collection[str]) -> CallRefusal | None:
    if case is None:
        return CallRefusal.NOT_LISTED
    if row["state"] != CampaignState.OPEN:
        return CallRefusal.CAMPAIGN_OVER
    if case["called_back_at"] is not None:
        return CallRefusal.CALLED_ALREADY
    if row["warning_id"] in handled or case["case_id"] in handled:
        return CallRefusal.HANDLED_IT
    return None


def _handled(
    conn: Connection, actor: str, row: RowMapping, cases: Collection[RowMapping], now: datetime
) -> set[str]:
    """Those of these matters on which the actor, or somebody who counts as one person, took a handler's step."""
    s = order_step.c
    ids = [row["warning_id"], *(c["case_id"] for c in cases if c["kind"] == CaseKind.WARNING)]
    persons = absences.one_person_with(conn, actor, row["opened_at"], now)
    wanted = select(s.object_id).where(
        s.object_kind == "warning",
        s.object_id.in_(ids),
        s.action.in_(sorted(HANDLING_ACTIONS)),
        s.actor.in_(sorted(persons)) | s.on_behalf_of.in_(sorted(persons)),
    )
    return set(conn.scalars(wanted.distinct()))


def _entry(actor: str, id: str, call: Call, settled: bool) -> dict[str, object]:
    detail = {"case": call.case, "outcome": call.outcome, "settled": settled, "note": call.note}
    return {
        "actor": actor,
        "action": "call_back",
        "object_kind": "campaign",
        "object_id": id,
        "detail": detail,
    }
