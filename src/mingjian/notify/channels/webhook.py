"""Messages as JSON to another system, signed so that it can tell ours from anybody else's (docs/messages.md)."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime

from mingjian.domain.clock import Clock
from mingjian.notify.channels.base import Message
from mingjian.notify.channels.http import Gateway

KEY, TIMESTAMP, SIGNATURE = "Idempotency-Key", "X-Mingjian-Timestamp", "X-Mingjian-Signature"


class WebhookChannel:
    """Posts each message with its key and HMAC-SHA256 over `timestamp.body`."""

    def __init__(self, gateway: Gateway, secret: str, clock: Clock) -> None:
        self.gateway, self.secret, self.clock = gateway, secret, clock
        self.secrets: tuple[str, ...] = (secret, gateway.url)

    def send(self, message: Message) -> None:
        """Raises Refused or TryLater."""
        body = json.dumps(
            {
                "key": message.key,
                "recipient": message.recipient,
                "name": message.name,
                "template": message.template,
                "subject": message.subject,
                "body": message.body,
                "facts": dict(message.facts),
            },
            ensure_ascii=False,
        ).encode()
        headers = signed_headers(message.key, self.secret, self.clock.now(), body)
        self.gateway.exchange("POST", content=body, headers=headers)


def signed_headers(key: str, secret: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers by which a receiver knows a repeated message and our signature."""
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json; charset=utf-8",
        KEY: _ascii(key),
        TIMESTAMP: timestamp,
        SIGNATURE: signature(secret, timestamp, body),
    }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`sha256=` and the hex digest that a receiver compares."""
    return "sha256=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def _ascii(key: str) -> str:
    """A key that an HTTP header can carry: anything beyond ASCII as in an address."""
    return "".join(c if c.isascii() and c.isprintable() else f"%{ord(c):X}" for c in key)
