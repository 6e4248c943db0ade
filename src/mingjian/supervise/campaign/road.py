"""What a campaign changes on its order's road: its deadlines, what it needs to be closed, and how it ends with it."""

from __future__ import annotations

from datetime import datetime

from mingjian.domain.campaign import CampaignState, CloseRefusal, Progress, objection
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.i18n import _
from mingjian.domain.limits import Limit
from mingjian.domain.terms import Terms
from mingjian.domain.warning import CLOSED_STATES, REOPENINGS, WarningState
from mingjian.store import campaigns
from mingjian.supervise.attempt import Attempt
from mingjian.supervise.stamp import Effect, stamp

# The matter was put right, or its policy was; any other end says that there was none.
PUT_RIGHT = (WarningState.CLOSED, WarningState.CLOSED_POLICY, WarningState.ARCHIVED)


def may_close(a: Attempt) -> str | None:
    """Every listed case called back, and the model's count back in its band for the policy's weeks (catalogue §4.5)."""
    row = campaigns.of_warning(a.conn, a.warning["id"], lock=True)
    if row is None or row["state"] != CampaignState.OPEN:
        return None
    weeks = a.terms.policy.dual_track.quiet_weeks
    progress = campaigns.progress(a.conn, row, a.now.astimezone(CITY_TZ).date(), weeks)
    refusal = objection(progress, weeks)
    return None if refusal is None else refused(refusal, progress, weeks)


def refused(refusal: CloseRefusal, progress: Progress, weeks: int) -> str:
    """The refusal in the reader's language."""
    if refusal is CloseRefusal.CASES_NOT_CALLED_BACK:
        return _("列出的事项还有 {n} 件未回访（共 {all} 件）", n=progress.left, all=progress.cases)
    band = progress.band
    return _(
        "数量回到界内只有 {n} 周，须满 {weeks} 周（最近一次超出或缺少模型运行：{since}）",
        n=band.weeks,
        weeks=weeks,
        since=band.since,
    )


def leads_one(a: Attempt) -> str | None:
    """A campaign's order is not merged away: its cases would be called back by nobody."""
    row = campaigns.of_warning(a.conn, a.warning["id"])
    open_ = row is not None and row["state"] == CampaignState.OPEN
    return _("该事项是进行中的面上整治，不能并入他件") if open_ else None


def plan_due(a: Attempt, terms: Terms) -> Effect | None:
    """The plan is due when the campaign says; None for any other matter."""
    row = campaigns.of_warning(a.conn, a.warning["id"])
    return None if row is None else _until(a, terms, Limit.PLAN, row["plan_due"])


def finish_due(a: Attempt, terms: Terms) -> Effect | None:
    """The work is due at the campaign's end; None for any other matter."""
    row = campaigns.of_warning(a.conn, a.warning["id"])
    return None if row is None else _until(a, terms, Limit.RECTIFY, row["finish_due"])


def _until(a: Attempt, terms: Terms, limit: Limit, due: datetime) -> Effect:
    """As many working days as are left, so that a new calendar counts them again; one when the day has passed."""
    return stamp(a, terms, limit, max(terms.calendar.between(a.now, due), 1))


def follow(a: Attempt) -> None:
    """The campaign ends with its order, and opens again with it unless the matter has another by then."""
    if a.to is None or (a.to not in CLOSED_STATES and a.step.action not in REOPENINGS):
        return
    row = campaigns.of_warning(a.conn, a.warning["id"], lock=True)
    if row is None:
        return
    if a.to in CLOSED_STATES and row["state"] == CampaignState.OPEN:
        state = CampaignState.CLOSED if a.to in PUT_RIGHT else CampaignState.WITHDRAWN
        campaigns.set_state(a.conn, row["id"], state, a.now)
    elif a.step.action in REOPENINGS and not campaigns.is_open(a.conn, row["matter"]):
        campaigns.set_state(a.conn, row["id"], CampaignState.OPEN, None)
