"""What a channel is given, what it promises, and how it says that a message did not leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Message:
    """One finished message; `key` is the same every time the same letter is sent again.

    `recipient` is a unit or a user and `name` what people call it; `address` is where it is reached, empty on channels
    with one address for all. `template` and `facts` are what the text was made from.
    """

    key: str
    recipient: str
    subject: str
    body: str
    name: str = ""
    address: str = field(default="", repr=False)
    template: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Refused(Exception):
    """The receiver will never take this message: sending it again is useless."""


class TryLater(Exception):
    """Not sent, or nobody knows whether; `after` is how many seconds the receiver asks to wait."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class Channel(Protocol):
    """Sends messages. Refused ends a message; any other exception means that it is tried again.

    `secrets` are texts that must never be told: keys, tokens, addresses of gateways.
    """

    secrets: tuple[str, ...]

    def send(self, message: Message) -> None: ...


def text_of(message: Message) -> str:
    """A message for channels without a subject line, addressed to its recipient by name."""
    return f"{message.subject}\n{message.name or message.recipient}\n{message.body}"


def cut(text: str, most_bytes: int) -> str:
    """The text, or as much of it as fits into so many bytes of UTF-8 with `…` behind it."""
    if len(text.encode()) <= most_bytes:
        return text
    return text.encode()[: most_bytes - len("…".encode())].decode(errors="ignore") + "…"
