"""One enterprise issue's page, and the steps a reader may take on it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from starlette.responses import RedirectResponse, Response

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.enterprise import IssueLevel, IssueStep
from mingjian.domain.i18n import _
from mingjian.store import queue
from mingjian.supervise import terms_of
from mingjian.supervise.enterprise import Said, last_promise
from mingjian.web.api.guarded import Text, clean_request
from mingjian.web.enterprise import found, stepped
from mingjian.web.errors import BadRequest
from mingjian.web.issue import awaited, history_of, listed, people_of, steps_of
from mingjian.web.pages import render
from mingjian.web.viewer import IssueReader, checked_form, office_of

router = APIRouter(dependencies=[Depends(clean_request)])
IssueId = Annotated[int, Path(ge=1, lt=2**62)]


@router.get("/enterprise/issues/{issue_id}")
def show_issue(request: Request, issue_id: IssueId, viewer: IssueReader) -> Response:
    """What was raised, the answer, what the reader may do, and what was done."""
    office = office_of(request)
    now = office.clock.now()
    with office.engine.connect() as conn:
        row = found(conn, viewer, issue_id)
        steps = steps_of(row, viewer)
        districts = {d["code"]: d["name"] for d in queue.districts(conn)}
        names = people_of(conn, [row])
        history = history_of(conn, issue_id)
        assigns = IssueStep.ASSIGN in steps
        units = queue.units_near(conn, row["district_code"]) if assigns else []
    return render(
        request,
        "issue.html",
        viewer=viewer,
        i=listed(row, office, districts),
        names=names,
        steps=steps,
        awaited=awaited(row, names),
        history=history,
        levels=list(IssueLevel),
        units=units,
        today=now.astimezone(CITY_TZ).date(),
        last_day=last_promise(now, terms_of(office.content)) if assigns else None,
        reopenings=office.content.policy.enterprise.reopenings,
    )


@router.post("/enterprise/issues/{issue_id}/steps", dependencies=[Depends(checked_form)])
def take_issue_step(
    request: Request,
    issue_id: IssueId,
    viewer: IssueReader,
    step: Annotated[str, Form(max_length=20)] = "",
    version: Annotated[str, Form(max_length=9, pattern=r"^\d*$")] = "",
    level: Annotated[str, Form(max_length=20)] = "",
    unit_id: Annotated[Text, Form(max_length=80)] = "",
    promised_on: Annotated[str, Form(max_length=10)] = "",
    words: Annotated[Text, Form(max_length=2000)] = "",
) -> Response:
    """Take one step on the issue as the page showed it, then show it again."""
    office = office_of(request)
    if step not in set(IssueStep) or (level and level not in set(IssueLevel)):
        raise BadRequest(_("请选择一项"), hint=_("返回上一页重新选择"))
    said = Said(IssueLevel(level) if level else None, unit_id or None, _day(promised_on), words)
    with office.engine.begin() as conn:
        seen = int(version) if version else None
        stepped(conn, office, viewer, issue_id, IssueStep(step), said, seen)
    return RedirectResponse(f"/enterprise/issues/{issue_id}", status_code=303)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadRequest(_("日期无法识别"), hint=_("日期须写作 2026-03-02")) from None
