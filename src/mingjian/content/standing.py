"""The statuses that people have set in this city instead of those of the model files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mingjian.content.loader import Content
from mingjian.domain.model import Status


def with_statuses(content: Content, statuses: Mapping[tuple[str, int], Status]) -> Content:
    """The content with these statuses, by model and version; a newer version stands as its file says.

    Files, versions and the lock stay as they are.
    """
    models = {
        i: m.model_copy(update={"status": statuses[i, m.version]}) if (i, m.version) in statuses else m
        for i, m in content.models.items()
    }
    return replace(content, models=models)
