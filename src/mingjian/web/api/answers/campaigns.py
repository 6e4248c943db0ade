"""Answers about campaigns, their cases and the calls back."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from mingjian.domain.campaign import CallOutcome, CallRefusal, CampaignReason, CampaignState, CaseKind
from mingjian.web.api.answers.base import Answer


class CampaignOut(Answer):
    """One matter of many districts, whose order goes top-down beside the local ones."""

    id: str
    warning_id: str
    model: str
    level: str
    sector: str
    reason: CampaignReason
    reason_label: str
    state: CampaignState
    state_label: str
    opened_at: datetime
    plan_due: datetime
    finish_due: datetime
    closed_at: datetime | None
    version: int


class CampaignPage(Answer):
    """Campaigns, the newest first; `after` continues the page and is empty at the end."""

    campaigns: list[CampaignOut]
    after: str


class CampaignProgress(Answer):
    """Cases called back of all listed, and weeks in the band of those needed."""

    cases: int
    called_back: int
    not_resolved: int
    weeks_in_band: int
    weeks_needed: int
    band_since: date | None = Field(
        description="the last day outside the band, or without a run of the model"
    )


class CampaignShown(CampaignOut):
    """One campaign with its progress."""

    progress: CampaignProgress


class CampaignCaseOut(Answer):
    """A listed case: a local warning or a request, by its number."""

    id: int
    kind: CaseKind
    case_id: str
    district_code: str | None
    added_at: datetime
    attempts: int
    outcome: CallOutcome | None
    tried_at: datetime | None
    called_back_at: datetime | None = Field(description="when the case was settled; null while it is open")


class CampaignCasePage(Answer):
    """Cases in the order in which they were listed; `after` continues the page and is empty at the end."""

    cases: list[CampaignCaseOut]
    after: str


class CallOut(Answer):
    """What became of a call: whether it settles its case, or why it was not taken down."""

    case: int
    settled: bool
    refusal: CallRefusal | None = None
    why: str | None = None


class CallsOut(Answer):
    done: int
    refused: int
    calls: list[CallOut]
