"""The alert budget: how many new warnings a unit is given in a week, so that it can look at each."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import Field, model_validator

from mingjian.domain.level import Level
from mingjian.domain.source import Strict


class Allowance(Strict):
    """At most `high` of level 高 and `all` of any level in one week."""

    high: int = Field(default=3, ge=0)
    all: int = Field(default=15, ge=0)

    def has_room(self, level: Level, high: int, everything: int) -> bool:
        """Whether one more of this level fits, with so many of level 高 and in all already let in."""
        return everything < self.all and (level is not Level.HIGH or high < self.high)


class Budget(Allowance):
    """The file `supervision/budget.yaml`: for every unit, and for department types that differ."""

    owners: dict[str, Allowance] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _no_more_high_than_all(self) -> Budget:
        for name, one in {"": self, **self.owners}.items():
            if one.high > one.all:
                raise ValueError(f"{name} high {one.high} is more than all {one.all}".strip())
        return self

    def of(self, owner: str) -> Allowance:
        """The allowance of a department type."""
        return self.owners.get(owner, self)


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the day's week."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)
