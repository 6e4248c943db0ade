"""The wording of messages: a subject and a body for each template, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _, pick
from mingjian.domain.level import Level
from mingjian.domain.message import DIGEST
from mingjian.domain.order import TierReason

Payload = Mapping[str, Any]


def render(template: str, payload: Payload) -> tuple[str, str]:
    """(subject, body); raises NotFound for a template that has no wording."""
    if template == DIGEST:
        return _digest(payload)
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
    "tier_raised": _tier_raised,
}
