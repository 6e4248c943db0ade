"""The events that other systems may be told of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WebhookEvent(StrEnum):
    """What happened, as a subscription names it."""

    WARNING_STEP = "warning.step"
    ORDER_ISSUED = "order.issued"
    ORDER_LIGHT = "order.light"
    ORDER_REMINDED = "order.reminded"
    ORDER_RAISED = "order.raised"
    ORDER_URGED = "order.urged"


@dataclass(frozen=True)
class Happened:
    """One event: the warning or order it befell, the step, and what it became.

    `mark` tells this event from others of its kind on the same object; it makes the delivery's key. `into` is the
    warning that a merged one was carried on in, else empty.
    """

    event: WebhookEvent
    object_id: str
    action: str
    state: str
    mark: str
    into: str = ""
