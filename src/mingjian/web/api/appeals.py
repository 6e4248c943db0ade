"""Appeals: filed about a warning, accepted, decided or taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection, RowMapping

from mingjian.domain.appeal import Against, AppealOutcome, AppealState, AppealStep
from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.store import appeals
from mingjian.supervise import terms_of
from mingjian.supervise.appeals import Decision, file, take_step
from mingjian.web.api.answers.appeals import AppealOut, AppealPage
from mingjian.web.api.guarded import Body, Text
from mingjian.web.api.once import Done, OnlyOnce
from mingjian.web.api.problem import READS, WRITES
from mingjian.web.api.queries import AppealQuery, Id, NoQuery
from mingjian.web.api.steps import seen
from mingjian.web.api.versions import IfMatch, tag_of
from mingjian.web.appealed import seen_appeal
from mingjian.web.keyed import by_id, cut, numbered
from mingjian.web.scopes import WARNINGS
from mingjian.web.viewer import QueueReader, Viewer, office_of

router = APIRouter(tags=["appeals"], dependencies=[WARNINGS])
AppealId = Annotated[int, Path(ge=1, lt=2**62)]


class AppealBody(Body):
    """What is contested, and why."""

    against: Against
    words: Text = Field(min_length=1, max_length=2000)


class AppealStepBody(Body):
    """One step; `outcome` and `reason` go with `decide`, the reason upheld against a finding begins with a code FP…."""

    step: AppealStep
    outcome: AppealOutcome | None = None
    reason: Text = Field("", max_length=2000)


@router.get("/appeals", responses=READS)
def list_appeals(request: Request, asked: Annotated[AppealQuery, Query()], viewer: QueueReader) -> AppealPage:
    """One page of appeals by id, about warnings that the reader may see."""
    state = asked.state.value if asked.state else ""
    with office_of(request).engine.connect() as conn:
        rows = appeals.page(conn, viewer.access.rows, state, numbered(asked.after) or 0, asked.limit + 1)
    shown, after = cut(rows, asked.limit, by_id)
    return AppealPage(appeals=[_out(row, viewer) for row in shown], after=after)


@router.get("/appeals/{appeal_id}", responses=READS)
def show_appeal(
    request: Request, response: Response, appeal_id: AppealId, viewer: QueueReader, _query: NoQuery
) -> AppealOut:
    """One appeal."""
    with office_of(request).engine.connect() as conn:
        row = _found(conn, viewer, appeal_id)
    response.headers["ETag"] = tag_of(row["version"])
    return _out(row, viewer)


@router.post("/warnings/{warning_id}/appeals", status_code=201, response_model=AppealOut, responses=WRITES)
def file_appeal(
    request: Request, warning_id: Id, body: AppealBody, viewer: QueueReader, once: OnlyOnce, _query: NoQuery
) -> Response:
    """File an appeal: R1 and R2 for their unit, R3 for a citizen. One that comes too late is kept as `out_of_time`."""
    office, user = office_of(request), viewer.user

    def work(conn: Connection) -> Done:
        seen(conn, viewer, warning_id)
        row = file(
            conn,
            office.clock,
            warning_id,
            body.against,
            user.id,
            Role(user.role),
            body.words,
            terms=terms_of(office.content),
        )
        return _done(row, viewer)

    return once.run(body, work)


@router.post("/appeals/{appeal_id}/steps", status_code=201, response_model=AppealOut, responses=WRITES)
def take_appeal_step(
    request: Request,
    appeal_id: AppealId,
    body: AppealStepBody,
    viewer: QueueReader,
    once: OnlyOnce,
    seen_before: IfMatch,
    _query: NoQuery,
) -> Response:
    """Accept, decide or withdraw; an upheld appeal corrects the warning in the same moment."""
    office, user = office_of(request), viewer.user

    def work(conn: Connection) -> Done:
        _found(conn, viewer, appeal_id)
        row = take_step(
            conn,
            office.clock,
            appeal_id,
            body.step,
            user.id,
            Role(user.role),
            Decision(body.outcome, body.reason),
            terms=terms_of(office.content),
            expected_version=seen_before.version,
        )
        return _done(row, viewer)

    return once.step(body, work)


def _found(conn: Connection, viewer: Viewer, appeal_id: int) -> RowMapping:
    row = appeals.find(conn, viewer.access.rows, appeal_id)
    if row is None:
        raise NotFound(_("没有这件申诉，或不在您的查看范围内"), hint=_("请核对编号"))
    return row


def _done(row: RowMapping, viewer: Viewer) -> Done:
    return Done(201, _out(row, viewer), {"ETag": tag_of(row["version"])})


def _out(row: Mapping[Any, Any], viewer: Viewer) -> AppealOut:
    told = seen_appeal(row, viewer)
    state = AppealState(row["state"])
    return AppealOut(**{c: told[c] for c in AppealOut.model_fields if c in told}, label=state.label)
