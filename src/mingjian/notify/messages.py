"""The wording of messages: a subject and a body for each template, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mingjian.domain.appeal import Against, AppealOutcome
from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _, pick
from mingjian.domain.ladder import TierReason
from mingjian.domain.level import Level
from mingjian.domain.message import DIGEST

Payload = Mapping[str, Any]


def render(template: str, payload: Payload) -> tuple[str, str]:
    """(subject, body); raises NotFound for a template that has no wording."""
    if template == DIGEST:
        return _digest(payload)
    if template not in TEMPLATES:
        raise NotFound(_("没有消息模板 {name}", name=template), hint=_("在 notify/messages.py 中登记模板"))
    return TEMPLATES[template]({**payload, **_level_named(payload)})


def _level_named(payload: Payload) -> dict[str, str]:
    """The level's name, of messages that are about a warning."""
    if "level" not in payload:
        return {}
    level = Level(payload["level"])
    return {"level": pick({"zh": level, "en": level.english})}


def _order_issued(p: Payload) -> tuple[str, str]:
    return (
        _("【报到】督办单 {order}", **p),
        _(
            "督办单 {order}（{level}）已送达，请签收。受理期限 {accept_due}，办结期限 {finish_due}。"
            "预警只是核查线索，不是结论；如有异议可在系统内说明。",
            **p,
        ),
    )


def _light_urgent(p: Payload) -> tuple[str, str]:
    return (
        _("【紧急】督办单 {order}", **p),
        _("督办单 {order}（{level}）距办结期限 {finish_due} 已不超过 2 个工作日，请抓紧办理。", **p),
    )


def _light_alarm(p: Payload) -> tuple[str, str]:
    return (
        _("【警报】督办单 {order}", **p),
        _("督办单 {order}（{level}）已超过办结期限 {finish_due}，请立即办理并说明原因。", **p),
    )


def _urged(p: Payload) -> tuple[str, str]:
    return (
        _("【催办】督办单 {order}", **p),
        _("督办单 {order}（{level}）经分办员催办，办结期限 {finish_due}，请抓紧办理并说明进展。", **p),
    )


def _reminder(p: Payload) -> tuple[str, str]:
    return (
        _("【提醒督办】督办单 {order}", **p),
        _("督办单 {order}（{level}）：{why}。请在 3 个工作日内办理并回复。", **_with_why(p)),
    )


def _tier_raised(p: Payload) -> tuple[str, str]:
    return (
        _("【督办升级】督办单 {order} 升为 {tier} 级", **p),
        _(
            "督办单 {order}（{level}）：{why}，督办层级升为 {tier} 级。请按要求办理并书面回复。",
            **_with_why(p),
        ),
    )


def _extension_granted(p: Payload) -> tuple[str, str]:
    return (
        _("【延期】督办单 {order} 已批准延期", **p),
        _("督办单 {order}（{level}）的办结期限改为 {finish_due}。", **p),
    )


def _extension_refused(p: Payload) -> tuple[str, str]:
    return (
        _("【延期】督办单 {order} 未获延期", **p),
        _(
            "督办单 {order}（{level}）的延期申请未获批准，办结期限仍为 {finish_due}，督办层级 {tier} 级。",
            **p,
        ),
    )


def _tier_set(p: Payload) -> tuple[str, str]:
    return (
        _("【督办层级】督办单 {order} 现为 {tier} 级", **p),
        _("督办单 {order}（{level}）的督办层级调整为 {tier} 级，办结期限 {finish_due}。", **p),
    )


def _taken_over(p: Payload) -> tuple[str, str]:
    return (
        _("【领导领办】督办单 {order}", **p),
        _(
            "督办单 {order}（{level}）由分管领导领办：{sign_due} 前签收，{accept_due} 前召开现场会，{finish_due} 前办结。",
            **p,
        ),
    )


def _leader_called(p: Payload) -> tuple[str, str]:
    return (
        _("【领导领办】督办单 {order} 请您领办", **p),
        _(
            "督办单 {order}（{level}）现由您领办：{sign_due} 前签收，{accept_due} 前召开现场会，{finish_due} 前办结，"
            "每周至少推进一步，交回时附举一反三清单。",
            **p,
        ),
    )


def _leader_idle(p: Payload) -> tuple[str, str]:
    return (
        _("【领导领办】督办单 {order} 一周未推进", **p),
        _(
            "领导领办的督办单 {order}（{level}）至 {due} 已连续 {week} 周没有新的进展，请推进并记录；办结期限 {finish_due}。",
            **p,
        ),
    )


