"""Answers that count."""

from __future__ import annotations

from datetime import date

from mingjian.web.api.answers.base import Answer


class OpenCount(Answer):
    """Open warnings of a sector, level and district; `unassigned` have no unit yet, `amount` is in yuan."""

    sector: str
    level: str
    district_code: str | None
    district_name: str | None
    open: int
    unassigned: int
    amount: float | None


class LightCount(Answer):
    """Open orders by light and tier."""

    light: str
    tier: int
    orders: int


class HandlingCount(Answer):
    """How a sector's orders were accepted and finished."""

    sector: str
    orders: int
    accepted: int
    accepted_on_time: int
    accept_late: int
    finished: int
    finished_on_time: int
    overdue: int


class DayCount(Answer):
    """New warnings of a day; days without any are left out."""

    day: date
    warnings: int


class Figures(Answer):
    """The figures of the leadership page; `district` is None for the whole city."""

    district: str | None
    open: list[OpenCount]
    lights: list[LightCount]
    handling: list[HandlingCount]
    new_by_day: list[DayCount]
