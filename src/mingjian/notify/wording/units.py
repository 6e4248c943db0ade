"""Wording about several units at one order: transfers, co-handling, campaigns."""

from __future__ import annotations

from mingjian.domain.i18n import _
from mingjian.notify.wording.shape import Payload, Wording


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


def _campaign_opened(p: Payload) -> tuple[str, str]:
    return (
        _("【面上问题】督办单 {order}", **p),
        _(
            "督办单 {order}（{level}）列为面上整治：{plan_due} 前提出方案，{finish_due} 前完成。"
            "列出的事项逐件回访、数量回到界内后方可办结。",
            **p,
        ),
    )


TEMPLATES: dict[str, Wording] = {
    "transfer_proposed": _transfer_proposed,
    "transfer_returned": _transfer_returned,
    "transfer_taken": _transfer_taken,
    "co_handling_asked": _co_handling_asked,
    "co_handling_released": _co_handling_released,
    "co_part_in": _co_part_in,
    "co_part_late": _co_part_late,
    "co_part_awaited": _co_part_awaited,
    "campaign_opened": _campaign_opened,
}
