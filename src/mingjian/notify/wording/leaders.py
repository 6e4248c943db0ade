"""Wording about leader take-over."""

from __future__ import annotations

from mingjian.domain.i18n import _
from mingjian.notify.wording.shape import Payload, Wording


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


TEMPLATES: dict[str, Wording] = {
    "taken_over": _taken_over,
    "leader_called": _leader_called,
    "leader_idle": _leader_idle,
}
