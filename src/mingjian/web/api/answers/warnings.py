"""Answers about warnings: the list's row, its page, and one warning with everything."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from mingjian.domain.order import Deadline
from mingjian.web.api.answers.base import Answer
from mingjian.web.api.answers.orders import OrderBrief
from mingjian.web.api.answers.steps import ActionOut


class WarningBrief(Answer):
    """A warning as lists show it; `subject` is masked for its reader."""

    id: str
    model: str
    model_version: int
    sector: str
    subject_kind: str
    subject: str
    period: str
    district_code: str | None
    unit_id: str | None
    level: str
    score: int
    amount: float | None
    status: str
    first_seen: date
    last_seen: date
    hits: int
    fingerprint: str | None  # None where it would lead to who complained
    light: str | None = None
    tier: int | None = None
    finish_due: datetime | None = None
    next_due: datetime | None = None
    deadline: Deadline | None = Field(None, description="what the unit has to do by `next_due`")


class WarningPage(Answer):
    """One page of the queue; `after` continues it and is empty at the end."""

    warnings: list[WarningBrief]
    counts: dict[str, int] = Field(description="warnings of each level that fit the other filters")
    after: str


class EvidenceRows(Answer):
    """Masked rows of one table that made the finding, as text."""

    table: str
    columns: list[str]
    rows: list[list[str]]


class WarningDetail(WarningBrief):
    """One warning with everything a reviewer needs; opening it is audited."""

    version: int
    explanation: dict[str, str]
    score_parts: list[dict[str, Any]]
    evidence: list[EvidenceRows]
    params: dict[str, Any]
    lake: dict[str, int]
    order: OrderBrief | None
    merged_into: str | None
    merged: list[str] = Field(description="duplicates that this warning carries on, those the reader may see")
    actions: list[ActionOut] = Field(description="steps that the transition table offers the reader now")
    note: str
