"""A city's whole state in one folder, and back again: store, lake, and what else lies below the home."""

from __future__ import annotations

from mingjian.backup.manifest import Manifest, check, read
from mingjian.backup.restore import Step, restore
from mingjian.backup.save import back_up

__all__ = ["Manifest", "Step", "back_up", "check", "read", "restore"]
