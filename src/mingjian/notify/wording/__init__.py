"""The wording of messages: a subject and a body for each template, in the reader's language."""

from __future__ import annotations

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.message import DIGEST
from mingjian.notify.wording import enterprise, evaluation, events, leaders, models, orders, units
from mingjian.notify.wording.digest import digest
from mingjian.notify.wording.shape import Payload, Wording, level_name

TEMPLATES: dict[str, Wording] = {
    name: wording
    for noun in (orders, units, leaders, evaluation, enterprise, models, events)
    for name, wording in noun.TEMPLATES.items()
}


def render(template: str, payload: Payload) -> tuple[str, str]:
    """(subject, body); raises NotFound for a template that has no wording."""
    if template == DIGEST:
        return digest(payload, render)
    if template not in TEMPLATES:
        raise NotFound(_("没有消息模板 {name}", name=template), hint=_("在 notify/wording/ 中登记模板"))
    named = {"level": level_name(payload)} if "level" in payload else {}
    return TEMPLATES[template]({**payload, **named})
