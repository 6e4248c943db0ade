"""面上问题 dual track (catalogue §4.5): one order top-down beside the local ones, and what it needs to be closed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from pydantic import Field

from mingjian.domain.i18n import _
from mingjian.domain.named import Named
from mingjian.domain.source import Strict

SUBJECT = "campaign"  # the subject kind of a warning that stands for the same matter in many districts
WEEK = timedelta(days=7)


class Spread(Strict):
    """A model (or glob) whose warnings of one period (so many natural days) in so many districts become a campaign."""

    models: str
    districts: int = Field(ge=2)
    days: int = Field(30, ge=1)


class DualTrack(Strict):
    """The section `dual_track` of the policy.

    `models` (exact or globs) see the matter in many districts themselves; `spread` are models of local warnings. Plan
    in working days, campaign in months; the count must have been in its band for so many weeks.
    """

    models: list[str]
    spread: list[Spread]
    plan_days: int = Field(ge=1)
    months: int = Field(ge=1)
    quiet_weeks: int = Field(ge=1)

    def lists(self, model: str) -> bool:
        """Whether a warning of this model is itself the matter of a campaign."""
        return any(fnmatchcase(model, one) for one in self.models)

    def spread_of(self, model: str) -> Spread | None:
        """When this model's local warnings become a campaign; None when they never do."""
        found = (one for one in self.spread if fnmatchcase(model, one.models))
        return None if self.lists(model) else next(found, None)

    def named(self, known: Collection[str]) -> set[str]:
        """The models meant: those of `known` that fit, and those that are named outright."""
        patterns = [*self.models, *(one.models for one in self.spread)]
        outright = {one for one in patterns if not set(one) & set("*?[")}
        return outright | {model for model in known if any(fnmatchcase(model, p) for p in patterns)}


class CampaignReason(Named):
    """Why a campaign was opened."""

    LISTED_MODEL = "listed_model", "模型发现多区县同类问题", "a model saw it in many districts"
    MANY_DISTRICTS = (
        "many_districts",
        "同一模型同期在多个区县预警",
        "one model warned in many districts in one period",
    )


class CampaignState(Named):
    """Where a campaign stands; WITHDRAWN when its matter turned out to be none (false, data, merged)."""

    OPEN = "open", "整治中", "under way"
    CLOSED = "closed", "已销号", "closed"
    WITHDRAWN = "withdrawn", "已撤销", "withdrawn"


class CaseKind(Named):
    """What a listed case is: a local warning, or a request that the model counted."""

    WARNING = "warning", "预警", "Warning"
    REQUEST = "request", "群众诉求", "Request"


class CallOutcome(Named):
    """What a call back brought."""

    RESOLVED = "resolved", "已解决", "resolved"
    NOT_RESOLVED = "not_resolved", "未解决", "not resolved"
    NOT_REACHED = "not_reached", "未联系上", "not reached"


class CallRefusal(StrEnum):
    """Why a call back is not taken down."""

    NOT_LISTED = "not_listed"
    CAMPAIGN_OVER = "campaign_over"
    CALLED_ALREADY = "called_already"
    HANDLED_IT = "handled_it"

    @property
    def text(self) -> str:
        """The refusal in the reader's language."""
        return {
            CallRefusal.NOT_LISTED: _("该整治没有列出这一件"),
            CallRefusal.CAMPAIGN_OVER: _("整治已结束"),
            CallRefusal.CALLED_ALREADY: _("这一件已回访"),
            CallRefusal.HANDLED_IT: _("承办人员不能回访自己办理的事项"),
        }[self]


class CloseRefusal(StrEnum):
    """Why a campaign's order cannot be closed yet."""

    CASES_NOT_CALLED_BACK = "cases_not_called_back"
    BAND_NOT_BACK = "band_not_back"


@dataclass(frozen=True)
class Band:
    """How long the model's count has been in its band: whole weeks back from today, and what ended them.

    `since` is the last day on which it was outside, or the first day of the newest week without a run of the model.
    """

    weeks: int
    since: date | None = None


@dataclass(frozen=True)
class Progress:
    """How far a campaign is: cases called back of all, those found not resolved, and the band."""

    cases: int
    called_back: int
    not_resolved: int
    band: Band

    @property
    def left(self) -> int:
        """Cases that nobody has called back yet."""
        return self.cases - self.called_back


def is_called_back(outcome: CallOutcome, attempts: int, most: int) -> bool:
    """Whether a call back settles the case: an answer does, and so does the last attempt that reaches nobody."""
    return outcome is not CallOutcome.NOT_REACHED or attempts >= most


def band_of(runs: Collection[date], outside: Collection[date], today: date, most: int) -> Band:
    """Weeks back from today (at most `most`) that each have a run of the model and no day outside the band.

    `runs` are the days on which the model really ran, `outside` those on which its count was outside. A week without
    a run proves nothing: silence is not health.
    """
    for week in range(most):
        last = today - week * WEEK
        days = (last - WEEK, last)
        beyond = [day for day in outside if days[0] < day <= days[1]]
        if beyond:
            return Band(week, max(beyond))
        if not any(days[0] < day <= days[1] for day in runs):
            return Band(week, days[0] + timedelta(days=1))
    return Band(most)


def objection(progress: Progress, weeks: int) -> CloseRefusal | None:
    """What still keeps the campaign open: cases first, then the band."""
    if progress.left:
        return CloseRefusal.CASES_NOT_CALLED_BACK
    return CloseRefusal.BAND_NOT_BACK if progress.band.weeks < weeks else None


def end_of(opened: date, months: int) -> date:
    """The same day so many months later, or that month's last day."""
    month = opened.month - 1 + months
    year, month = opened.year + month // 12, month % 12 + 1
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=opened.day - 1), first_of_next - timedelta(days=1))
