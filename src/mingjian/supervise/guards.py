"""Guards: the conditions a step must meet besides state and role. One function for each name in `Guard`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, exists, select

from mingjian.domain.errors import TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.domain.roles import Role
from mingjian.domain.warning import CLOSED_STATES, TRANSITIONS, Guard, Transition, WarningState
from mingjian.store.tables import app_user, model_run, unit

MAX_TRANSFERS = 2
LEADS_NO_MORE = CLOSED_STATES | {WarningState.RECORDED, WarningState.REFERRED, WarningState.RECHECK}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{4}年\d{1,2}月\d{1,2}日")
HANDLING_ACTIONS = frozenset(t.action for t in TRANSITIONS if {Role.R1, Role.R2} & set(t.roles))


@dataclass(frozen=True)
class Attempt:
    """One try at a step: the rows as locked, the history so far, and what the actor says."""

    conn: Connection
    now: datetime
    step: Transition
    warning: RowMapping
    order: RowMapping | None
    history: Sequence[RowMapping]
    actor: str
    role: Role
    reason: str
    note: str
    unit_id: str | None
    lead: RowMapping | None = None  # the warning that a duplicate is merged into

    def steps(self, *actions: str) -> list[RowMapping]:
        """Past steps of these actions, oldest first."""
        return [s for s in self.history if s["action"] in actions]

    def steps_in_this_state(self, *actions: str) -> list[RowMapping]:
        """Past steps of these actions since the warning last came into its present state."""
        found: list[RowMapping] = []
        for step in reversed(self.history):
            if step["object_kind"] != "warning":
                continue
            if step["from_state"] != step["to_state"]:
                break
            if step["action"] in actions:
                found.insert(0, step)
        return found


def check(attempt: Attempt) -> None:
    """Raise TransitionError, with what to do about it, unless the step's guard is content."""
    objection = GUARDS[attempt.step.guard](attempt)
    if objection:
        raise TransitionError(
            _("不能执行 {action}：{why}", action=attempt.step.action, why=objection),
            hint=_("补齐条件后再试，或由符合条件的人员办理"),
        )


def _none(_attempt: Attempt) -> str | None:
    return None


def _evidence_complete(a: Attempt) -> str | None:
    return None if a.warning["evidence"] or a.note else _("该预警没有证据行，须在备注中说明为何仍予分办")


def _unit_named(a: Attempt) -> str | None:
    if not a.unit_id:
        return _("须指明承办单位")
    if a.order is not None and a.order["unit_id"] == a.unit_id:
        return _("已由该单位承办")
    return None if known_units(a.conn, [a.unit_id]) else _("没有单位 {id}", id=a.unit_id)


def known_units(conn: Connection, ids: Collection[str]) -> set[str]:
    """Those of these ids that are units an order may go to."""
    return set(conn.scalars(select(unit.c.id).where(unit.c.id.in_(sorted(set(ids))))))


def _lead_named(a: Attempt) -> str | None:
    """The lead is another open matter, on the same subject or with a word on why it is the same."""
    if a.lead is None:
        return _("须指明并入哪一条预警")
    if a.lead["id"] == a.warning["id"]:
        return _("不能并入自身")
    if a.lead["status"] in LEADS_NO_MORE:
        return _("{id} 已办结或不再公开，不能再并入他件", id=a.lead["id"])
    if a.lead["bundle"] != a.warning["bundle"] and not a.note:
        return _("两件不是同一对象，须写明为何属于重复")
    return None


def _noted(a: Attempt) -> str | None:
    return None if a.note else _("须写明办理情况")


def _said_why(a: Attempt) -> str | None:
    return None if a.reason else _("须写明理由")


def _drafted_by_another(a: Attempt) -> str | None:
    drafts = a.steps_in_this_state("draft_finding", "draft_report")
    if not drafts:
        return _("承办人尚未起草意见")
    if drafts[-1]["actor"] == a.actor:
        return _("起草人不能审批自己的意见")
    return _said_why(a) or _noted(a)


def _not_the_handler(a: Attempt) -> str | None:
    handlers = {s["actor"] for s in a.steps(*HANDLING_ACTIONS)}
    return _("承办人员不能评价自己办理的事项") if a.actor in handlers else None


def _visited_back(a: Attempt) -> str | None:
    visits = a.steps_in_this_state("visit_back")
    if not visits:
        return _("尚未回访")
    if visits[-1]["actor"] == a.actor:
        return _("回访人不能同时作监督评价")
    return _said_why(a) or _not_the_handler(a)


def _fp_approver(a: Attempt) -> str | None:
    """低 R4； 中 R4 of another unit； 高 R5， or R6 when the order lies with a city-level unit."""
    if any(s["actor"] == a.actor for s in a.steps(*HANDLING_ACTIONS)):
        return _("提出人和承办人不能审批")
    level = Level(a.warning["level"])
    if level is not Level.LOW:
        home = a.conn.scalar(select(app_user.c.unit_id).where(app_user.c.id == a.actor))
        if home is None or home == a.warning["unit_id"]:
            return _("须由其他单位的人员审批")
    if level is Level.HIGH:
        needed = Role.R6 if _at_city_level(a) else Role.R5
        if a.role not in (needed, Role.R6):
            return _("高等级预警须由 {role} 审批", role=needed)
    return _said_why(a)


def _at_city_level(a: Attempt) -> bool:
    return a.conn.scalar(select(unit.c.level).where(unit.c.id == a.warning["unit_id"])) == "city"


def _model_quiet(a: Attempt) -> str | None:
    """After the correction the model has run again and did not hit."""
    since = a.steps("report_data_error")[-1]["at"].date()
    run_again = exists().where(
        model_run.c.model_id == a.warning["model"],
        model_run.c.outcome == "done",
        model_run.c.as_of >= since,
        model_run.c.as_of > a.warning["last_seen"],
    )
    return None if a.conn.scalar(select(run_again)) else _("更正后模型尚未重新运行，或仍然命中")


def _transfers_left(a: Attempt) -> str | None:
    if len(a.steps("propose_transfer")) >= MAX_TRANSFERS:
        return _("转办最多 {n} 次，须提请二级监督召开职责界定会", n=MAX_TRANSFERS)
    return _unit_named(a) or _noted(a)


def _dated_document(a: Attempt) -> str | None:
    return _said_why(a) or (None if _DATE.search(a.note) else _("须在备注中写明文书及其日期"))


GUARDS: dict[Guard, Callable[[Attempt], str | None]] = {
    Guard.NONE: _none,
    Guard.EVIDENCE_COMPLETE: _evidence_complete,
    Guard.UNIT_NAMED: _unit_named,
    Guard.LEAD_NAMED: _lead_named,
    Guard.NOTED: _noted,
    Guard.SAID_WHY: _said_why,
    Guard.DRAFTED_BY_ANOTHER: _drafted_by_another,
    Guard.NOT_THE_HANDLER: _not_the_handler,
    Guard.VISITED_BACK: _visited_back,
    Guard.FP_APPROVER: _fp_approver,
    Guard.MODEL_QUIET: _model_quiet,
    Guard.TRANSFERS_LEFT: _transfers_left,
    Guard.DATED_DOCUMENT: _dated_document,
}
