"""The channels of a city: its own `channels.yaml` beside `city.yaml`, else the shipped one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mingjian.content import yamlfile
from mingjian.domain.channel import ChannelKind, ChannelRules, Channels

FILE = "channels.yaml"


def load_channels(root: Path, folder: Path) -> Mapping[str, ChannelRules]:
    """Channels by name: of `folder/channels.yaml`, else of `root/supervision`, else files alone.

    Raises ContentError with path:line for a wrong key.
    """
    for path in (folder / FILE, root / "supervision" / FILE):
        if path.exists():
            return yamlfile.read(path, Channels).channels
    return {"file": ChannelRules(kind=ChannelKind.FILE)}
