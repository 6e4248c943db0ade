"""Campaigns (面上问题): the orders that go top-down, their cases, and calling these back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection, RowMapping

from mingjian.domain.campaign import CallOutcome, CampaignReason, CampaignState
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.errors import NotFound, TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.store import campaigns as store
from mingjian.supervise import Call, CallDone, call_back, terms_of
from mingjian.web.api.answers import (
    CallOut,
    CallsOut,
    CampaignCaseOut,
    CampaignCasePage,
    CampaignOut,
    CampaignPage,
    CampaignProgress,
    CampaignShown,
)
from mingjian.web.api.guarded import Body, Text
from mingjian.web.api.once import Done, OnlyOnce
from mingjian.web.api.problem import READS, WRITES
from mingjian.web.api.queries import CampaignQuery, CaseQuery, Id, NoQuery
from mingjian.web.api.versions import tag_of
from mingjian.web.errors import BadRequest
from mingjian.web.scopes import WARNINGS
from mingjian.web.viewer import CampaignReader, CaseCaller, Office, Viewer, office_of

router = APIRouter(tags=["campaigns"], dependencies=[WARNINGS])
MOST_CALLS = 500
CaseNumber = Annotated[int, Path(ge=1, le=2**63 - 1)]


class CallBody(Body):
    """What one call brought."""

    outcome: CallOutcome
    note: Text = Field("", max_length=2000)


class CallItem(CallBody):
    """One call of several: the number of its case."""

    case: int = Field(ge=1, le=2**63 - 1)


class CallsBody(Body):
    calls: list[CallItem] = Field(min_length=1, max_length=MOST_CALLS)


@router.get("/campaigns", responses=READS)
def list_campaigns(
    request: Request, asked: Annotated[CampaignQuery, Query()], viewer: CampaignReader
) -> CampaignPage:
    """One page of the campaigns that the reader may see, the newest first."""
    scope, after = viewer.access.campaign_rows, _cursor(asked.after)
    with office_of(request).engine.connect() as conn:
        rows = store.page(conn, scope, asked.state, after, asked.limit + 1)
    shown = rows[: asked.limit]
    more = f"{shown[-1]['opened_at'].isoformat()}~{shown[-1]['id']}" if len(rows) > asked.limit else ""
    return CampaignPage(campaigns=[_campaign(row) for row in shown], after=more)


@router.get("/campaigns/{campaign_id}", responses=READS)
def show_campaign(
    request: Request, response: Response, campaign_id: Id, viewer: CampaignReader, _query: NoQuery
) -> CampaignShown:
    """One campaign and how far it is; its ETag is its version, which every call back raises."""
    office = office_of(request)
    with office.engine.connect() as conn:
        row = _seen(conn, viewer, campaign_id)
        progress = progress_of(conn, office, row)
    response.headers["ETag"] = tag_of(row["version"])
    return CampaignShown(**_columns(row), progress=progress)


@router.get("/campaigns/{campaign_id}/cases", responses=READS)
def list_cases(
    request: Request, campaign_id: Id, asked: Annotated[CaseQuery, Query()], viewer: CampaignReader
) -> CampaignCasePage:
    """Listed cases in the order in which they were listed; `left` keeps those that nobody has called back."""
    with office_of(request).engine.connect() as conn:
        _seen(conn, viewer, campaign_id)
        rows = store.cases(conn, campaign_id, _number(asked.after), asked.limit + 1, left=bool(asked.left))
    shown = rows[: asked.limit]
    return CampaignCasePage(
        cases=[CampaignCaseOut(**{n: row[n] for n in CampaignCaseOut.model_fields}) for row in shown],
        after=str(shown[-1]["id"]) if len(rows) > asked.limit else "",
    )


@router.post("/campaigns/{campaign_id}/cases/{case}/call-back", response_model=CallOut, responses=WRITES)
def call_back_one(
    request: Request,
    campaign_id: Id,
    case: CaseNumber,
    body: CallBody,
    viewer: CaseCaller,
    once: OnlyOnce,
    _query: NoQuery,
) -> Response:
    """Take down the call on one case; a refusal says why."""
    office = office_of(request)

    def work(conn: Connection) -> Done:
        (done,) = _call(conn, office, viewer, campaign_id, [Call(case, body.outcome, body.note)])
        if done.refusal is not None:
            raise TransitionError(done.refusal.text, hint=_("请刷新事项清单后核对"))
        return Done(200, _told(done))

    return once.run(body, work)


@router.post("/campaigns/{campaign_id}/call-backs", response_model=CallsOut, responses=WRITES)
def call_back_many(
    request: Request, campaign_id: Id, body: CallsBody, viewer: CaseCaller, once: OnlyOnce, _query: NoQuery
) -> Response:
    """Take down many calls at once; each is done or refused by itself."""
    office = office_of(request)

    def work(conn: Connection) -> Done:
        calls = [Call(one.case, one.outcome, one.note) for one in body.calls]
        done = _call(conn, office, viewer, campaign_id, calls)
        refused = sum(one.refusal is not None for one in done)
        return Done(
            200, CallsOut(done=len(done) - refused, refused=refused, calls=[_told(one) for one in done])
        )

    return once.run(body, work)


def progress_of(conn: Connection, office: Office, row: RowMapping) -> CampaignProgress:
    """How far a campaign is, and how many weeks in the band its city asks for."""
    weeks = office.content.policy.dual_track.quiet_weeks
    found = store.progress(conn, row, office.clock.now().astimezone(CITY_TZ).date(), weeks)
    return CampaignProgress(
        cases=found.cases,
        called_back=found.called_back,
        not_resolved=found.not_resolved,
        weeks_in_band=found.band.weeks,
        weeks_needed=weeks,
        band_since=found.band.since,
    )


def _call(
    conn: Connection, office: Office, viewer: Viewer, campaign_id: str, calls: list[Call]
) -> list[CallDone]:
    _seen(conn, viewer, campaign_id)
    user = viewer.user
    return call_back(
        conn, office.clock, terms_of(office.content), user.id, Role(user.role), campaign_id, calls
    )


def _seen(conn: Connection, viewer: Viewer, campaign_id: str) -> RowMapping:
    row = store.find(conn, viewer.access.campaign_rows, campaign_id)
    if row is None:
        raise NotFound(_("没有这项整治，或不在您的查看范围内"), hint=_("请核对编号"))
    return row


def _told(done: CallDone) -> CallOut:
    refusal = done.refusal
    return CallOut(
        case=done.case, settled=done.settled, refusal=refusal, why=refusal.text if refusal else None
    )


def _campaign(row: RowMapping) -> CampaignOut:
    return CampaignOut(**_columns(row))


def _columns(row: RowMapping) -> dict[str, Any]:
    plain = set(CampaignOut.model_fields) - {"reason_label", "state_label"}
    return {
        **{name: row[name] for name in plain},
        "reason_label": CampaignReason(row["reason"]).label,
        "state_label": CampaignState(row["state"]).label,
    }


def _number(after: str) -> int:
    if after and (not after.isascii() or not after.isdigit() or len(after) > 18):
        raise _no_place()
    return int(after or 0)


def _cursor(after: str) -> tuple[datetime, str] | None:
    if not after:
        return None
    moment, _sign, id = after.partition("~")
    try:
        opened = datetime.fromisoformat(moment)
        opened.astimezone()
        if opened.tzinfo is None or not id:
            raise ValueError
    except (ValueError, OverflowError):
        raise _no_place() from None
    return opened, id


def _no_place() -> BadRequest:
    return BadRequest(_("翻页位置无法识别"), hint=_("去掉网址中的 after 参数，从第一页开始"))
