"""Wording of what subscribers are told."""

from __future__ import annotations

from mingjian.domain.i18n import _
from mingjian.notify.wording.shape import Payload, Wording


def _webhook_event(p: Payload) -> tuple[str, str]:
    """Subscribers are sent the facts; the words are what a list of messages shows."""
    return _("【事件】{event}", **p), _("{object} 于 {at}：{action}，状态 {state}", **p)


TEMPLATES: dict[str, Wording] = {
    "webhook_event": _webhook_event,
}
