"""Reviews of subjects that no model flagged, and the terms on which a model is proposed for shadow."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from mingjian.domain.named import Named
from mingjian.domain.source import Strict

Bar = Annotated[float, Field(ge=0, le=1)]


class ReviewVerdict(Named):
    """What a reviewer found about an unflagged subject. UNCLEAR says nothing and is not counted."""

    CLEAN = "clean", "无问题", "nothing found"
    MISSED = "missed", "漏报", "missed by the model"
    UNCLEAR = "unclear", "无法判断", "cannot be told"


class DrawOutcome(StrEnum):
    """How a month's draw for a model ended. NO_POPULATION: no table lists the model's subjects."""

    DRAWN = "drawn"
    NO_POPULATION = "no_population"


class ProposalState(Named):
    """Where a proposal stands; only an accepted one changes a model's status."""

    OPEN = "open", "待决定", "to be decided"
    ACCEPTED = "accepted", "已同意", "accepted"
    REJECTED = "rejected", "未同意", "rejected"


class ReviewTerms(Strict):
    """How models are judged by people's verdicts: the section `reviews` of the policy.

    A live model is proposed for shadow when at least `least` of its mature warnings were judged and even the upper
    bound of its precision lies below the bar: of rules `rule_bar`, of statistical models `statistical_bar`. A warning is
    mature at the age by which the part `ripe_share` of verdicts is reached. `per_month` subjects a model are drawn for
    review. Verdicts and reviews of the last `days` natural days count.
    """

    per_month: int = Field(ge=0)
    rule_bar: Bar
    statistical_bar: Bar
    least: int = Field(ge=1)
    ripe_share: float = Field(gt=0, lt=1)
    days: int = Field(ge=1)

    @property
    def window(self) -> timedelta:
        """How far back verdicts and reviews count."""
        return timedelta(days=self.days)
