"""A message on its way: what has become of it, by name, and what a channel's rules call it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mingjian.domain.named import Named

DIGEST = "digest"  # the template of one message that stands for many


class MessageState(Named):
    """Every message is in exactly one of these."""

    WAITING = "waiting", "待发", "waiting"
    SENT = "sent", "已发", "sent"
    DIGESTED = "digested", "已并入汇总", "in a digest"
    DEAD = "dead", "发不出", "dead"


class DeliveryReason(Named):
    """Why a message is in its state."""

    WAITING = "waiting", "尚未发送", "not tried yet"
    WINDOW = "window", "等待汇总", "waits for its digest"  # waits for others to go with it
    QUIET = "quiet", "静默时段", "quiet hours"  # waits for the end of the quiet hours
    RETRY = "retry", "待重试", "will be tried again"  # failed, will be tried again
    SENT = "sent", "已发出", "sent"
    DIGESTED = "digested", "并入汇总", "stands in a digest"
    REFUSED = "refused", "对方拒收", "refused by the receiver"  # the receiver says that it will never take it
    EXHAUSTED = "exhausted", "重试次数用尽", "tried as often as allowed"  # failed as often as the channel may
    NO_ADDRESS = "no_address", "没有联系方式", "no address"  # the recipient has none on this channel
    NO_CHANNEL = "no_channel", "没有可用渠道", "no channel takes it"
    NO_WORDING = "no_wording", "模板无法填写", "the template cannot be filled"


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


def names_of(template: str, payload: Mapping[str, Any]) -> frozenset[str]:
    """What a channel's rules may call a message: its template, `template:tier`, or any name of what a digest holds."""
    if template == DIGEST:
        return frozenset({DIGEST, *payload["names"]})
    return frozenset({template, f"{template}:{payload.get('tier', '')}"})
