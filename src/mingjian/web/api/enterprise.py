"""Enterprise issues (三员): collected, assigned, pressed, answered, called back about; the quarter's report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection, RowMapping

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.enterprise import IssueLevel, IssueState, IssueStep, is_quarter, quarter_of
from mingjian.domain.errors import NotFound, StaleVersion
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.store import enterprise
from mingjian.supervise import terms_of
from mingjian.supervise.enterprise import Collected, Said, collect, take_step
from mingjian.web.api.answers import IssueOut, IssuePage, QuarterLine, QuarterReport
from mingjian.web.api.guarded import Body, Text
from mingjian.web.api.once import Done, OnlyOnce
from mingjian.web.api.problem import READS, WRITES
from mingjian.web.api.queries import IssueQuery, NoQuery, QuarterQuery
from mingjian.web.api.steps import numbered
from mingjian.web.api.versions import IfMatch, tag_of
from mingjian.web.errors import BadRequest, Changed
from mingjian.web.scopes import WARNINGS
from mingjian.web.viewer import QueueReader, Viewer, office_of

router = APIRouter(prefix="/enterprise", tags=["enterprise"], dependencies=[WARNINGS])
IssueId = Annotated[int, Path(ge=1, lt=2**62)]


class IssueBody(Body):
    """What an enterprise raised."""

    enterprise: Text = Field(min_length=1, max_length=200)
    district_code: Text = Field(pattern=r"^\d{6}$")
    words: Text = Field(min_length=1, max_length=2000)
    quarter: Text = Field("", max_length=6, description="2026Q3; the present one when empty")


class IssueStepBody(Body):
    """One step; level, unit and promised day go with `assign`, words with an answer and a call-back."""

    step: IssueStep
    level: IssueLevel | None = None
    unit_id: Text | None = Field(None, max_length=80)
    promised_on: date | None = None
    words: Text = Field("", max_length=2000)


@router.get("/issues", responses=READS)
def list_issues(request: Request, asked: Annotated[IssueQuery, Query()], viewer: QueueReader) -> IssuePage:
    """One page of issues by id, of those the reader may see."""
    state, after = asked.state.value if asked.state else "", numbered(asked.after) or 0
    with office_of(request).engine.connect() as conn:
        rows = enterprise.page(conn, viewer.access.issues, asked.quarter, state, after, asked.limit + 1)
    shown = rows[: asked.limit]
    return IssuePage(
        issues=[_out(row) for row in shown], after=str(shown[-1]["id"]) if len(rows) > asked.limit else ""
    )


@router.post("/issues", status_code=201, response_model=IssueOut, responses=WRITES)
def collect_issue(
    request: Request, body: IssueBody, viewer: QueueReader, once: OnlyOnce, _query: NoQuery
) -> Response:
    """Write down an issue: R8, in the reader's own districts."""
    office, user = office_of(request), viewer.user

    def work(conn: Connection) -> Done:
        said = Collected(body.enterprise, body.district_code, body.words, body.quarter)
        row = collect(conn, office.clock, said, user.id, Role(user.role))
        return _done(_found(conn, viewer, row["id"]))

    return once.run(body, work)


@router.get("/issues/{issue_id}", responses=READS)
def show_issue(
    request: Request, response: Response, issue_id: IssueId, viewer: QueueReader, _query: NoQuery
) -> IssueOut:
    """One issue."""
    with office_of(request).engine.connect() as conn:
        row = _found(conn, viewer, issue_id)
    response.headers["ETag"] = tag_of(row["version"])
    return _out(row)


@router.post("/issues/{issue_id}/steps", status_code=201, response_model=IssueOut, responses=WRITES)
def take_issue_step(
    request: Request,
    issue_id: IssueId,
    body: IssueStepBody,
    viewer: QueueReader,
    once: OnlyOnce,
    seen_before: IfMatch,
    _query: NoQuery,
) -> Response:
    """Assign, press, answer, or say what the enterprise thinks of the answer."""
    office, user = office_of(request), viewer.user

    def work(conn: Connection) -> Done:
        _found(conn, viewer, issue_id)
        row = take_step(
            conn,
            office.clock,
            issue_id,
            body.step,
            user.id,
            Role(user.role),
            Said(body.level, body.unit_id, body.promised_on, body.words),
            terms=terms_of(office.content),
            expected_version=seen_before.version,
        )
        return _done(row)

    try:
        return once.run(body, work)
    except StaleVersion as error:
        raise Changed(error, []) from None


@router.get("/report", responses=READS)
def quarter_report(
    request: Request, asked: Annotated[QuarterQuery, Query()], viewer: QueueReader
) -> QuarterReport:
    """The quarter's figures by district, of issues the reader may see."""
    office = office_of(request)
    today = office.clock.now().astimezone(CITY_TZ).date()
    quarter = asked.quarter or quarter_of(today)
    if not is_quarter(quarter):
        raise BadRequest(_("没有季度 {quarter}", quarter=quarter), hint=_("季度须写作 2026Q3"))
    with office.engine.connect() as conn:
        rows = enterprise.quarterly(conn, quarter, today, viewer.access.issues)
    return QuarterReport(quarter=quarter, districts=[QuarterLine(**row) for row in rows])


def _found(conn: Connection, viewer: Viewer, issue_id: int) -> RowMapping:
    row = enterprise.find(conn, viewer.access.issues, issue_id)
    if row is None:
        raise NotFound(_("没有这个企业问题，或不在您的查看范围内"), hint=_("请核对编号"))
    return row


def _done(row: RowMapping) -> Done:
    return Done(201, _out(row), {"ETag": tag_of(row["version"])})


def _out(row: Mapping[Any, Any]) -> IssueOut:
    told = {c: row[c] for c in IssueOut.model_fields if c in row}
    return IssueOut(**told, label=IssueState(row["state"]).label)
