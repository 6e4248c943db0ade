"""The wording of messages: a subject and a body for each template, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _, pick
from mingjian.domain.level import Level
from mingjian.domain.order import TierReason

Payload = Mapping[str, Any]


def render(template: str, payload: Payload) -> tuple[str, str]:
    """(subject, body); raises NotFound for a template that has no wording."""
    if template not in TEMPLATES:
        raise NotFound(_("没有消息模板 {name}", name=template), hint=_("在 notify/messages.py 中登记模板"))
    level = Level(payload["level"])
    return TEMPLATES[template]({**payload, "level": pick({"zh": level, "en": level.english})})


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


def _with_why(p: Payload) -> dict[str, Any]:
    return {**p, "why": _why(TierReason(p["reason"]), p)}


def _why(reason: TierReason, p: Payload) -> str:
    said = {
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
}
