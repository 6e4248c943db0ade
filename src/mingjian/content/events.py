"""What the city declares in `events.yaml`, handed to the models that show it: as values of their parameters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from mingjian.content import yamlfile
from mingjian.content.loader import Content
from mingjian.domain.event import Events
from mingjian.domain.model import Model

FILE = "events.yaml"
EVENTS, CALENDAR = "events", "calendar"  # the parameters that take them


def with_events(content: Content, folder: Path) -> Content:
    """The content with the city's events as values of `events` and `calendar`, in models that have these parameters.

    As parameters they are kept with each finding, so that a replay sees the events that were declared then.
    Unchanged without the file; raises ContentError with path:line for a wrong one.
    """
    path = folder / FILE
    if not path.exists():
        return content
    said = yamlfile.read(path, Events)
    given = {EVENTS: [event.told() for event in said.events], CALENDAR: said.calendar}
    return replace(content, models={i: _given(model, given) for i, model in content.models.items()})


def _given(model: Model, values: dict[str, Any]) -> Model:
    mine = {
        n: model.params[n].model_copy(update={"value": v}) for n, v in values.items() if n in model.params
    }
    return model.model_copy(update={"params": {**model.params, **mine}}) if mine else model
