"""Wording of one message that stands for many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mingjian.domain.i18n import _
from mingjian.notify.wording.shape import Payload, level_name

Worded = Callable[[str, Payload], tuple[str, str]]  # (template, payload) -> (subject, body)

BRIEF = ("order_issued", "reminder", "light_urgent", "light_alarm", "tier_raised")  # the most serious last


def digest(p: Payload, worded: Worded) -> tuple[str, str]:
    """One line for each order, the most serious first; what is behind the last line is counted.

    `worded` is asked for what has no brief form.
    """
    matters: dict[str, list[Mapping[str, Any]]] = {}
    for item in p["items"]:
        matters.setdefault(str(item["payload"].get("order") or len(matters)), []).append(item)
    said = sorted(matters.values(), key=lambda items: -max(_weight(item["template"]) for item in items))
    shown = [_matter(items, worded) for items in said[: p["lines"]]]
    if len(said) > len(shown):
        shown.append(_("另有 {n} 件，请登录系统查看。", n=len(said) - len(shown)))
    subject = _("【督办汇总】{n} 件事项，{m} 条提示", n=len(said), m=len(p["items"]))
    return subject, "\n".join(shown)


def _matter(items: list[Mapping[str, Any]], worded: Worded) -> str:
    """An order with everything that is to be said of it; anything else by its subject."""
    payload = items[-1]["payload"]
    if any(item["template"] not in BRIEF for item in items) or "finish_due" not in payload:
        return _("；").join(worded(item["template"], item["payload"])[0] for item in items)
    serious = sorted({item["template"] for item in items}, key=lambda name: -_weight(name))
    return _(
        "{order}（{level}，督办 {tier} 级，期限 {finish_due}）：{what}",
        order=payload["order"],
        level=level_name(payload),
        tier=max(item["payload"].get("tier", 1) for item in items),
        finish_due=payload["finish_due"],
        what=_("、").join(_brief(name) for name in serious),
    )


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
