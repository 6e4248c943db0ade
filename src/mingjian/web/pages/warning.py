"""One warning's page, and the steps a reader may take on it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import RowMapping
from starlette.responses import RedirectResponse, Response

from mingjian.domain.i18n import _, language, pick
from mingjian.domain.order import Light
from mingjian.domain.routing import RoutingReason
from mingjian.domain.unmask import Field, Purpose
from mingjian.store import audit, queue
from mingjian.supervise import terms_of
from mingjian.supervise.said import Said
from mingjian.web import labels
from mingjian.web.actions import offered_now, take
from mingjian.web.case import Case, open_case
from mingjian.web.evaluated import FormScores
from mingjian.web.focus import CaseReader
from mingjian.web.naming import unit_name
from mingjian.web.pages import render
from mingjian.web.pages.queue import listed
from mingjian.web.together import beside, campaign_of
from mingjian.web.unmasking import unmasked
from mingjian.web.viewer import Office, checked_form, office_of

router = APIRouter()


@router.get("/warnings/{warning_id}")
def show_warning(request: Request, warning_id: str, viewer: CaseReader) -> Response:
    """Explanation first, then why this level and score, the rows, the model, the history."""
    office = office_of(request)
    viewer, standing = unmasked(office, viewer, warning_id)
    case = open_case(office, viewer, warning_id)
    with office.engine.connect() as conn:
        steps = offered_now(conn, office, viewer, case.row, case.order["tier"] if case.order else None)
        units_beside = beside(conn, office, warning_id) if viewer.access.findings else []
        campaign = campaign_of(conn, office, warning_id)
    return render(
        request,
        "warning.html",
        viewer=viewer,
        case=case,
        w=listed(case.row, office, viewer, case.districts),
        order=_order(office, case),
        beside=units_beside,
        campaign=campaign,
        parts=_parts(case),
        others=[listed(row, office, viewer, case.districts) for row in case.bundle],
        steps=steps,
        units=_units(office, case) if any(step.needs_unit for step in steps) else [],
        standing=standing,
        now=office.clock.now(),
        unmask_fields=list(Field),
        purposes=list(Purpose),
    )


@router.post("/warnings/{warning_id}/steps", dependencies=[Depends(checked_form)])
def take_step(
    request: Request,
    warning_id: str,
    viewer: CaseReader,
    scores: FormScores,
    action: Annotated[str, Form(max_length=40)] = "",
    reason: Annotated[str, Form(max_length=200)] = "",
    code: Annotated[str, Form(max_length=20)] = "",
    note: Annotated[str, Form(max_length=2000)] = "",
    unit_id: Annotated[str, Form(max_length=80)] = "",
    days: Annotated[str, Form(max_length=3, pattern=r"^\d*$")] = "",
) -> Response:
    """Take one step of the workflow, then show the warning again."""
    office = office_of(request)
    with office.engine.begin() as conn, audit.at_the_end(conn):
        take(
            conn,
            office.clock,
            viewer,
            terms_of(office.content),
            warning_id,
            action,
            Said(f"{code} {reason}", note, unit_id or None, int(days) if days else None, scores=scores),
        )
        still_seen = queue.sees(conn, viewer.access.rows, warning_id)
    return RedirectResponse(f"/warnings/{warning_id}" if still_seen else "/warnings", status_code=303)


def _units(office: Office, case: Case) -> list[RowMapping]:
    """Units that an order may go to: those of the district and of the city."""
    with office.engine.connect() as conn:
        return queue.units_near(conn, case.row["district_code"])


def _order(office: Office, case: Case) -> dict[str, Any] | None:
    if case.order is None:
        return None
    light = Light(case.order["light"])
    return {
        **case.order,
        "unit": unit_name(case.order),
        "routed": _routed(office, case.order),
        "light": light.value,
        "light_label": light.label,
    }


def _routed(office: Office, order: RowMapping) -> str:
    """How the unit was found, and the words of the rule that sent it there."""
    if not order["routed_why"]:
        return ""
    why = RoutingReason(order["routed_why"]).label
    rule = office.content.policy.routing.named(order["routed_rule"])
    return _("{why}（{rule}）", why=why, rule=pick({"zh": rule.zh, "en": rule.en})) if rule else why


def _parts(case: Case) -> list[dict[str, Any]]:
    """Score parts with their names and reasons in the reader's language."""
    return [
        {
            "name": labels.label(labels.PART, part["part"]),
            "points": part["points"],
            "why": part.get(language()) or part.get("zh", ""),
        }
        for part in case.row["score_parts"]
    ]
