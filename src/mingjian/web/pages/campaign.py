"""One campaign's page: the listed cases, what was called back and what is open, and the form of a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from sqlalchemy import RowMapping
from starlette.responses import RedirectResponse, Response

from mingjian.domain.campaign import CallOutcome, CaseKind
from mingjian.domain.i18n import _
from mingjian.store import campaigns as store
from mingjian.store import queue
from mingjian.supervise import Call
from mingjian.web.api.guarded import Text, clean_request
from mingjian.web.campaigns import called_one, found, shown
from mingjian.web.errors import BadRequest
from mingjian.web.keyed import PAGE, address, by_id, cut, numbered
from mingjian.web.looked import looked_at_list
from mingjian.web.naming import district_name
from mingjian.web.pages import render
from mingjian.web.pages.campaigns import named
from mingjian.web.viewer import CampaignReader, CaseCaller, checked_form, office_of

router = APIRouter(dependencies=[Depends(clean_request)])
CaseNumber = Annotated[int, Path(ge=1, le=2**63 - 1)]
CampaignId = Annotated[str, Path(min_length=1, max_length=120)]


@dataclass(frozen=True)
class CasesAsked:
    """Which of the cases: `left` keeps those that nobody has called back."""

    left: str = ""
    after: str = ""

    def url(self, path: str, **changed: str) -> str:
        """An address that keeps to these cases, with something changed."""
        return address(path, **{**vars(self), **changed})


def asked_for(
    left: Annotated[str, Query(max_length=1)] = "", after: Annotated[str, Query(max_length=20)] = ""
) -> CasesAsked:
    """A dependency: the query string."""
    return CasesAsked(left, after)


AskedFor = Annotated[CasesAsked, Depends(asked_for)]


@router.get("/campaigns/{campaign_id}")
def show_campaign(
    request: Request, campaign_id: CampaignId, viewer: CampaignReader, ask: AskedFor
) -> Response:
    """How far the campaign is, and one page of its cases in the order in which they were listed."""
    office = office_of(request)
    with office.engine.begin() as conn:
        row = found(conn, viewer, campaign_id)
        campaign = shown(conn, office, row)
        rows = store.cases(conn, campaign_id, numbered(ask.after) or 0, PAGE + 1, left=bool(ask.left))
        page, more = cut(rows, PAGE, by_id)
        warned = {row["warning_id"], *(c["case_id"] for c in page if c["kind"] == CaseKind.WARNING)}
        seen = queue.seen_of(conn, viewer.access.rows, warned)
        districts = {d["code"]: d["name"] for d in queue.districts(conn)}
        looked_at_list(conn, office, viewer, [{**row, "id": row["warning_id"]}], "campaign")
    path = f"/campaigns/{campaign_id}"
    return render(
        request,
        "campaign.html",
        viewer=viewer,
        ask=ask,
        path_of=path,
        c=named(row, office, viewer, districts),
        campaign=campaign,
        cases=[_case(case, districts, seen) for case in page],
        seen=seen,
        next_url=ask.url(path, after=more) if more else None,
        outcomes=list(CallOutcome),
        calls=viewer.access.call_back and campaign.open,
        attempts=office.content.policy.evaluation.attempts,
    )


@router.post("/campaigns/{campaign_id}/cases/{case}/call-back", dependencies=[Depends(checked_form)])
def call_back(
    request: Request,
    campaign_id: CampaignId,
    case: CaseNumber,
    viewer: CaseCaller,
    ask: AskedFor,
    outcome: Annotated[str, Form(max_length=20)] = "",
    note: Annotated[Text, Form(max_length=2000)] = "",
) -> Response:
    """Take down the call on one case, then show the cases where they were."""
    office = office_of(request)
    if outcome not in set(CallOutcome):
        raise BadRequest(_("请选择一项"), hint=_("返回上一页重新选择"))
    with office.engine.begin() as conn:
        called_one(conn, office, viewer, campaign_id, Call(case, CallOutcome(outcome), note))
    return RedirectResponse(ask.url(f"/campaigns/{campaign_id}") + "#cases", status_code=303)


def _case(row: RowMapping, districts: dict[str, str], seen: set[str]) -> dict[str, Any]:
    """A listed case in words; what the caller noted of a person's answer stays with the audit log, as in the API."""
    kind = CaseKind(row["kind"])
    return {
        **row,
        "kind_label": kind.label,
        "district": district_name(row["district_code"], districts),
        "outcome_label": CallOutcome(row["outcome"]).label if row["outcome"] else "",
        "open_to_reader": kind is CaseKind.WARNING and row["case_id"] in seen,
    }
