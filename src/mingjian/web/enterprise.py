"""Issues of enterprises for who asks: what pages and API do alike."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.enterprise import IssueStep, is_quarter, quarter_of
from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.store import enterprise
from mingjian.supervise import terms_of
from mingjian.supervise.enterprise import Collected, Said, collect, take_step
from mingjian.web.errors import BadRequest
from mingjian.web.viewer import Office, Viewer


def found(conn: Connection, viewer: Viewer, issue_id: int) -> RowMapping:
    """The issue, or NotFound when this reader may not see it."""
    row = enterprise.find(conn, viewer.access.issues, issue_id)
    if row is None:
        raise NotFound(_("没有这个企业问题，或不在您的查看范围内"), hint=_("请核对编号"))
    return row


def collected(conn: Connection, office: Office, viewer: Viewer, said: Collected) -> RowMapping:
    """Write an issue down; NotFound, and nothing written, when it is outside the reader's own districts."""
    row = collect(conn, office.clock, said, viewer.user.id, Role(viewer.user.role))
    return found(conn, viewer, row["id"])


def stepped(
    conn: Connection,
    office: Office,
    viewer: Viewer,
    issue_id: int,
    step: IssueStep,
    said: Said,
    version: int | None,
) -> RowMapping:
    """Take a step on an issue that the reader sees, as it was read."""
    found(conn, viewer, issue_id)
    return take_step(
        conn,
        office.clock,
        issue_id,
        step,
        viewer.user.id,
        Role(viewer.user.role),
        said,
        terms=terms_of(office.content),
        expected_version=version,
    )


def reported(office: Office, viewer: Viewer, quarter: str) -> tuple[str, Sequence[RowMapping]]:
    """The quarter, by default the present one, and its figures by district of the issues that the reader may see."""
    today = office.clock.now().astimezone(CITY_TZ).date()
    asked = known_quarter(quarter) or quarter_of(today)
    with office.engine.connect() as conn:
        return asked, enterprise.quarterly(conn, asked, today, viewer.access.issues)


def known_quarter(quarter: str) -> str:
    """The same, or empty when none is asked for; BadRequest for what is no quarter."""
    if quarter and not is_quarter(quarter):
        raise BadRequest(_("没有季度 {quarter}", quarter=quarter), hint=_("季度须写作 2026Q3"))
    return quarter
