"""A message on its way: what has become of it, by name, and what a channel's rules call it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from mingjian.domain.i18n import pick

DIGEST = "digest"  # the template of one message that stands for many


class MessageState(StrEnum):
    """Every message is in exactly one of these."""

    WAITING = "waiting"
    SENT = "sent"
    DIGESTED = "digested"
    DEAD = "dead"

    @property
    def label(self) -> str:
        """The state's name in the reader's language."""
        return pick(STATE_NAMES[self])


class DeliveryReason(StrEnum):
    """Why a message is in its state."""

    WAITING = "waiting"  # not tried yet
    WINDOW = "window"  # waits for others to go with it
    QUIET = "quiet"  # waits for the end of the quiet hours
    RETRY = "retry"  # failed, will be tried again
    SENT = "sent"
    DIGESTED = "digested"  # stands in another message
    REFUSED = "refused"  # the receiver says that it will never take it
    EXHAUSTED = "exhausted"  # failed as often as the channel may
    NO_ADDRESS = "no_address"  # the recipient has none on this channel
    NO_CHANNEL = "no_channel"  # no channel takes it
    NO_WORDING = "no_wording"  # the template cannot be filled

    @property
    def label(self) -> str:
        """The reason in the reader's language."""
        return pick(REASON_NAMES[self])


# The rows of a message's life: every reason belongs to one state.
STATE_OF: dict[DeliveryReason, MessageState] = {
    DeliveryReason.WAITING: MessageState.WAITING,
    DeliveryReason.WINDOW: MessageState.WAITING,
    DeliveryReason.QUIET: MessageState.WAITING,
    DeliveryReason.RETRY: MessageState.WAITING,
    DeliveryReason.SENT: MessageState.SENT,
    DeliveryReason.DIGESTED: MessageState.DIGESTED,
    DeliveryReason.REFUSED: MessageState.DEAD,
    DeliveryReason.EXHAUSTED: MessageState.DEAD,
    DeliveryReason.NO_ADDRESS: MessageState.DEAD,
    DeliveryReason.NO_CHANNEL: MessageState.DEAD,
    DeliveryReason.NO_WORDING: MessageState.DEAD,
}

# What may follow what. Out of DEAD leads a person's replay, or a sender that had lost its lease and still succeeded.
NEXT: dict[MessageState, frozenset[MessageState]] = {
    MessageState.WAITING: frozenset(MessageState),
    MessageState.SENT: frozenset(),
    MessageState.DIGESTED: frozenset(),
    MessageState.DEAD: frozenset({MessageState.WAITING, MessageState.SENT}),
}

STATE_NAMES: dict[MessageState, dict[str, str]] = {
    MessageState.WAITING: {"zh": "待发", "en": "waiting"},
    MessageState.SENT: {"zh": "已发", "en": "sent"},
    MessageState.DIGESTED: {"zh": "已并入汇总", "en": "in a digest"},
    MessageState.DEAD: {"zh": "发不出", "en": "dead"},
}
REASON_NAMES: dict[DeliveryReason, dict[str, str]] = {
    DeliveryReason.WAITING: {"zh": "尚未发送", "en": "not tried yet"},
    DeliveryReason.WINDOW: {"zh": "等待汇总", "en": "waits for its digest"},
    DeliveryReason.QUIET: {"zh": "静默时段", "en": "quiet hours"},
    DeliveryReason.RETRY: {"zh": "待重试", "en": "will be tried again"},
    DeliveryReason.SENT: {"zh": "已发出", "en": "sent"},
    DeliveryReason.DIGESTED: {"zh": "并入汇总", "en": "stands in a digest"},
    DeliveryReason.REFUSED: {"zh": "对方拒收", "en": "refused by the receiver"},
    DeliveryReason.EXHAUSTED: {"zh": "重试次数用尽", "en": "tried as often as allowed"},
    DeliveryReason.NO_ADDRESS: {"zh": "没有联系方式", "en": "no address"},
    DeliveryReason.NO_CHANNEL: {"zh": "没有可用渠道", "en": "no channel takes it"},
    DeliveryReason.NO_WORDING: {"zh": "模板无法填写", "en": "the template cannot be filled"},
}


def names_of(template: str, payload: Mapping[str, Any]) -> frozenset[str]:
    """What a channel's rules may call a message: its template, `template:tier`, or any name of what a digest holds."""
    if template == DIGEST:
        return frozenset({DIGEST, *payload["names"]})
    return frozenset({template, f"{template}:{payload.get('tier', '')}"})
