"""The leadership page: the few figures, from the same views as the dashboards; never a single case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import RowMapping
from starlette.responses import Response

from mingjian.domain.level import Level
from mingjian.domain.order import Light
from mingjian.store import figures
from mingjian.web.naming import district_name, sector_name
from mingjian.web.pages import render
from mingjian.web.viewer import OverviewReader, office_of

router = APIRouter()

DAYS = 30


@router.get("/overview")
def show_overview(request: Request, viewer: OverviewReader) -> Response:
    """Open warnings, lights, handling and the state of the data, on one screen."""
    office = office_of(request)
    district = viewer.access.figures_district
    with figures.reading(office.engine) as conn:
        opened = figures.open_warnings(conn, district)
        lights = figures.lights(conn, district)
        handling = figures.handling(conn, district)
        by_day = figures.new_by_day(conn, district, DAYS)
        data = figures.feed_troubles(conn)
    columns = _every_day(by_day)
    return render(
        request,
        "overview.html",
        viewer=viewer,
        levels=[(level, level.english, _sum(opened, "open", level=level.value)) for level in Level],
        total=_sum(opened, "open"),
        unassigned=_sum(opened, "unassigned"),
        amount=_sum(opened, "amount"),
        sectors=_bars(opened, lambda row: sector_name(office.content, row["sector"])),
        districts=_bars(opened, _district),
        lights=_lights(lights),
        tiers=[(tier, _sum(lights, "orders", tier=tier)) for tier in (1, 2, 3)],
        handling=[{**row, "sector": sector_name(office.content, row["sector"])} for row in handling],
        by_day=columns,
        days=DAYS,
        peak=max((n for _day, n in columns), default=0),
        data=data,
    )


def _sum(rows: list[RowMapping], column: str, **where: object) -> Any:
    return sum(row[column] for row in rows if all(row[k] == v for k, v in where.items()))


def _district(row: RowMapping) -> str:
    return district_name(row["district_code"], {row["district_code"]: row["district_name"]})


def _every_day(rows: list[RowMapping]) -> list[tuple[date, int]]:
    """The last DAYS days up to the newest with warnings, quiet days as 0; empty when there never was one."""
    if not rows:
        return []
    counted = {row["day"]: row["warnings"] for row in rows}
    days = [max(counted) - timedelta(days=back) for back in reversed(range(DAYS))]
    return [(day, counted.get(day, 0)) for day in days]


def _bars(rows: list[RowMapping], name: Callable[[RowMapping], str]) -> list[dict[str, Any]]:
    """Stacked bars, the longest first: name, total, and per level its count and share of the longest bar."""
    counted: dict[str, Counter[str]] = {}
    for row in rows:
        counted.setdefault(name(row), Counter())[row["level"]] += row["open"]
    longest = max((sum(levels.values()) for levels in counted.values()), default=0)
    return [
        {"name": label, "total": sum(levels.values()), "parts": _parts(levels, longest)}
        for label, levels in sorted(counted.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    ]


def _parts(levels: Counter[str], longest: int) -> list[dict[str, Any]]:
    """Start and width in percent of the longest bar, for drawing."""
    parts, start = [], 0.0
    for level in Level:
        width = 100 * levels[level.value] / longest
        parts.append(
            {"level": level, "code": level.english, "n": levels[level.value], "x": start, "width": width}
        )
        start += width
    return parts


def _lights(rows: list[RowMapping]) -> list[tuple[str, str, int]]:
    """(code, name, open orders), the most pressing first."""
    return [(light.value, light.label, _sum(rows, "orders", light=light.value)) for light in reversed(Light)]
