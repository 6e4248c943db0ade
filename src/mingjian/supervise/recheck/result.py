"""A recheck's result, given by people: the step of the warning that it means, in one transaction with the check."""

from __future__ import annotations

from sqlalchemy import Connection

from mingjian.domain.clock import Clock
from mingjian.domain.errors import TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.recheck import RecheckKind, RecheckResult
from mingjian.domain.roles import Role
from mingjian.domain.terms import Terms
from mingjian.domain.warning import WarningState
from mingjian.store import orders, rechecks
from mingjian.supervise.said import Actor, Said
from mingjian.supervise.service import act


def give_result(
    conn: Connection,
    clock: Clock,
    warning_id: str,
    result: RecheckResult,
    actor: str,
    role: Role,
    reason: str = "",
    note: str = "",
    *,
    terms: Terms,
) -> WarningState:
    """Take the step that this result means; returns the warning's new state.

    A result that is not true sends the matter back to its unit at once. Raises TransitionError when no check is due,
    or when table, role or guard say no; then nothing is changed.
    """
    orders.lock_warning(conn, warning_id)
    check = rechecks.due_check(conn, warning_id)
    if check is None:
        raise TransitionError(
            _("预警 {id} 没有待办的回头看", id=warning_id), hint=_("用 mingjian recheck list 查看待办")
        )
    kind = RecheckKind(check["kind"])
    action = _action(kind, result, later=rechecks.has_later(conn, warning_id))
    checker, words = Actor(actor, role), Said(reason, note)
    state = act(conn, clock, warning_id, action, checker, words, terms=terms)
    if state is WarningState.REOPENED:
        return act(conn, clock, warning_id, "verify_again", checker, words, terms=terms)
    return state


def _action(kind: RecheckKind, result: RecheckResult, *, later: bool) -> str:
    if kind is RecheckKind.QA:
        if result is RecheckResult.PARTIAL:
            raise TransitionError(
                _("误报抽查的结论只有合格与不实两种"), hint=_("用 ok 表示误报成立，用 false 表示不成立")
            )
        return "uphold_fp" if result is RecheckResult.OK else "overturn_fp"
    if result is RecheckResult.OK:
        return "recheck_pass" if later else "archive"
    return "recheck_partial" if result is RecheckResult.PARTIAL else "recheck_false"
