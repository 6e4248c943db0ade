"""What a channel is given and what it promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """One finished message; `key` is the same every time the same letter is sent again."""

    key: str
    recipient: str
    subject: str
    body: str


class Channel(Protocol):
    """Sends messages; any exception means not sent, and the message is tried again on the next delivery."""

    def send(self, message: Message) -> None: ...
