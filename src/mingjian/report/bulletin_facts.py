"""The figures of the daily bulletin, read from the `dash` views: counts only, no subject and no person."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from mingjian.content import Content
from mingjian.domain.level import Level
from mingjian.domain.order import Light
from mingjian.domain.sector import Names
from mingjian.domain.source import Strict
from mingjian.store import anchors, figures

DAYS = 7  # "recent" is this many days to the bulletin's day, compared with as many before
TIERS = (1, 2, 3)
MOST_UNITS = 5
VERDICTS = ("confirmed", "rejected", "policy")


class NewLine(Strict):
    """New warnings of a sector on the day by level, and all of the recent days."""

    sector: Names
    high: int
    medium: int
    low: int
    recent: int


class LightLine(Strict):
    """Open orders under one light, by tier 1 to 3."""

    light: Light
    tiers: list[int]


class UnitLine(Strict):
    """A unit with orders past their limit."""

    unit: str
    overdue: int
    open: int


class ClosedLine(Strict):
    """Warnings closed with one verdict in the recent days and in as many before."""

    verdict: str
    recent: int
    before: int


class AnchorLine(Strict):
    """The newest anchor of the audit log."""

    day: date
    last_id: int
    rows: int
    hash: str


class BulletinFacts(Strict):
    """What a bulletin says. Counts of orders are those of `made_at`; all else is of `day` and the days before."""

    day: date
    made_at: datetime
    new: list[NewLine]
    new_before: int
    lights: list[LightLine]
    units: list[UnitLine]
    closed: list[ClosedLine]
    feeds: int
    feeds_troubled: int
    newest_run: date | None
    anchor: AnchorLine | None


def gather(conn: Connection, content: Content, day: date, now: datetime) -> BulletinFacts:
    """The facts of the bulletin of `day`, in six statements."""
    new = figures.new_by_sector(conn, day, DAYS)
    data = figures.feed_troubles(conn)
    anchor = anchors.newest(conn, day)
    return BulletinFacts(
        day=day,
        made_at=now,
        new=[
            NewLine(
                sector=sector.name,
                high=_sum(new, "today", sector=sector.sector, level=Level.HIGH),
                medium=_sum(new, "today", sector=sector.sector, level=Level.MEDIUM),
                low=_sum(new, "today", sector=sector.sector, level=Level.LOW),
                recent=_sum(new, "recent", sector=sector.sector),
            )
            for sector in sorted(content.sectors.values(), key=lambda s: s.order)
            if content.models_of(sector.sector) or any(row["sector"] == sector.sector for row in new)
        ],
        new_before=_sum(new, "before"),
        lights=_lights(conn),
        units=[
            UnitLine(unit=row["unit_name"], overdue=row["overdue"], open=row["open"])
            for row in figures.overdue_units(conn, MOST_UNITS)
        ],
        closed=_closed(conn, day),
        feeds=data["feeds"],
        feeds_troubled=data["troubled"],
        newest_run=data["newest"],
        anchor=AnchorLine.model_validate(anchor._asdict()) if anchor else None,
    )


def _lights(conn: Connection) -> list[LightLine]:
    """Every light, the most pressing first, with zeros where no order stands."""
    rows = figures.lights(conn, None)
    lights = sorted(Light, key=lambda light: light.rank, reverse=True)
    return [
        LightLine(light=light, tiers=[_sum(rows, "orders", light=light, tier=tier) for tier in TIERS])
        for light in lights
    ]


def _closed(conn: Connection, day: date) -> list[ClosedLine]:
    rows = figures.closed(conn, day, DAYS)
    return [
        ClosedLine(
            verdict=verdict,
            recent=_sum(rows, "recent", verdict=verdict),
            before=_sum(rows, "before", verdict=verdict),
        )
        for verdict in VERDICTS
    ]


def _sum(rows: list, column: str, **where: object) -> int:
    return sum(row[column] or 0 for row in rows if all(row[k] == v for k, v in where.items()))
