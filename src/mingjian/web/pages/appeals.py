"""The forms of appeals on a warning's page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from mingjian.domain.appeal import Against, AppealOutcome, AppealStep
from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.store import appeals, queue
from mingjian.supervise import terms_of
from mingjian.supervise.appeals import Decision, file, take_step
from mingjian.web.errors import BadRequest
from mingjian.web.viewer import QueueReader, Viewer, checked_form, office_of

router = APIRouter(dependencies=[Depends(checked_form)])


@router.post("/warnings/{warning_id}/appeals")
def file_appeal(
    request: Request,
    warning_id: str,
    viewer: QueueReader,
    against: Annotated[str, Form(max_length=20)] = "",
    words: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """File an appeal, then show the warning again."""
    office, user = office_of(request), viewer.user
    if against not in set(Against):
        raise BadRequest(_("请选择对什么申诉"), hint=_("返回上一页重新选择"))
    with office.engine.begin() as conn:
        _seen(conn, viewer, warning_id)
        file(
            conn,
            office.clock,
            warning_id,
            Against(against),
            user.id,
            Role(user.role),
            words,
            terms=terms_of(office.content),
        )
    return RedirectResponse(f"/warnings/{warning_id}", status_code=303)


@router.post("/warnings/{warning_id}/appeals/{appeal_id}")
def take_appeal_step(
    request: Request,
    warning_id: str,
    appeal_id: Annotated[int, Path(ge=1, lt=2**62)],
    viewer: QueueReader,
    step: Annotated[str, Form(max_length=20)] = "",
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Accept, decide (`decide.upheld`, `decide.rejected`) or withdraw, then show the warning again."""
    office, user = office_of(request), viewer.user
    action, _dot, outcome = step.partition(".")
    if action not in set(AppealStep) or (outcome and outcome not in set(AppealOutcome)):
        raise BadRequest(_("请选择一项"), hint=_("返回上一页重新选择"))
    with office.engine.begin() as conn:
        _seen(conn, viewer, warning_id)
        if appeals.warning_of(conn, appeal_id) != warning_id:
            raise NotFound(_("没有这件申诉，或不在您的查看范围内"), hint=_("请核对编号"))
        take_step(
            conn,
            office.clock,
            appeal_id,
            AppealStep(action),
            user.id,
            Role(user.role),
            Decision(AppealOutcome(outcome) if outcome else None, reason),
            terms=terms_of(office.content),
        )
    return RedirectResponse(f"/warnings/{warning_id}", status_code=303)


def _seen(conn: Connection, viewer: Viewer, warning_id: str) -> None:
    if queue.find(conn, viewer.access.rows, warning_id) is None:
        raise NotFound(_("没有这条预警，或不在您的查看范围内"), hint=_("请从预警列表重新进入"))
