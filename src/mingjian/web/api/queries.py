"""Query strings of the API: the filters of the queue page, strict about what they do not know."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from mingjian.domain.appeal import AppealState
from mingjian.domain.enterprise import IssueState
from mingjian.web.api.guarded import Text
from mingjian.web.asked import OPEN, Asked

MOST = 200
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]


class Strict(BaseModel):
    """A query string: unknown names are refused; `lang` chooses the language of words in the answer."""

    model_config = ConfigDict(extra="forbid")

    lang: Literal["zh", "en"] | None = None


class QueueFilters(Strict):
    """What the queue page can be narrowed by."""

    sector: Text = Field("", max_length=40)
    level: Text = Field("", max_length=10, description="high, medium or low")
    district: Text = Field("", max_length=12)
    model: Text = Field("", max_length=80)
    status: Text = Field(OPEN, max_length=20, description="open, all, or a state")
    mine: Text = Field("", max_length=1, description="1: only what the reader's role can move on")

    def asked(self, after: str = "", sort: str = "") -> Asked:
        """The same question as the queue page puts."""
        return Asked(
            self.sector, self.level, self.district, self.model, self.status or OPEN, self.mine, after, sort
        )


class Paged(Strict):
    """A page of a list."""

    after: Text = Field("", max_length=160, description="where the page starts: `after` of the page before")
    limit: int = Field(50, ge=1, le=MOST)


class QueueQuery(QueueFilters, Paged):
    sort: Literal["", "due"] = Field("", description="due: orders by their nearest deadline, else by level")


class OrderQuery(Paged):
    unit: Text = Field("", max_length=80)
    state: Text = Field("", max_length=20)
    light: Text = Field("", max_length=10)
    tier: int | None = Field(None, ge=1, le=3)


class CampaignQuery(Paged):
    state: Literal["", "open", "closed", "withdrawn"] = ""


class CaseQuery(Paged):
    left: Text = Field("", max_length=1, description="1: only cases that nobody has called back")


class UnitQuery(Paged):
    district: Text = Field("", max_length=12, description="six digits: units whose region lies in it")
    line: Text = Field("", max_length=40, description="line of business")
    level: Text = Field("", max_length=10, description="city, district, town or village")


class AppealQuery(Paged):
    state: AppealState | None = None


class IssueQuery(Paged):
    quarter: Text = Field("", max_length=6, description="2026Q3")
    state: IssueState | None = None


class QuarterQuery(Strict):
    quarter: Text = Field("", max_length=6, description="2026Q3; the present one when empty")


class FiguresQuery(Strict):
    """A stretch of days, both ends counted; without them the last ninety days."""

    since: Day | None = None
    until: Day | None = None


async def _strict(query: Annotated[Strict, Query()]) -> Strict:
    return query


NoQuery = Annotated[Strict, Depends(_strict)]
Id = Annotated[str, Path(min_length=1, max_length=120)]
