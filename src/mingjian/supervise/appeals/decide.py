"""Accepting, deciding and withdrawing an appeal; an upheld one corrects the label or reopens the matter at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping

from mingjian.domain.appeal import (
    CONTESTED,
    Against,
    AppealOutcome,
    AppealState,
    AppealStep,
    next_state,
)
from mingjian.domain.clock import Clock
from mingjian.domain.errors import NotFound, TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.domain.terms import Terms
from mingjian.domain.verdict import code_of, codes_for
from mingjian.domain.warning import BY_ACTION, WarningState
from mingjian.store import absences, appeals, audit, orders, outbox
from mingjian.supervise.appeals import letters
from mingjian.supervise.guards import HANDLING_ACTIONS
from mingjian.supervise.said import SYSTEM
from mingjian.supervise.said import Said as Words
from mingjian.supervise.service import act, stale


@dataclass(frozen=True)
class Decision:
    """What the office says: upheld or rejected, and why; an upheld one against a finding begins with a code FP…."""

    outcome: AppealOutcome | None = None
    reason: str = ""


def take_step(
    conn: Connection,
    clock: Clock,
    appeal_id: int,
    step: AppealStep,
    actor: str,
    role: Role,
    said: Decision | None = None,
    *,
    terms: Terms,
    expected_version: int | None = None,
) -> RowMapping:
    """Take one step on an appeal in the caller's transaction; returns its row.

    Upheld, the warning follows in the same transaction: a finding becomes a false positive with its code, a closing
    or a false positive is reopened with half the clock. Raises NotFound, StaleVersion, or TransitionError when
    the state, the office or the words do not fit.
    """
    said = said or Decision()
    warning_id = appeals.warning_of(conn, appeal_id)
    row = orders.lock_warning(conn, warning_id) if warning_id else None
    found = appeals.lock(conn, appeal_id)
    if row is None or found is None:
        raise NotFound(_("没有申诉 {id}", id=appeal_id), hint=_("请核对编号"))
    # Before the first audit row: the sweep holds orders while it waits for the log's lock.
    orders.lock_order(conn, row["id"])
    if expected_version is not None and found["version"] != expected_version:
        raise stale(str(appeal_id), found["version"], _("申诉 {id} 已被他人办理过", id=appeal_id))
    to = next_state(AppealState(found["state"]), step)
    _check(conn, clock, found, row, step, actor, role, said)
    now = clock.now()
    columns: dict[str, Any] = {"state": to}
    if step is AppealStep.DECIDE:
        columns |= {
            "outcome": said.outcome,
            "reason": said.reason.strip(),
            "decided_by": actor,
            "decided_at": now,
        }
    changed = appeals.change(conn, appeal_id, **columns)
    detail = {"warning": row["id"], "from": found["state"], "to": to, "role": role}
    audit.record(
        conn,
        at=now,
        actor=actor,
        action=f"{step}_appeal",
        object_kind=appeals.OBJECT,
        object_id=str(appeal_id),
        detail={**detail, "outcome": said.outcome, "reason": said.reason} if said.outcome else detail,
    )
    outbox.enqueue(conn, letters.after(conn, changed, row, step), now)
    if said.outcome is AppealOutcome.UPHELD and step is AppealStep.DECIDE:
        _correct(conn, clock, changed, row, terms)
    return changed


def _check(
    conn: Connection,
    clock: Clock,
    found: RowMapping,
    row: RowMapping,
    step: AppealStep,
    actor: str,
    role: Role,
    said: Decision,
) -> None:
    """Only who filed takes it back; only the office decides, by one who had no part in the matter."""
    if step is AppealStep.WITHDRAW:
        if actor != found["filed_by"]:
            raise _refused(_("只有提出人可以撤回申诉"))
        return
    if role != found["office"]:
        raise _refused(_("须由另一层级（{role}）决定", role=found["office"]))
    persons = absences.one_person_with(conn, actor, row["created_at"], clock.now())
    involved = [
        s
        for s in orders.steps_of(conn, row["id"])
        if s["action"] in HANDLING_ACTIONS or s["id"] == found["step_id"]
    ]
    if any(s["actor"] in persons or s["on_behalf_of"] in persons for s in involved):
        raise _refused(_("承办该事项或作出原结论的人员不能决定申诉"))
    if step is AppealStep.DECIDE:
        _check_decision(Against(found["against"]), said)


def _check_decision(against: Against, said: Decision) -> None:
    if said.outcome is None or not said.reason.strip():
        raise _refused(_("须写明申诉是否成立及其理由"))
    upheld = said.outcome is AppealOutcome.UPHELD
    if upheld and against is Against.FINDING and code_of(said.reason, "approve_fp") is None:
        codes = "、".join(r.code for r in codes_for("approve_fp"))
        raise _refused(_("理由须以原因码开头：{codes}", codes=codes))


def _correct(conn: Connection, clock: Clock, found: RowMapping, row: RowMapping, terms: Terms) -> None:
    """The label follows the decision, and with it every figure that is counted from states.

    What another appeal or a recheck has corrected meanwhile stays as it is.
    """
    action = CONTESTED[Against(found["against"])].upheld
    if WarningState(row["status"]) not in BY_ACTION[action].from_states:
        return
    words = Words(found["reason"], _("申诉 {id} 成立", id=found["id"]))
    act(conn, clock, found["warning_id"], action, SYSTEM, words, terms=terms)


def _refused(why: str) -> TransitionError:
    return TransitionError(why, hint=_("补齐条件后再试，或由符合条件的人员办理"))
