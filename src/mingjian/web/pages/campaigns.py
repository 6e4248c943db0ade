"""The list of campaigns, with how many of their cases were called back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import RowMapping
from starlette.responses import Response

from mingjian.domain.campaign import CampaignReason, CampaignState
from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.store import campaigns as store
from mingjian.store import queue
from mingjian.web import naming
from mingjian.web.api.guarded import clean_request
from mingjian.web.campaigns import opened_and_id
from mingjian.web.errors import BadRequest
from mingjian.web.keyed import PAGE, address, cut, timed
from mingjian.web.looked import looked_at_list
from mingjian.web.pages import render
from mingjian.web.show import capital
from mingjian.web.viewer import CampaignReader, Office, Viewer, office_of

router = APIRouter(dependencies=[Depends(clean_request)])
LIST, ALL = "/campaigns", "all"


@dataclass(frozen=True)
class CampaignsAsked:
    """What the query string says; the default is what is under way."""

    state: str = CampaignState.OPEN.value
    after: str = ""

    def url(self, **changed: str) -> str:
        """The same list with something changed; without its cursor unless that is given."""
        asked = {**vars(self), "after": "", **changed}
        return address(LIST, **{k: v for k, v in asked.items() if (k, v) != ("state", CampaignState.OPEN)})


def asked_for(
    state: Annotated[str, Query(max_length=20)] = "", after: Annotated[str, Query(max_length=160)] = ""
) -> CampaignsAsked:
    """A dependency: the query string; BadRequest for a state there is not."""
    if state not in {"", ALL, *CampaignState}:
        raise BadRequest(_("没有状态 {status}", status=state), hint=_("从列表页的筛选框中选择状态"))
    return CampaignsAsked(state or CampaignState.OPEN.value, after)


@router.get(LIST)
def list_campaigns(
    request: Request, viewer: CampaignReader, ask: Annotated[CampaignsAsked, Depends(asked_for)]
) -> Response:
    """One page of the campaigns that the reader may see, the newest first."""
    office = office_of(request)
    state = "" if ask.state == ALL else ask.state
    with office.engine.begin() as conn:
        rows = store.page(conn, viewer.access.campaign_rows, state, timed(ask.after), PAGE + 1)
        page, more = cut(rows, PAGE, opened_and_id)
        called = store.called(conn, [row["id"] for row in page])
        districts = {row["code"]: row["name"] for row in queue.districts(conn)}
        looked_at_list(conn, office, viewer, [{**row, "id": row["warning_id"]} for row in page], "campaigns")
    return render(
        request,
        "campaigns.html",
        viewer=viewer,
        ask=ask,
        rows=[
            {**named(row, office, viewer, districts), "called": called.get(row["id"], (0, 0))} for row in page
        ],
        next_url=ask.url(after=more) if more else None,
        states=[(one.value, capital(one.label)) for one in CampaignState],
    )


def named(row: RowMapping, office: Office, viewer: Viewer, districts: dict[str, str]) -> dict[str, Any]:
    """A campaign's row in words, its subject as this reader may see it."""
    subject = viewer.masker.subject(row["subject_kind"], row["subject_id"], row["model"])
    if row["subject_id"] == row["model"]:
        subject = ""  # the title says it
    return {
        **row,
        "title": naming.model_name(office.content, row["model"]),
        "sector_name": naming.sector_name(office.content, row["sector"]),
        "subject": naming.subject_name(subject, districts),
        "level_code": Level(row["level"]).english,
        "reason_label": CampaignReason(row["reason"]).label,
        "state_label": CampaignState(row["state"]).label,
    }
