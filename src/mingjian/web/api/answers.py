"""The shapes of answers: what a program may rely on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mingjian.domain.appeal import Against, AppealOutcome, AppealState, Party
from mingjian.domain.attachment import FileKind, ScanState
from mingjian.domain.campaign import CallOutcome, CallRefusal, CampaignReason, CampaignState, CaseKind
from mingjian.domain.co_handling import CoReason, CoState
from mingjian.domain.enterprise import IssueLevel, IssueState
from mingjian.domain.order import Light
from mingjian.domain.webhook import WebhookEvent
from mingjian.web.api.problem import Problem


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Me(Answer):
    """Who is asking, and the token that writes by cookie carry in X-CSRF-Token."""

    id: str
    name: str
    role: str
    role_name: str
    data_scope: str
    unit_id: str | None
    unit_name: str
    csrf: str
    may: list[str] = Field(description="warnings, overview, health: what the role may read")


class OrderBrief(Answer):
    """The order that carries a warning."""

    id: str
    tier: int
    state: str
    light: str
    accept_due: datetime
    finish_due: datetime
    version: int


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


class ActionList(Answer):
    actions: list[ActionOut]


class StepTaken(Answer):
    """What a step made of the warning; `visible` is false when it left the reader's sight."""

    id: str
    action: str
    state: str
    version: int
    visible: bool
    actions: list[str] = Field(description="names of the steps that the table offers the same reader next")


class OrderOut(OrderBrief):
    """A supervision order."""

    warning_id: str
    unit_id: str
    level: str
    sector: str
    issued_at: datetime
    accepted_at: datetime | None
    finished_at: datetime | None
    due_provisional: bool
    calendar_version: str
    routed_why: str = Field(
        description="how the unit was found: named, district, city, made, bundled or chosen"
    )
    routed_rule: str = Field(description="the routing rule's name; empty where a dispatcher chose")


class OrderPage(Answer):
    """Orders by deadline; `after` continues the page and is empty at the end."""

    orders: list[OrderOut]
    after: str


class UnitOut(Answer):
    """A unit of the register."""

    id: str
    name: str
    name_en: str
    level: str
    region_code: str | None
    line_code: str | None


class UnitPage(Answer):
    units: list[UnitOut]
    after: str


class UnitFigures(Answer):
    """How satisfied the public is with a unit's results, of matters the reader may see; matters exempted are left out."""

    unit_id: str
    since: date
    until: date
    evaluated: int
    satisfied: int
    not_reached: int = Field(description="called, nobody reached: not among those evaluated")
    satisfaction: float | None = Field(description="satisfied / evaluated, 0 to 1; null where nobody was")


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


class AlikeOut(Answer):
    """A photo on another matter that looks the same."""

    attachment_id: str
    warning_id: str


class AttachmentOut(Answer):
    """A file beside a warning. `reused_photo` counts other matters with the same picture; `alike` names those of
    them that the reader may see."""

    id: str
    warning_id: str
    name: str
    kind: FileKind
    size: int = Field(description="bytes")
    sha256: str
    scan: ScanState
    uploaded_by: str
    at: datetime
    reused_photo: int
    alike: list[AlikeOut]


class AttachmentPage(Answer):
    attachments: list[AttachmentOut]
    after: str


class WebhookOut(Answer):
    """A subscription; `secret` is there once, when it is made or made anew."""

    id: str
    url: str
    events: list[WebhookEvent]
    active: bool
    version: int
    created_at: datetime
    secret_generation: int
    secret: str | None = None


class OpenCount(Answer):
    """Open warnings of a sector, level and district; `unassigned` have no unit yet, `amount` is in yuan."""

    sector: str
    level: str
    district_code: str | None
    district_name: str | None
    open: int
    unassigned: int
    amount: float | None


class LightCount(Answer):
    """Open orders by light and tier."""

    light: str
    tier: int
    orders: int


class HandlingCount(Answer):
    """How a sector's orders were accepted and finished."""

    sector: str
    orders: int
    accepted: int
    accepted_on_time: int
    accept_late: int
    finished: int
    finished_on_time: int
    overdue: int


class DayCount(Answer):
    """New warnings of a day; days without any are left out."""

    day: date
    warnings: int


class Figures(Answer):
    """The figures of the leadership page; `district` is None for the whole city."""

    district: str | None
    open: list[OpenCount]
    lights: list[LightCount]
    handling: list[HandlingCount]
    new_by_day: list[DayCount]


class AccountFrozen(Answer):
    """Nobody gets in with this account any more."""

    id: str


class WebhookPage(Answer):
    webhooks: list[WebhookOut]
    after: str
