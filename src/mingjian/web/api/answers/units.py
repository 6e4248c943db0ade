"""Answers about units and how they handle."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from mingjian.web.api.answers.base import Answer


class UnitOut(Answer):
    """A unit of the register."""

    id: str
    name: str
    name_en: str
    level: str
    region_code: str | None
    line_code: str | None


class UnitPage(Answer):
    units: list[UnitOut]
    after: str


class UnitFigures(Answer):
    """How satisfied the public is with a unit's results, of matters the reader may see; matters exempted are left out."""

    unit_id: str
    since: date
    until: date
    evaluated: int
    satisfied: int
    not_reached: int = Field(description="called, nobody reached: not among those evaluated")
    satisfaction: float | None = Field(description="satisfied / evaluated, 0 to 1; null where nobody was")
