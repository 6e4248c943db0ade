"""Campaigns (面上问题): the orders that go top-down, their cases, and calling these back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection, RowMapping

from mingjian.domain.campaign import CallOutcome, CampaignReason, CampaignState
from mingjian.store import campaigns as store
from mingjian.supervise import Call, CallDone
from mingjian.web.api.answers.campaigns import (
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
from mingjian.web.campaigns import CampaignSeen, called, called_one, found, opened_and_id, shown
from mingjian.web.keyed import by_id, cut, numbered, timed
from mingjian.web.scopes import WARNINGS
from mingjian.web.viewer import CampaignReader, CaseCaller, office_of

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
    scope, after = viewer.access.campaign_rows, timed(asked.after)
    with office_of(request).engine.connect() as conn:
        rows = store.page(conn, scope, asked.state, after, asked.limit + 1)
    page, more = cut(rows, asked.limit, opened_and_id)
    return CampaignPage(campaigns=[_campaign(row) for row in page], after=more)


@router.get("/campaigns/{campaign_id}", responses=READS)
def show_campaign(
    request: Request, response: Response, campaign_id: Id, viewer: CampaignReader, _query: NoQuery
) -> CampaignShown:
    """One campaign and how far it is; its ETag is its version, which every call back raises."""
    office = office_of(request)
    with office.engine.connect() as conn:
        row = found(conn, viewer, campaign_id)
        progress = _progress(shown(conn, office, row))
    response.headers["ETag"] = tag_of(row["version"])
    return CampaignShown(**_columns(row), progress=progress)


@router.get("/campaigns/{campaign_id}/cases", responses=READS)
def list_cases(
    request: Request, campaign_id: Id, asked: Annotated[CaseQuery, Query()], viewer: CampaignReader
) -> CampaignCasePage:
    """Listed cases in the order in which they were listed; `left` keeps those that nobody has called back."""
    with office_of(request).engine.connect() as conn:
        found(conn, viewer, campaign_id)
        after = numbered(asked.after) or 0
        rows = store.cases(conn, campaign_id, after, asked.limit + 1, left=bool(asked.left))
    page, more = cut(rows, asked.limit, by_id)
    return CampaignCasePage(
        cases=[CampaignCaseOut(**{n: row[n] for n in CampaignCaseOut.model_fields}) for row in page],
        after=more,
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
        call = Call(case, body.outcome, body.note)
        return Done(200, _told(called_one(conn, office, viewer, campaign_id, call)))

    return once.run(body, work)


@router.post("/campaigns/{campaign_id}/call-backs", response_model=CallsOut, responses=WRITES)
def call_back_many(
    request: Request, campaign_id: Id, body: CallsBody, viewer: CaseCaller, once: OnlyOnce, _query: NoQuery
) -> Response:
    """Take down many calls at once; each is done or refused by itself."""
    office = office_of(request)

    def work(conn: Connection) -> Done:
        calls = [Call(one.case, one.outcome, one.note) for one in body.calls]
        done = called(conn, office, viewer, campaign_id, calls)
        refused = sum(one.refusal is not None for one in done)
        return Done(
            200, CallsOut(done=len(done) - refused, refused=refused, calls=[_told(one) for one in done])
        )

    return once.run(body, work)


def _progress(found: CampaignSeen) -> CampaignProgress:
    progress = found.progress
    return CampaignProgress(
        cases=progress.cases,
        called_back=progress.called_back,
        not_resolved=progress.not_resolved,
        weeks_in_band=progress.band.weeks,
        weeks_needed=found.weeks,
        band_since=progress.band.since,
    )


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
