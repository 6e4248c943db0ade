"""What a city has settled about supervision: limits, ladder, tiers, transfers, reopening, rechecks (catalogue §4).

The file is `supervision/policy.yaml`; nothing of it is in the code, since cities differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from mingjian.domain.campaign import DualTrack
from mingjian.domain.ladder import Rung
from mingjian.domain.level import Level
from mingjian.domain.limits import Limit
from mingjian.domain.recheck import RecheckTerms
from mingjian.domain.review import ReviewTerms
from mingjian.domain.roles import Role
from mingjian.domain.routing import Routing
from mingjian.domain.source import Strict

Days = Annotated[float, Field(ge=0, multiple_of=0.5)]
Share = Annotated[float, Field(gt=0, le=1)]
TIERS = (1, 2, 3)


def least_tier(tiers: Mapping[int, int], times: int) -> int:
    """The highest tier named for up to so many times; the first where none is."""
    return max((tier for n, tier in tiers.items() if times >= n), default=TIERS[0])


class Card(StrEnum):
    """The card a unit is given with a tier： 蓝牌， 黄牌， 红牌."""

    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


class Tier(Strict):
    """Who may issue, lower or close a tier, the working days for the reply, and its card."""

    offices: list[Role] = Field(min_length=1)
    reply: int = Field(ge=1)
    card: Card


class Extensions(Strict):
    """How often and how far a deadline may be moved, and who grants the first, the second and so on."""

    most: int = Field(ge=0)
    share: Share
    most_days: int = Field(ge=1)
    apply_before: int = Field(ge=0)
    granted_by: list[Role]

    def longest(self, limit_days: float) -> int:
        """The most working days that one extension of a limit of so many days may add."""
        return min(math.floor(limit_days * self.share), self.most_days)


class Transfers(Strict):
    """How often a matter may be passed on, and within how many working days of signing."""

    most: int = Field(ge=0)
    propose_within: int = Field(ge=0)


class Takeover(Strict):
    """What brings in the leader: counts of returns, upheld objections, repeats, households; working days overdue."""

    returns: int = Field(ge=1)
    objections: int = Field(ge=1)
    overdue_days: int = Field(ge=1)
    repeats: int = Field(ge=1)
    repeats_after_resolved: int = Field(ge=1)
    households: int = Field(ge=1)
    step_every_days: int = Field(ge=1)


class Reopening(Strict):
    """A reopened matter's share of its first limit, and the least tier from the n-th reopening on."""

    within_days: int = Field(ge=1)
    share: Share
    tiers: dict[int, int]

    @property
    def window(self) -> timedelta:
        """How long after a closing a repeat is the same matter."""
        return timedelta(days=self.within_days)

    def days(self, limit_days: float) -> int:
        """Working days of the new limit: its share, rounded up."""
        return math.ceil(limit_days * self.share)

    def least_tier(self, times: int) -> int:
        """The tier that the `times`-th reopening calls for at least."""
        return least_tier(self.tiers, times)


class Appeals(Strict):
    """Within how many working days of notice an appeal may be filed."""

    file_within: int = Field(ge=1)


class Evaluation(Strict):
    """Both sides of the evaluation (catalogue §4.6), and what a result that did not pass brings.

    `pass_score` (1 to 5) is the supervisor's, `attempts` the tries to reach the public side, `second_contact` working
    days, `sample` the households asked beside a programme's owner; `share` is that of the first limit which is left
    for the work sent back, `tiers` the least tier from the n-th round that ended unsatisfied on.
    """

    pass_score: int = Field(ge=1, le=5)
    attempts: int = Field(ge=1)
    second_contact: int = Field(ge=1)
    sample: int = Field(ge=1)
    share: Share
    tiers: dict[int, int]

    def days(self, limit_days: float) -> int:
        """Working days of the new limit: its share, rounded up."""
        return math.ceil(limit_days * self.share)

    def least_tier(self, times: int) -> int:
        """The tier that the `times`-th unsatisfied round calls for at least."""
        return least_tier(self.tiers, times)


class Enterprise(Strict):
    """Enterprise issues: the most working days a promise may take, how often one is reopened, and with which share."""

    promise_within: int = Field(ge=1)
    reopenings: int = Field(ge=0)
    share: Share


class Policy(Strict):
    """The whole file. `version` stands on each order issued under it."""

    version: int = Field(ge=1)
    limits: dict[Limit, tuple[Days, Days, Days]]
    urgent_days: int = Field(ge=0)
    ladder: list[Rung]
    tiers: dict[int, Tier]
    extensions: Extensions
    transfers: Transfers
    takeover: Takeover
    reopening: Reopening
    appeals: Appeals
    evaluation: Evaluation
    enterprise: Enterprise
    rechecks: RecheckTerms
    reviews: ReviewTerms
    routing: Routing
    dual_track: DualTrack

    @model_validator(mode="after")
    def _is_whole(self) -> Policy:
        missing = [limit.value for limit in Limit if limit not in self.limits]
        if missing:
            raise ValueError(f"limits are missing: {', '.join(missing)}")
        if tuple(sorted(self.tiers)) != TIERS:
            raise ValueError("tiers must be 1, 2 and 3")
        if any(rung.tier not in TIERS for rung in self.ladder):
            raise ValueError("a rung leads to tier 1, 2 or 3")
        if len({rung.reason for rung in self.ladder}) < len(self.ladder):
            raise ValueError("a reason stands on one rung of the ladder only")
        if len(self.extensions.granted_by) < self.extensions.most:
            raise ValueError("extensions.granted_by names a role for each extension")
        return self

    def days(self, limit: Limit, level: Level) -> float:
        """Working days allowed for a step of a warning of this level; 0.5 is half a day."""
        return self.limits[limit][level.rank - 1]


class LocalDays(Strict):
    """The file `calendar.yaml`: the city's own days off, make-up days and half days, each with its document."""

    version: int = Field(ge=1)
    days_off: dict[date, str]
    days_worked: dict[date, str]
    mornings: dict[date, str]

    @model_validator(mode="after")
    def _each_day_once(self) -> LocalDays:
        days = [*self.days_off, *self.days_worked, *self.mornings]
        twice = sorted({d.isoformat() for d in days if days.count(d) > 1})
        if twice:
            raise ValueError(f"a day stands in two lists: {', '.join(twice)}")
        return self
