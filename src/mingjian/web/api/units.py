"""The register of units, for choosing where an order goes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from mingjian.store import unit_register
from mingjian.web.api.answers import UnitOut, UnitPage
from mingjian.web.api.problem import READS
from mingjian.web.api.queries import UnitQuery
from mingjian.web.scopes import WARNINGS
from mingjian.web.viewer import QueueReader, office_of

router = APIRouter(tags=["units"], dependencies=[WARNINGS])


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
