"""Answers to bulk actions: one outcome for each item."""

from __future__ import annotations

from pydantic import Field

from mingjian.web.api.answers.base import Answer
from mingjian.web.api.problem import Problem


class BulkItemOut(Answer):
    """What became of one item: `done` with its state, or `refused` with its problem."""

    id: str
    outcome: str = Field(description="done or refused")
    state: str | None = None
    problem: Problem | None = None


class BulkOut(Answer):
    done: int
    refused: int
    items: list[BulkItemOut]
