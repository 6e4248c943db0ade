"""Answers about appeals."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from mingjian.domain.appeal import Against, AppealOutcome, AppealState, Party
from mingjian.web.api.answers.base import Answer


class AppealOut(Answer):
    """An appeal; `words` and `filed_by` are empty where the reader may not know who complained."""

    id: int
    warning_id: str
    against: Against
    party: Party
    state: AppealState
    label: str = Field(description="the state in words")
    filed_by: str
    filed_at: datetime
    words: str
    office: str = Field(description="the role that decides")
    due_at: datetime
    outcome: AppealOutcome | None
    reason: str = Field(description="why it was decided so")
    decided_at: datetime | None
    overdue_at: datetime | None
    version: int


class AppealPage(Answer):
    appeals: list[AppealOut]
    after: str
