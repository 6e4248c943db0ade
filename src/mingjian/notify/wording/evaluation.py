"""Wording about the double evaluation and about appeals."""

from __future__ import annotations

from typing import Any

from mingjian.domain.appeal import Against, AppealOutcome
from mingjian.domain.i18n import _
from mingjian.notify.wording.shape import Payload, Wording


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


TEMPLATES: dict[str, Wording] = {
    "second_contact_late": _second_contact_late,
    "evaluation_decision_late": _evaluation_decision_late,
    "appeal_filed": _appeal_filed,
    "appeal_out_of_time": _appeal_out_of_time,
    "appeal_accepted": _appeal_accepted,
    "appeal_decided": _appeal_decided,
    "appeal_withdrawn": _appeal_withdrawn,
    "appeal_overdue": _appeal_overdue,
}
