"""Wording about an order and its clock: delivered, lights, tiers, extensions, returned, reopened."""

from __future__ import annotations

from typing import Any

from mingjian.domain.i18n import _
from mingjian.domain.ladder import TierReason
from mingjian.notify.wording.shape import Payload, Wording


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


def _urged(p: Payload) -> tuple[str, str]:
    return (
        _("【催办】督办单 {order}", **p),
        _("督办单 {order}（{level}）经分办员催办，办结期限 {finish_due}，请抓紧办理并说明进展。", **p),
    )


def _tier_raised(p: Payload) -> tuple[str, str]:
    return (
        _("【督办升级】督办单 {order} 升为 {tier} 级", **p),
        _(
            "督办单 {order}（{level}）：{why}，督办层级升为 {tier} 级。请按要求办理并书面回复。",
            **_with_why(p),
        ),
    )


def _tier_set(p: Payload) -> tuple[str, str]:
    return (
        _("【督办层级】督办单 {order} 现为 {tier} 级", **p),
        _("督办单 {order}（{level}）的督办层级调整为 {tier} 级，办结期限 {finish_due}。", **p),
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


def _reopened_on_appeal(p: Payload) -> tuple[str, str]:
    return (
        _("【重启】督办单 {order}", **p),
        _("申诉成立，督办单 {order}（{level}）已重启，请重新核查，期限 {finish_due}。", **p),
    )


def _sent_back(p: Payload) -> tuple[str, str]:
    return (
        _("【退回】督办单 {order} 退回整改", **p),
        _(
            "督办单 {order}（{level}）评价未通过，退回贵单位整改，期限 {finish_due}（为首次期限的一部分），督办 {tier} 级。",
            **p,
        ),
    )


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


TEMPLATES: dict[str, Wording] = {
    "order_issued": _order_issued,
    "light_urgent": _light_urgent,
    "light_alarm": _light_alarm,
    "reminder": _reminder,
    "urged": _urged,
    "tier_raised": _tier_raised,
    "tier_set": _tier_set,
    "extension_granted": _extension_granted,
    "extension_refused": _extension_refused,
    "order_merged": _order_merged,
    "order_reopened": _order_reopened,
    "reopened_on_appeal": _reopened_on_appeal,
    "sent_back": _sent_back,
}
