"""Wording about the issues that enterprises raise."""

from __future__ import annotations

from mingjian.domain.i18n import _
from mingjian.notify.wording.shape import Payload, Wording


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


TEMPLATES: dict[str, Wording] = {
    "issue_assigned": _issue_assigned,
    "issue_pressed": _issue_pressed,
    "issue_answered": _issue_answered,
    "issue_reopened": _issue_reopened,
    "issue_raised": _issue_raised,
}
