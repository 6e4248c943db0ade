"""Campaigns for who asks: what pages and API do alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from mingjian.domain.campaign import CampaignReason, CampaignState, Progress
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.errors import NotFound, TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.store import campaigns
from mingjian.supervise import Call, CallDone, call_back, terms_of
from mingjian.web.keyed import by_moment
from mingjian.web.viewer import Office, Viewer


@dataclass(frozen=True)
class CampaignSeen:
    """A campaign in words and how far it is; `open` while its cases may be called back."""

    id: str
    reason: str
    state: str
    open: bool
    opened_at: datetime
    plan_due: datetime
    finish_due: datetime
    closed_at: datetime | None
    progress: Progress
    weeks: int


def found(conn: Connection, viewer: Viewer, campaign_id: str) -> RowMapping:
    """The campaign, or NotFound when this reader may not see it."""
    row = campaigns.find(conn, viewer.access.campaign_rows, campaign_id)
    if row is None:
        raise NotFound(_("没有这项整治，或不在您的查看范围内"), hint=_("请核对编号"))
    return row


def shown(conn: Connection, office: Office, row: RowMapping) -> CampaignSeen:
    """A campaign that the reader has found, with its progress."""
    weeks = office.content.policy.dual_track.quiet_weeks
    today = office.clock.now().astimezone(CITY_TZ).date()
    state = CampaignState(row["state"])
    return CampaignSeen(
        row["id"],
        CampaignReason(row["reason"]).label,
        state.label,
        state is CampaignState.OPEN,
        row["opened_at"],
        row["plan_due"],
        row["finish_due"],
        row["closed_at"],
        campaigns.progress(conn, row, today, weeks),
        weeks,
    )


def called(
    conn: Connection, office: Office, viewer: Viewer, campaign_id: str, calls: Sequence[Call]
) -> list[CallDone]:
    """Take down calls on cases of a campaign that the reader sees; each is done or refused by itself."""
    found(conn, viewer, campaign_id)
    user = viewer.user
    return call_back(
        conn, office.clock, terms_of(office.content), user.id, Role(user.role), campaign_id, calls
    )


def called_one(conn: Connection, office: Office, viewer: Viewer, campaign_id: str, call: Call) -> CallDone:
    """Take down one call; TransitionError says why it is refused."""
    (done,) = called(conn, office, viewer, campaign_id, [call])
    if done.refusal is not None:
        raise TransitionError(done.refusal.text, hint=_("请刷新事项清单后核对"))
    return done


def opened_and_id(row: RowMapping) -> str:
    """The cursor behind this row of the list of campaigns."""
    return by_moment(row["opened_at"], row["id"])
