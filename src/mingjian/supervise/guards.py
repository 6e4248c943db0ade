"""Guards: the conditions a step must meet besides state and role. One function for each name in `Guard`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from sqlalchemy import Connection, exists, select

from mingjian.domain.errors import TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.domain.recheck import FINDINGS, finding_code
from mingjian.domain.roles import Role
from mingjian.domain.verdict import code_of, codes_for
from mingjian.domain.warning import CLOSED_STATES, TRANSITIONS, Guard, WarningState
from mingjian.store import rechecks
from mingjian.store.routing import TAKES_MATTERS, standing
from mingjian.store.tables import app_user, model_run, unit
from mingjian.supervise import co_handling, evaluations, extensions, tiers, transfers
from mingjian.supervise.attempt import Attempt
from mingjian.supervise.campaign import road

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{4}年\d{1,2}月\d{1,2}日")
_LIKE_SITES = re.compile(r"(举一反三|like sites)\W*\w", re.IGNORECASE)
HANDLING_ACTIONS = frozenset(t.action for t in TRANSITIONS if {Role.R1, Role.R2} & set(t.roles))
LEADS_NO_MORE = CLOSED_STATES | {WarningState.RECORDED, WarningState.REFERRED, WarningState.RECHECK}
CLOSING_ACTIONS = frozenset({"accept_report", "close", "exempt", "evaluate", "approve_fp"})


def check(attempt: Attempt) -> None:
    """Raise TransitionError, with what to do about it, unless the step's guard is content."""
    objection = co_handling.not_the_lead(attempt) or GUARDS[attempt.step.guard](attempt)
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
    if a.order is not None and a.order["unit_id"] == a.unit_id and a.step.action != "rule_transfer":
        return _("已由该单位承办")
    level = a.conn.scalar(select(unit.c.level).where(unit.c.id == a.unit_id))
    if level is None:
        return _("没有单位 {id}", id=a.unit_id)
    if level not in TAKES_MATTERS:
        return _("部门事项不下派镇街、村社：{id}", id=a.unit_id)
    return _closed(a)


def known_units(conn: Connection, ids: Collection[str]) -> set[str]:
    """Those of these ids that are units an order may go to: no closed one, and none below the district (B45)."""
    return standing(conn, set(ids))


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
    return road.leads_one(a)


def _closed(a: Attempt) -> str | None:
    """A closed unit takes nothing on; whoever names it is told who does its work now."""
    row = a.conn.execute(select(unit.c.closed_on, unit.c.successor_id).where(unit.c.id == a.unit_id)).one()
    if row.closed_on is None:
        return None
    if row.successor_id is None:
        return _("单位 {id} 已撤销", id=a.unit_id)
    return _("单位 {id} 已撤销，由 {successor} 承接", id=a.unit_id, successor=row.successor_id)


def _noted(a: Attempt) -> str | None:
    return None if a.note else _("须写明办理情况")


def _like_sites(a: Attempt) -> str | None:
    """What a leader learnt at one site is looked for at the others like it (catalogue §4.5)."""
    return None if _LIKE_SITES.search(a.note) else _("须在备注中写明“举一反三”：排查了哪些同类点位及结果")


def _said_why(a: Attempt) -> str | None:
    return None if a.reason else _("须写明理由")


def _drafted_by_another(a: Attempt) -> str | None:
    drafts = a.steps_in_this_state("draft_finding", "draft_report")
    if not drafts:
        return _("承办人尚未起草意见")
    if a.took_one_of(drafts[-1:]):
        return _("起草人不能审批自己的意见（本人与代理人视为一人）")
    return _said_why(a) or _noted(a)


def _not_the_handler(a: Attempt) -> str | None:
    handled = a.took_one_of(a.steps(*HANDLING_ACTIONS))
    return _("承办人员不能评价自己办理的事项") if handled else None


def _visits_back(a: Attempt) -> str | None:
    return _not_the_handler(a) or evaluations.may_visit(a)


def _evaluates(a: Attempt) -> str | None:
    return _not_the_handler(a) or evaluations.may_evaluate(a)


def _explained(a: Attempt) -> str | None:
    return tiers.of_own_office(a) or _not_the_handler(a) or evaluations.may_exempt(a) or road.may_close(a)


def _fp_approver(a: Attempt) -> str | None:
    """低 R4； 中 R4 of another unit； 高 R5， or R6 when the order lies with a city-level unit."""
    if a.took_one_of(a.steps(*HANDLING_ACTIONS)):
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
    return _said_why(a) or _coded(a)


def _coded(a: Attempt) -> str | None:
    """The reason begins with a code that fits the step; steps that know no codes take any words."""
    fitting = codes_for(a.step.action)
    if not fitting or code_of(a.reason, a.step.action):
        return None
    return _("理由须以原因码开头：{codes}", codes="、".join(r.code for r in fitting))


def _coded_verdict(a: Attempt) -> str | None:
    return _drafted_by_another(a) or _coded(a)


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
    return co_handling.keeps_the_lead(a) or transfers.in_time(a) or _unit_named(a) or _noted(a)


