"""Answers about issues of enterprises."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from mingjian.domain.enterprise import IssueLevel, IssueState
from mingjian.web.api.answers.base import Answer


class IssueOut(Answer):
    """An issue that an enterprise raised."""

    id: int
    enterprise: str
    district_code: str
    quarter: str
    words: str
    level: IssueLevel | None
    unit_id: str | None
    leader_user_id: str | None
    promised_on: date | None
    state: IssueState
    label: str = Field(description="the state in words")
    answer: str
    answered_at: datetime | None
    satisfied: bool | None
    reopened: int
    raised_at: datetime | None
    closed_at: datetime | None
    version: int


class IssuePage(Answer):
    issues: list[IssueOut]
    after: str


class QuarterLine(Answer):
    """A district's issues of one quarter, of those the reader may see."""

    district_code: str
    collected: int
    department: int
    district: int = Field(description="at district level now, raised ones among them")
    raised: int
    answered: int
    in_time: int = Field(description="answered by the promised day")
    closed: int
    satisfied: int
    reopened: int
    overdue: int


class QuarterReport(Answer):
    quarter: str
    districts: list[QuarterLine]
