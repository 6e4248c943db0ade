"""Answers about steps: what is open, what was taken, and the history."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from mingjian.web.api.answers.base import Answer


class ReasonCode(Answer):
    """A coded reason that a step asks for, and its words."""

    code: str
    label: str


class ActionOut(Answer):
    """A step that the transition table offers this role now; guards are asked when it is taken."""

    action: str
    label: str
    needs_reason: bool
    needs_unit: bool
    needs_days: bool
    codes: list[ReasonCode]
    scores: list[ReasonCode] = Field(description="dimensions that the step scores from 1 to 5")


class ActionList(Answer):
    actions: list[ActionOut]


class StepOut(Answer):
    """One line of a warning's or its order's history."""

    id: int
    object_kind: str
    seq: int
    action: str
    label: str
    from_state: str
    to_state: str
    reason: str
    note: str
    actor: str
    at: datetime


class StepPage(Answer):
    """History, newest first; `after` continues it towards the past and is empty at the end."""

    steps: list[StepOut]
    after: str


class StepTaken(Answer):
    """What a step made of the warning; `visible` is false when it left the reader's sight."""

    id: str
    action: str
    state: str
    version: int
    visible: bool
    actions: list[str] = Field(description="names of the steps that the table offers the same reader next")
