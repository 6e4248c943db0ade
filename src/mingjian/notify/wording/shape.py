"""What the wording of every template has in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mingjian.domain.i18n import pick
from mingjian.domain.level import Level

Payload = Mapping[str, Any]
Wording = Callable[[Payload], tuple[str, str]]  # (subject, body) in the reader's language


def level_name(payload: Payload) -> str:
    """The risk level's name in the reader's language."""
    level = Level(payload["level"])
    return pick({"zh": level, "en": level.english})
