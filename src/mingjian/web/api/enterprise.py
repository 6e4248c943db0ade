"""Enterprise issues (三员): collected, assigned, pressed, answered, called back about; the quarter's report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection, RowMapping

from mingjian.domain.enterprise import IssueLevel, IssueState, IssueStep
from mingjian.store import enterprise
from mingjian.supervise.enterprise import Collected, Said
from mingjian.web.api.answers.enterprise import IssueOut, IssuePage, QuarterLine, QuarterReport
from mingjian.web.api.guarded import Body, Text
from mingjian.web.api.once import Done, OnlyOnce
from mingjian.web.api.problem import READS, WRITES
from mingjian.web.api.queries import IssueQuery, NoQuery, QuarterQuery
from mingjian.web.api.versions import IfMatch, tag_of
from mingjian.web.enterprise import collected, found, reported, stepped
from mingjian.web.keyed import by_id, cut, numbered
from mingjian.web.scopes import WARNINGS
from mingjian.web.viewer import IssueReader, office_of

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
def list_issues(request: Request, asked: Annotated[IssueQuery, Query()], viewer: IssueReader) -> IssuePage:
    """One page of issues by id, of those the reader may see."""
    states, after = [asked.state] if asked.state else [], numbered(asked.after) or 0
    with office_of(request).engine.connect() as conn:
        rows = enterprise.page(conn, viewer.access.issues, asked.quarter, states, after, asked.limit + 1)
    shown, more = cut(rows, asked.limit, by_id)
    return IssuePage(issues=[_out(row) for row in shown], after=more)


@router.post("/issues", status_code=201, response_model=IssueOut, responses=WRITES)
def collect_issue(
    request: Request, body: IssueBody, viewer: IssueReader, once: OnlyOnce, _query: NoQuery
) -> Response:
    """Write down an issue: R8, in the reader's own districts."""
    office = office_of(request)

    def work(conn: Connection) -> Done:
        said = Collected(body.enterprise, body.district_code, body.words, body.quarter)
        return _done(collected(conn, office, viewer, said))

    return once.run(body, work)


@router.get("/issues/{issue_id}", responses=READS)
def show_issue(
    request: Request, response: Response, issue_id: IssueId, viewer: IssueReader, _query: NoQuery
) -> IssueOut:
    """One issue."""
    with office_of(request).engine.connect() as conn:
        row = found(conn, viewer, issue_id)
    response.headers["ETag"] = tag_of(row["version"])
    return _out(row)


@router.post("/issues/{issue_id}/steps", status_code=201, response_model=IssueOut, responses=WRITES)
def take_issue_step(
    request: Request,
    issue_id: IssueId,
    body: IssueStepBody,
    viewer: IssueReader,
    once: OnlyOnce,
    seen_before: IfMatch,
    _query: NoQuery,
) -> Response:
    """Assign, press, answer, or say what the enterprise thinks of the answer."""
    office = office_of(request)

    def work(conn: Connection) -> Done:
        said = Said(body.level, body.unit_id, body.promised_on, body.words)
        return _done(stepped(conn, office, viewer, issue_id, body.step, said, seen_before.version))

    return once.step(body, work)


@router.get("/report", responses=READS)
def quarter_report(
    request: Request, asked: Annotated[QuarterQuery, Query()], viewer: IssueReader
) -> QuarterReport:
    """The quarter's figures by district, of issues the reader may see."""
    quarter, rows = reported(office_of(request), viewer, asked.quarter)
    return QuarterReport(quarter=quarter, districts=[QuarterLine(**row) for row in rows])


def _done(row: RowMapping) -> Done:
    return Done(201, _out(row), {"ETag": tag_of(row["version"])})


def _out(row: Mapping[Any, Any]) -> IssueOut:
    told = {c: row[c] for c in IssueOut.model_fields if c in row}
    return IssueOut(**told, label=IssueState(row["state"]).label)
