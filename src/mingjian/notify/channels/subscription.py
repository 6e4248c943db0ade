"""Events to the systems that subscribed to them over the API: each to its own address, signed with its own secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
from sqlalchemy import Engine

from mingjian.domain.clock import Clock
from mingjian.domain.i18n import _
from mingjian.notify.channels.base import Message, Refused
from mingjian.notify.channels.http import Gateway
from mingjian.notify.channels.webhook import signed_headers
from mingjian.store import webhooks
from mingjian.store.webhook_secret import secret_of


class SubscriptionChannel:
    """Posts an event's facts to the subscription that the message names.

    A subscription that was removed or switched off meanwhile ends its messages; its address is looked up anew for
    each, and inner addresses are refused unless the administrator listed the host.
    """

    def __init__(
        self,
        engine: Engine,
        home: Path,
        clock: Clock,
        timeout: float,
        gateway: Callable[[str, float, bool], Gateway] = Gateway,
    ) -> None:
        self.engine, self.home, self.clock, self.timeout = engine, home, clock, timeout
        self.gateway = gateway
        self.secrets: tuple[str, ...] = ()

    def send(self, message: Message) -> None:
        """Raises Refused or TryLater."""
        with self.engine.connect() as conn:
            row = webhooks.listening(conn, message.recipient)
        if row is None:
            raise Refused(_("订阅 {id} 已取消或停用", id=message.recipient))
        secret = secret_of(self.home, row["id"], row["generation"])
        body = json.dumps({"key": message.key, **message.facts}, ensure_ascii=False).encode()
        inside = httpx.URL(row["url"]).host in webhooks.inside_hosts()
        try:
            gateway = self.gateway(row["url"], self.timeout, inside)
        except ValueError as error:
            raise Refused(str(error)) from None
        headers = signed_headers(message.key, secret, self.clock.now(), body)
        gateway.exchange("POST", content=body, headers=headers)