def _transfer_proposed(p: Payload) -> tuple[str, str]:
    return (
        _("【转办】督办单 {order} 拟转由贵单位办理", **p),
        _(
            "督办单 {order}（{level}）拟转由贵单位办理。请在 {answer_due} 前接收，或写明职责条款提出异议；逾期未答复视为接收。",
            **p,
        ),
    )


def _transfer_returned(p: Payload) -> tuple[str, str]:
    return (
        _("【转办】督办单 {order} 退回办理", **p),
        _("督办单 {order}（{level}）的转办未成立，仍由贵单位办理，办结期限 {finish_due}。", **p),
    )


def _transfer_taken(p: Payload) -> tuple[str, str]:
    return (
        _("【转办】督办单 {order} 已由其他单位接收", **p),
        _("督办单 {order}（{level}）已由其他单位接收，不再由贵单位办理。", **p),
    )


def _co_handling_asked(p: Payload) -> tuple[str, str]:
    return (
        _("【协办】督办单 {order}", **p),
        _("请贵单位协办督办单 {order}（{level}），在 {part_due} 前提交本单位的协办意见。牵头单位不变。", **p),
    )


def _co_handling_released(p: Payload) -> tuple[str, str]:
    return (
        _("【协办】督办单 {order} 不再需要贵单位协办", **p),
        _("督办单 {order}（{level}）已解除贵单位的协办，不必再提交协办意见。", **p),
    )


def _co_part_in(p: Payload) -> tuple[str, str]:
    return (
        _("【协办】督办单 {order} 收到协办意见", **p),
        _("督办单 {order}（{level}）的协办单位 {unit} 已提交协办意见，请牵头单位汇总。", **p),
    )


def _co_part_late(p: Payload) -> tuple[str, str]:
    return (
        _("【协办】督办单 {order} 的协办意见已逾期", **p),
        _(
            "贵单位对督办单 {order}（{level}）的协办意见应在 {due} 前提交，现已逾期。请尽快提交；认为不应由贵单位协办的，请与分办员联系。",
            **p,
        ),
    )


def _co_part_awaited(p: Payload) -> tuple[str, str]:
    return (
        _("【协办】督办单 {order} 的协办单位逾期未提交意见", **p),
        _(
            "督办单 {order}（{level}）的协办单位 {unit} 未在 {due} 前提交协办意见，已提醒该单位。"
            "意见未到齐前不能上报；确不再需要的，请分办员解除其协办。",
            **p,
        ),
    )


def _second_contact_late(p: Payload) -> tuple[str, str]:
    """Goes to callers too, who are not to know what the supervisor found before they have asked."""
    return (
        _("【双重评价】督办单 {order} 逾期未再次联系群众", **p),
        _(
            "督办单 {order}（{level}）应在 {due} 前由另一人再次联系群众，现已逾期。请尽快联系并记录回访。",
            **p,
        ),
    )


def _evaluation_decision_late(p: Payload) -> tuple[str, str]:
    return (
        _("【双重评价】督办单 {order} 逾期未作决定", **p),
        _(
            "督办单 {order}（{level}）群众仍不满意而监督评价合格，应在 {due} 前决定解释办结或退回整改，现已逾期。请尽快作出决定。",
            **p,
        ),
    )


def _campaign_opened(p: Payload) -> tuple[str, str]:
    return (
        _("【面上问题】督办单 {order}", **p),
        _(
            "督办单 {order}（{level}）列为面上整治：{plan_due} 前提出方案，{finish_due} 前完成。"
            "列出的事项逐件回访、数量回到界内后方可办结。",
            **p,
        ),
    )


def _order_merged(p: Payload) -> tuple[str, str]:
    """The lead is named only to a unit that sees it; `into` is empty for any other."""
    body = (
        _(
            "督办单 {order}（{level}）与预警 {into} 为同一事项，已并入后者，不再单独办理；后续请在 {into} 中继续。",
            **p,
        )
        if p["into"]
        else _("督办单 {order}（{level}）与另一事项重复，已并入后者，不再由贵单位单独办理。", **p)
    )
    return _("【并案】督办单 {order} 已并入其他事项", **p), body


def _order_reopened(p: Payload) -> tuple[str, str]:
    return (
        _("【重启】督办单 {order}", **p),
        _(
            "督办单 {order}（{level}）办结后再次命中，已重启为 {tier} 级督办，请重新核查，期限 {finish_due}"
            "（为首次期限的一半）。预警只是核查线索，不是结论；如有异议可在系统内说明。",
            **p,
        ),
    )


def _sent_back(p: Payload) -> tuple[str, str]:
    return (
        _("【退回】督办单 {order} 退回整改", **p),
        _(
            "督办单 {order}（{level}）评价未通过，退回贵单位整改，期限 {finish_due}（为首次期限的一部分），督办 {tier} 级。",
            **p,
        ),
    )


