"""The figures of the leadership page for programs: aggregates only, never a single case."""

from __future__ import annotations

from fastapi import APIRouter, Request

from mingjian.store import figures
from mingjian.web.api.answers.figures import DayCount, Figures, HandlingCount, LightCount, OpenCount
from mingjian.web.api.problem import READS
from mingjian.web.api.queries import NoQuery
from mingjian.web.pages.overview import DAYS
from mingjian.web.scopes import FIGURES
from mingjian.web.viewer import OverviewReader, office_of

router = APIRouter(tags=["figures"], dependencies=[FIGURES])


@router.get("/figures", responses=READS)
def show_figures(request: Request, viewer: OverviewReader, _query: NoQuery) -> Figures:
    """Open warnings, lights, handling and new warnings by day, of the districts that the reader may see."""
    district = viewer.access.figures_district
    with figures.reading(office_of(request).engine) as conn:
        return Figures(
            district=district,
            open=[OpenCount(**row) for row in figures.open_warnings(conn, district)],
            lights=[LightCount(**row) for row in figures.lights(conn, district)],
            handling=[HandlingCount(**row) for row in figures.handling(conn, district)],
            new_by_day=[DayCount(**row) for row in figures.new_by_day(conn, district, DAYS)],
        )
