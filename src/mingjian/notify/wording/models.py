"""Wording about models."""

from __future__ import annotations

from mingjian.domain.i18n import _
from mingjian.notify.wording.shape import Payload, Wording


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


TEMPLATES: dict[str, Wording] = {
    "shadow_proposed": _shadow_proposed,
}