def _reopened_on_appeal(p: Payload) -> tuple[str, str]:
    return (
        _("【重启】督办单 {order}", **p),
        _("申诉成立，督办单 {order}（{level}）已重启，请重新核查，期限 {finish_due}。", **p),
    )


def _appeal_filed(p: Payload) -> tuple[str, str]:
    told = _appealed(p)
    return (
        _("【申诉】{appeal} 待决定", **told),
        _("预警 {warning} 有一件申诉（{what}），请在 {due} 前受理并作出决定。", **told),
    )


def _appeal_out_of_time(p: Payload) -> tuple[str, str]:
    told = _appealed(p)
    return (
        _("【申诉】{appeal} 已超过提出期限", **told),
        _("对预警 {warning} 的申诉（{what}）已超过提出期限，予以记录，不再受理。", **told),
    )


def _appeal_accepted(p: Payload) -> tuple[str, str]:
    told = _appealed(p)
    return (
        _("【申诉】{appeal} 已受理", **told),
        _("对预警 {warning} 的申诉（{what}）已受理，将在 {due} 前作出决定。", **told),
    )


def _appeal_decided(p: Payload) -> tuple[str, str]:
    told = _appealed(p)
    return (
        _("【申诉】{appeal}：{outcome}", **told),
        _("对预警 {warning} 的申诉（{what}）已作出决定：{outcome}。理由请登录系统查看。", **told),
    )


def _appeal_withdrawn(p: Payload) -> tuple[str, str]:
    told = _appealed(p)
    return (
        _("【申诉】{appeal} 已撤回", **told),
        _("对预警 {warning} 的申诉（{what}）已由提出人撤回。", **told),
    )


def _appeal_overdue(p: Payload) -> tuple[str, str]:
    told = _appealed(p)
    return (
        _("【申诉】{appeal} 逾期未决定", **told),
        _("对预警 {warning} 的申诉（{what}）应在 {due} 前决定，现已逾期，请立即作出决定。", **told),
    )


def _appealed(p: Payload) -> dict[str, Any]:
    outcome = AppealOutcome(p["outcome"]).label if p["outcome"] else ""
    return {**p, "what": Against(p["against"]).label, "outcome": outcome}


def _issue_assigned(p: Payload) -> tuple[str, str]:
    return (
        _("【企业问题】{issue} 请办理", **p),
        _("{quarter} 收集的企业问题 {issue} 由贵处办理，承诺 {promised} 前答复。", **p),
    )


def _issue_pressed(p: Payload) -> tuple[str, str]:
    return (
        _("【企业问题】{issue} 督促办理", **p),
        _("企业问题 {issue} 承诺 {promised} 前答复，请抓紧办理。", **p),
    )


def _issue_answered(p: Payload) -> tuple[str, str]:
    return (
        _("【企业问题】{issue} 已答复", **p),
        _("企业问题 {issue} 已答复，请回访企业。", **p),
    )


def _issue_reopened(p: Payload) -> tuple[str, str]:
    return (
        _("【企业问题】{issue} 企业不满意", **p),
        _("企业对问题 {issue} 的答复不满意，请重新办理，{promised} 前答复。", **p),
    )


def _issue_raised(p: Payload) -> tuple[str, str]:
    return (
        _("【企业问题】{issue} 升为区级", **p),
        _("企业问题 {issue} 未在承诺日期 {promised} 前答复，已升为区级，由指导员答复。", **p),
    )


def _shadow_proposed(p: Payload) -> tuple[str, str]:
    shown = {**p, "high": f"{p['mature_high']:.0%}", "bar": f"{p['bar']:.0%}"}
    return (
        _("【模型】建议 {model} 转为影子", **shown),
        _(
            "模型 {model} 第 {version} 版：已有结论 {judged} 件，属实 {confirmed} 件，查实率 95% 区间上限 {high}，"
            "低于标准 {bar}。建议 {proposal}：转为影子运行（只记录、不派单）。在您决定之前不作任何改变。",
            **shown,
        ),
    )


def _digest(p: Payload) -> tuple[str, str]:
    """One line for each order, the most serious first; what is behind the last line is counted."""
    matters: dict[str, list[Mapping[str, Any]]] = {}
    for item in p["items"]:
        matters.setdefault(str(item["payload"].get("order") or len(matters)), []).append(item)
    said = sorted(matters.values(), key=lambda items: -max(_weight(item["template"]) for item in items))
    shown = [_matter(items) for items in said[: p["lines"]]]
    if len(said) > len(shown):
        shown.append(_("另有 {n} 件，请登录系统查看。", n=len(said) - len(shown)))
    subject = _("【督办汇总】{n} 件事项，{m} 条提示", n=len(said), m=len(p["items"]))
    return subject, "\n".join(shown)


