"""A reader at one matter. Who stands in for somebody reads it as the two of them may, neither more nor less."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from mingjian.store.tables import warning
from mingjian.web.access import at_row
from mingjian.web.masking import Masker
from mingjian.web.viewer import QueueReader, Viewer, office_of


async def at_case(request: Request, viewer: QueueReader) -> Viewer:
    """A dependency of routes about one warning: the reader with the access that holds for its row."""
    return await run_in_threadpool(_at_row, request, viewer) if viewer.access.parts else viewer


def _at_row(request: Request, viewer: Viewer) -> Viewer:
    parts = viewer.access.parts
    office = office_of(request)
    held = select(*(part.rows.label(f"p{n}") for n, part in enumerate(parts)))
    with office.engine.connect() as conn:
        row = conn.execute(held.where(warning.c.id == request.path_params["warning_id"])).first()
    if row is None:
        return viewer
    access = at_row(viewer.access, [bool(holds) for holds in row])
    return replace(viewer, access=access, masker=Masker(office.content, access))


CaseReader = Annotated[Viewer, Depends(at_case)]
