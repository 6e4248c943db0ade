"""Answers about units that take part beside the lead."""

from __future__ import annotations

from datetime import datetime

from mingjian.domain.co_handling import CoReason, CoState
from mingjian.domain.order import Light
from mingjian.web.api.answers.base import Answer


class CoHandlerOut(Answer):
    """A unit beside the lead: since when and why, by when its part is due, and its part.

    `light` is that of the part: `urgent` in its last working days, `alarm` once it is late; `none` while the matter
    rests and when the part is in.
    """

    unit_id: str
    unit_name: str
    unit_name_en: str
    state: CoState
    state_label: str
    why: CoReason
    why_label: str
    task: str
    asked_at: datetime
    due: datetime | None
    light: Light
    light_label: str
    answered_at: datetime | None
    opinion: str
    ended_at: datetime | None
    ended_why: str


class CoHandlerList(Answer):
    co_handlers: list[CoHandlerOut]