def _matter(items: list[Mapping[str, Any]]) -> str:
    """An order with everything that is to be said of it; anything else by its subject."""
    payload = items[-1]["payload"]
    if any(item["template"] not in BRIEF for item in items) or "finish_due" not in payload:
        return _("；").join(render(item["template"], item["payload"])[0] for item in items)
    level = Level(payload["level"])
    serious = sorted({item["template"] for item in items}, key=lambda name: -_weight(name))
    return _(
        "{order}（{level}，督办 {tier} 级，期限 {finish_due}）：{what}",
        order=payload["order"],
        level=pick({"zh": level, "en": level.english}),
        tier=max(item["payload"].get("tier", 1) for item in items),
        finish_due=payload["finish_due"],
        what=_("、").join(_brief(name) for name in serious),
    )


BRIEF = ("order_issued", "reminder", "light_urgent", "light_alarm", "tier_raised")  # the most serious last


def _weight(template: str) -> int:
    return BRIEF.index(template) if template in BRIEF else len(BRIEF)


def _brief(template: str) -> str:
    return {
        "order_issued": _("新送达，请签收"),
        "reminder": _("提醒督办"),
        "light_urgent": _("即将到期"),
        "light_alarm": _("已超期"),
        "tier_raised": _("督办升级"),
    }[template]


def _webhook_event(p: Payload) -> tuple[str, str]:
    """Subscribers are sent the facts; the words are what a list of messages shows."""
    return _("【事件】{event}", **p), _("{object} 于 {at}：{action}，状态 {state}", **p)


def _with_why(p: Payload) -> dict[str, Any]:
    told = {"sign_due": "", **p}  # rows that wait from before signing had a clock do not name it
    return {**told, "why": _why(TierReason(p["reason"]), told)}


def _why(reason: TierReason, p: Payload) -> str:
    said = {
        TierReason.NOT_SIGNED: _("未在签收期限 {sign_due} 前签收", **p),
        TierReason.NOT_ACCEPTED: _("未在受理期限 {accept_due} 前受理", **p),
        TierReason.REMINDER_UNANSWERED: _("提醒督办后 3 个工作日内未受理", **p),
        TierReason.LETTER_UNANSWERED: _("发出督办函后 5 个工作日内未受理", **p),
        TierReason.OVERDUE_3WD: _("超过办结期限已满 3 个工作日", **p),
        TierReason.OVERDUE_5WD: _("超过办结期限已满 5 个工作日", **p),
        TierReason.OVERDUE_10WD: _("超过办结期限已满 10 个工作日", **p),
    }
    return said[reason]


TEMPLATES: dict[str, Callable[[Payload], tuple[str, str]]] = {
    "order_issued": _order_issued,
    "light_urgent": _light_urgent,
    "light_alarm": _light_alarm,
    "reminder": _reminder,
    "urged": _urged,
    "tier_raised": _tier_raised,
    "extension_granted": _extension_granted,
    "extension_refused": _extension_refused,
    "tier_set": _tier_set,
    "taken_over": _taken_over,
    "leader_called": _leader_called,
    "leader_idle": _leader_idle,
    "transfer_proposed": _transfer_proposed,
    "transfer_returned": _transfer_returned,
    "transfer_taken": _transfer_taken,
    "order_merged": _order_merged,
    "order_reopened": _order_reopened,
    "sent_back": _sent_back,
    "campaign_opened": _campaign_opened,
    "co_handling_asked": _co_handling_asked,
    "co_handling_released": _co_handling_released,
    "co_part_in": _co_part_in,
    "co_part_late": _co_part_late,
    "co_part_awaited": _co_part_awaited,
    "second_contact_late": _second_contact_late,
    "evaluation_decision_late": _evaluation_decision_late,
    "reopened_on_appeal": _reopened_on_appeal,
    "appeal_filed": _appeal_filed,
    "appeal_out_of_time": _appeal_out_of_time,
    "appeal_accepted": _appeal_accepted,
    "appeal_decided": _appeal_decided,
    "appeal_withdrawn": _appeal_withdrawn,
    "appeal_overdue": _appeal_overdue,
    "issue_assigned": _issue_assigned,
    "issue_pressed": _issue_pressed,
    "issue_answered": _issue_answered,
    "issue_reopened": _issue_reopened,
    "issue_raised": _issue_raised,
    "shadow_proposed": _shadow_proposed,
    "webhook_event": _webhook_event,
}