def _transfers_spent(a: Attempt) -> str | None:
    return co_handling.keeps_the_lead(a) or _noted(a)


def _reported_whole(a: Attempt) -> str | None:
    return _drafted_by_another(a) or co_handling.parts_missing(a)


def _co_handler_proposed(a: Attempt) -> str | None:
    return _unit_named(a) or co_handling.free_to_join(a) or _noted(a)


def _co_handler_named(a: Attempt) -> str | None:
    return _unit_named(a) or co_handling.free_to_join(a)


def _co_handler_stands(a: Attempt) -> str | None:
    return co_handling.stands(a) or _said_why(a)


def _transfer_objected(a: Attempt) -> str | None:
    return transfers.objected(a) or _unit_named(a) or _said_why(a)


def _closes_own_tier(a: Attempt) -> str | None:
    return (
        tiers.of_own_office(a)
        or evaluations.may_close(a)
        or road.may_close(a)
        or _said_why(a)
        or _not_the_handler(a)
    )


def _policy_answered(a: Attempt) -> str | None:
    return _noted(a) or road.may_close(a)


def _dated_document(a: Attempt) -> str | None:
    return _said_why(a) or (None if _DATE.search(a.note) else _("须在备注中写明文书及其日期"))


def _rechecker(a: Attempt) -> str | None:
    """Who looks again has neither handled the matter nor closed it."""
    if a.actor in {s["actor"] for s in a.steps(*CLOSING_ACTIONS)}:
        return _("办结该事项的人员不能作回头看结论")
    return _not_the_handler(a)


def _recheck_passed(a: Attempt) -> str | None:
    if not rechecks.has_later(a.conn, a.warning["id"]):
        return _("已无待办的回头看，合格的应予归档")
    return _rechecker(a)


def _recheck_over(a: Attempt) -> str | None:
    if rechecks.has_later(a.conn, a.warning["id"]):
        return _("还有排定的回头看，本次合格的应退回等候")
    return _rechecker(a)


def _recheck_upheld(a: Attempt) -> str | None:
    if rechecks.due_check(a.conn, a.warning["id"]) is None:
        return _("该误报没有待办的质量抽查")
    return _noted(a) or _rechecker(a)


def _recheck_failed(a: Attempt) -> str | None:
    result = rechecks.RESULT_OF[a.step.action]
    if not finding_code(a.reason, result):
        fitting = [code for code, found in FINDINGS.items() if found.result is result]
        return _("理由须以原因码开头：{codes}", codes="、".join(fitting))
    return _rechecker(a)


GUARDS: dict[Guard, Callable[[Attempt], str | None]] = {
    Guard.NONE: _none,
    Guard.EVIDENCE_COMPLETE: _evidence_complete,
    Guard.UNIT_NAMED: _unit_named,
    Guard.LEAD_NAMED: _lead_named,
    Guard.NOTED: _noted,
    Guard.LIKE_SITES: _like_sites,
    Guard.SAID_WHY: _said_why,
    Guard.DRAFTED_BY_ANOTHER: _drafted_by_another,
    Guard.NOT_THE_HANDLER: _not_the_handler,
    Guard.VISITS_BACK: _visits_back,
    Guard.EVALUATES: _evaluates,
    Guard.EXPLAINED: _explained,
    Guard.FP_APPROVER: _fp_approver,
    Guard.MODEL_QUIET: _model_quiet,
    Guard.POLICY_ANSWERED: _policy_answered,
    Guard.REPORTED_WHOLE: _reported_whole,
    Guard.CO_HANDLER_PROPOSED: _co_handler_proposed,
    Guard.CO_HANDLER_NAMED: _co_handler_named,
    Guard.CO_PART_GIVEN: co_handling.has_part,
    Guard.CO_HANDLER_STANDS: _co_handler_stands,
    Guard.TRANSFERS_LEFT: _transfers_left,
    Guard.TRANSFERS_SPENT: _transfers_spent,
    Guard.OBJECTS_WITH_CLAUSE: transfers.objects_with_clause,
    Guard.TRANSFER_OBJECTED: _transfer_objected,
    Guard.EXTENSION_OPEN: extensions.may_ask,
    Guard.EXTENSIONS_SPENT: _said_why,
    Guard.EXTENSION_ASKED: lambda a: extensions.asked(a) or _said_why(a),
    Guard.EXTENSION_GRANTER: extensions.may_grant,
    Guard.NEXT_TIER_OFFICE: tiers.may_raise,
    Guard.OWN_TIER_OFFICE: tiers.may_lower,
    Guard.CLOSES_OWN_TIER: _closes_own_tier,
    Guard.DATED_DOCUMENT: _dated_document,
    Guard.CODED_VERDICT: _coded_verdict,
    Guard.RECHECK_PASSED: _recheck_passed,
    Guard.RECHECK_OVER: _recheck_over,
    Guard.RECHECK_FAILED: _recheck_failed,
    Guard.RECHECK_UPHELD: _recheck_upheld,
}
