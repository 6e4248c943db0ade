"""Issues of enterprises: the list with the form that writes one down, and the quarter's report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.enterprise import COLLECTOR, IssueState, last_quarters, quarter_of
from mingjian.domain.i18n import _
from mingjian.store import enterprise, queue
from mingjian.supervise.enterprise import Collected
from mingjian.web.api.guarded import Text, clean_request
from mingjian.web.enterprise import collected, known_quarter, reported
from mingjian.web.errors import BadRequest
from mingjian.web.issue import listed
from mingjian.web.keyed import PAGE, address, by_id, cut, numbered
from mingjian.web.naming import district_name
from mingjian.web.pages import render
from mingjian.web.show import capital
from mingjian.web.viewer import IssueReader, Office, Viewer, checked_form, office_of

router = APIRouter(dependencies=[Depends(clean_request)])

LIST, REPORT = "/enterprise", "/enterprise/report"
OPEN, ALL = "open", "all"
QUARTERS = 8  # to choose from: two years
FIGURES = ("collected", "department", "district", "raised", "answered", "in_time", "reopened", "closed",
           "satisfied", "overdue")  # fmt: skip


@dataclass(frozen=True)
class IssuesAsked:
    """What the query string says; empty means not asked."""

    quarter: str = ""
    status: str = OPEN
    after: str = ""

    def url(self, **changed: str) -> str:
        """The same list with something changed; without its cursor unless that is given."""
        asked = {**vars(self), "after": "", **changed}
        return address(LIST, **{k: v for k, v in asked.items() if (k, v) != ("status", OPEN)})

    @property
    def states(self) -> list[str]:
        """The states asked for, none for all; BadRequest for one there is not."""
        if self.status == OPEN:
            return [state for state in IssueState if state is not IssueState.CLOSED]
        if self.status not in {ALL, *IssueState}:
            raise BadRequest(_("没有状态 {status}", status=self.status), hint=_("从列表页的筛选框中选择状态"))
        return [] if self.status == ALL else [self.status]


def asked_for(
    quarter: Annotated[str, Query(max_length=10)] = "",
    status: Annotated[str, Query(max_length=20)] = OPEN,
    after: Annotated[str, Query(max_length=40)] = "",
) -> IssuesAsked:
    """A dependency: the query string."""
    return IssuesAsked(known_quarter(quarter), status or OPEN, after)


@router.get(LIST)
def list_issues(
    request: Request, viewer: IssueReader, ask: Annotated[IssuesAsked, Depends(asked_for)]
) -> Response:
    """One page of the issues that the reader may see, the oldest first: they have waited longest."""
    office = office_of(request)
    with office.engine.connect() as conn:
        after = numbered(ask.after) or 0
        rows = enterprise.page(conn, viewer.access.issues, ask.quarter, ask.states, after, PAGE + 1)
        districts = {row["code"]: row["name"] for row in queue.districts(conn)}
    page, more = cut(rows, PAGE, by_id)
    return render(
        request,
        "issues.html",
        viewer=viewer,
        ask=ask,
        rows=[listed(row, office, districts) for row in page],
        next_url=ask.url(after=more) if more else None,
        quarters=_quarters(office, ask.quarter),
        states=[(state.value, capital(state.label)) for state in IssueState],
        own_districts=_own(viewer, districts) if viewer.user.role == COLLECTOR else [],
    )


@router.post("/enterprise/issues", dependencies=[Depends(checked_form)])
def collect_issue(
    request: Request,
    viewer: IssueReader,
    name: Annotated[Text, Form(max_length=200)] = "",
    district: Annotated[Text, Form(max_length=6)] = "",
    quarter: Annotated[Text, Form(max_length=6)] = "",
    words: Annotated[Text, Form(max_length=2000)] = "",
) -> Response:
    """Write down what an enterprise raised, then show it."""
    office = office_of(request)
    with office.engine.begin() as conn:
        row = collected(conn, office, viewer, Collected(name, district, words, quarter))
    return RedirectResponse(f"/enterprise/issues/{row['id']}", status_code=303)


@router.get(REPORT)
def show_report(
    request: Request, viewer: IssueReader, quarter: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    """The quarter's figures by district, and their sums."""
    office = office_of(request)
    asked, rows = reported(office, viewer, quarter)
    with office.engine.connect() as conn:
        districts = {row["code"]: row["name"] for row in queue.districts(conn)}
    return render(
        request,
        "issue_report.html",
        viewer=viewer,
        quarter=asked,
        quarters=_quarters(office, asked),
        lines=[
            (district_name(row["district_code"], districts), [row[name] for name in FIGURES]) for row in rows
        ],
        sums=[sum(row[name] for row in rows) for name in FIGURES],
    )


def _quarters(office: Office, asked: str) -> list[tuple[str, str]]:
    """Quarters to choose from, the newest first; the one asked for among them."""
    newest = quarter_of(office.clock.now().astimezone(CITY_TZ).date())
    offered = last_quarters(newest, QUARTERS)
    return [(one, one) for one in sorted({*offered, *([asked] if asked else [])}, reverse=True)]


def _own(viewer: Viewer, districts: dict[str, str]) -> list[tuple[str, str]]:
    """The districts in which this reader collects, by code."""
    own = viewer.access.figures_district
    return [(code, district_name(code, districts)) for code in sorted(districts) if own in (None, code)]
