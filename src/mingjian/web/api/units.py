"""The register of units, for choosing where an order goes, and a unit's own figures."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.store import evaluations, unit_register
from mingjian.store.evaluations import Satisfaction
from mingjian.web.api.answers.units import UnitFigures, UnitOut, UnitPage
from mingjian.web.api.problem import READS
from mingjian.web.api.queries import FiguresQuery, Id, UnitQuery
from mingjian.web.scopes import WARNINGS
from mingjian.web.viewer import QueueReader, office_of

router = APIRouter(tags=["units"], dependencies=[WARNINGS])
LOOK_BACK = timedelta(days=90)


@router.get("/units", responses=READS)
def list_units(request: Request, asked: Annotated[UnitQuery, Query()], _viewer: QueueReader) -> UnitPage:
    """One page of units by id."""
    with office_of(request).engine.connect() as conn:
        rows = unit_register.page(conn, asked.after, asked.limit + 1, asked.district, asked.line, asked.level)
    shown = rows[: asked.limit]
    return UnitPage(
        units=[UnitOut(**row) for row in shown],
        after=shown[-1]["id"] if len(rows) > asked.limit else "",
    )


@router.get("/units/{unit_id}/figures", responses=READS)
def unit_figures(
    request: Request, unit_id: Id, asked: Annotated[FiguresQuery, Query()], viewer: QueueReader
) -> UnitFigures:
    """How satisfied the public is with this unit's results, of matters the reader may see."""
    office = office_of(request)
    until = asked.until or office.clock.now().astimezone(CITY_TZ).date()
    since = asked.since or until - LOOK_BACK
    first, after = (datetime.combine(day, time(), CITY_TZ) for day in (since, until + timedelta(days=1)))
    with office.engine.connect() as conn:
        if not unit_register.is_listed(conn, unit_id):
            raise NotFound(_("登记册中没有单位 {id}", id=unit_id), hint=_("请核对编号"))
        found = evaluations.satisfaction(conn, [unit_id], first, after, viewer.access.rows)
    counted = found[0] if found else Satisfaction(unit_id, 0, 0, 0)
    return UnitFigures(since=since, until=until, satisfaction=counted.share, **vars(counted))
