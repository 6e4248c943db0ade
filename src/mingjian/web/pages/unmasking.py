"""Asking to see what a warning's page hides, and deciding on what others ask."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import RowMapping
from starlette.responses import RedirectResponse, Response

from mingjian.domain.unmask import Field, Purpose
from mingjian.store import unmasking as requests
from mingjian.web import unmasking
from mingjian.web.naming import model_name
from mingjian.web.pages import render
from mingjian.web.unmasking import Wanted
from mingjian.web.viewer import Approver, Asker, Office, checked_form, office_of

router = APIRouter()


@router.post("/warnings/{warning_id}/unmask", dependencies=[Depends(checked_form)])
def ask(
    request: Request,
    warning_id: str,
    viewer: Asker,
    fields: Annotated[list[str] | None, Form()] = None,
    sight: Annotated[int, Form()] = 3,
    purpose: Annotated[str, Form(max_length=20)] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
    hours: Annotated[int, Form()] = 4,
) -> Response:
    """Put the request, then show the warning again."""
    wanted = Wanted(list(dict.fromkeys(fields or [])), sight, purpose, reason, hours)
    unmasking.ask(office_of(request), viewer, warning_id, wanted)
    return RedirectResponse(f"/warnings/{warning_id}", status_code=303)


@router.get("/approvals")
def list_approvals(request: Request, viewer: Approver) -> Response:
    """What waits for this approver, and what the approver has asked."""
    office = office_of(request)
    user = viewer.user
    with office.engine.connect() as conn:
        waiting = requests.to_decide(conn, office.clock.now(), viewer.access.rows, user.id, user.role)
        own = requests.own(conn, user.id)
    return render(
        request,
        "approvals.html",
        viewer=viewer,
        waiting=[_told(row, office) for row in waiting],
        own=[_told(row, office) for row in own],
        now=office.clock.now(),
    )


@router.post("/approvals/{request_id}", dependencies=[Depends(checked_form)])
def decide(
    request: Request,
    request_id: str,
    viewer: Approver,
    decision: Annotated[str, Form(max_length=10)] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Approve or refuse; anything but the word for approving refuses."""
    unmasking.decide(office_of(request), viewer, request_id, approve=decision == "approve", reason=reason)
    return RedirectResponse("/approvals", status_code=303)


def _told(row: RowMapping, office: Office) -> dict[str, Any]:
    """A request in words."""
    return {
        **row,
        "field_names": [Field(name).label for name in row["fields"]],
        "purpose_name": Purpose(row["purpose"]).label,
        "title": model_name(office.content, row["model"]) if "model" in row else "",
    }
