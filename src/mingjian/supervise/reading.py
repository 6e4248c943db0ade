"""What an actor has read of a warning: rechecks are unannounced, so whoever may not see them reads as if there were none.

Each unannounced step raises `unseen` with the version, so `version - unseen` moves by the announced ones alone and is as
good for optimistic locking: two announced changes never share it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mingjian.domain.recheck import shown_state
from mingjian.domain.warning import WarningState


def version_read(row: Mapping[Any, Any], *, sees_rechecks: bool) -> int:
    """The version of a warning's row as this actor reads it."""
    version: int = row["version"]
    return version if sees_rechecks else version - int(row["unseen"])


def state_read(row: Mapping[Any, Any], *, sees_rechecks: bool) -> WarningState:
    """The state of a warning's row as this actor reads it."""
    state = WarningState(row["status"])
    return state if sees_rechecks else shown_state(state)


def next_mark(row: Mapping[Any, Any]) -> str:
    """What tells the event of the row's next announced step from all others; it counts no unannounced one."""
    return f"v{version_read(row, sees_rechecks=False) + 1}"
