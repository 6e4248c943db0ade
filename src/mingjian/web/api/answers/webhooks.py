"""Answers about subscriptions."""

from __future__ import annotations

from datetime import datetime

from mingjian.domain.webhook import WebhookEvent
from mingjian.web.api.answers.base import Answer


class WebhookOut(Answer):
    """A subscription; `secret` is there once, when it is made or made anew."""

    id: str
    url: str
    events: list[WebhookEvent]
    active: bool
    version: int
    created_at: datetime
    secret_generation: int
    secret: str | None = None


class WebhookPage(Answer):
    webhooks: list[WebhookOut]
    after: str
