"""Ways out of the building. A new channel is one module here and one line in `default_channels`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mingjian.notify.channels.base import Channel, Message
from mingjian.notify.channels.file import FileChannel

__all__ = ["Channel", "FileChannel", "Message", "default_channels"]


def default_channels(home: Path) -> Mapping[str, Channel]:
    """Channels by the name that outbox rows carry."""
    return {
        "file": FileChannel(home / "outbox"),
    }
