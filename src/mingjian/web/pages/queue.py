"""The list of warnings: filters, counts per level, one page by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from mingjian.domain.i18n import pick
from mingjian.domain.level import Level
from mingjian.domain.order import Light
from mingjian.domain.warning import WarningState
from mingjian.store import queue
from mingjian.web import labels, naming
from mingjian.web.asked import AskedFor
from mingjian.web.listing import due_kind, page_of
from mingjian.web.looked import looked_at_list
from mingjian.web.pages import render
from mingjian.web.unannounced import seen_row
from mingjian.web.viewer import Office, QueueReader, Viewer, office_of

router = APIRouter()


@router.get("/warnings")
def list_warnings(request: Request, ask: AskedFor, viewer: QueueReader) -> Response:
    """One page of the reader's queue."""
    office = office_of(request)
    with office.engine.begin() as conn:
        rows, after = page_of(conn, ask, viewer)
        counts = queue.count_by_level(conn, viewer.access.rows, ask.filters(viewer))
        districts = {row["code"]: row["name"] for row in queue.districts(conn)}
        looked_at_list(conn, office, viewer, rows, "page")
    return render(
        request,
        "queue.html",
        viewer=viewer,
        ask=ask,
        rows=[listed(row, office, viewer, districts) for row in rows],
        next_url=ask.url(after=after) if after else None,
        counts=[(level, level.english, counts[level]) for level in Level],
        total=sum(counts.values()),
        choices=_choices(office, viewer, districts),
    )


def listed(
    row: Mapping[Any, Any], office: Office, viewer: Viewer, districts: dict[str, str]
) -> dict[str, Any]:
    """A row of the list as the reader may see it."""
    row = seen_row(row, viewer.access)
    light = row.get("light")
    return {
        **row,
        "title": naming.model_name(office.content, row["model"]),
        "sector_name": naming.sector_name(office.content, row["sector"]),
        "subject": naming.subject_name(
            viewer.masker.subject(row["subject_kind"], row["subject_id"], row["model"]), districts
        ),
        "subject_label": labels.label(labels.SUBJECT, row["subject_kind"]),
        "period": labels.label(labels.PERIOD, row["period"]),
        "district": naming.district_name(row["district_code"], districts),
        "unit": naming.unit_name(row) if "unit_name" in row else None,
        "level_code": Level(row["level"]).english,
        "status_label": labels.label(labels.STATUS, row["status"]),
        "light_label": Light(light).label if light else None,
        "deadline": deadline.label if (deadline := due_kind(row)) else None,
    }


def _choices(office: Office, viewer: Viewer, districts: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Options of each filter as (value, text)."""
    content = office.content
    with_models = {model.sector for model in content.models.values()}
    sectors = sorted((s for s in content.sectors.values() if s.sector in with_models), key=lambda s: s.order)
    states = [s for s in WarningState if viewer.access.shadow or s is not WarningState.RECORDED]
    if not viewer.access.rechecks:
        states.remove(WarningState.RECHECK)
    return {
        "sector": [(s.sector, pick(s.name)) for s in sectors],
        "level": [(level.english, labels.level_label(level)) for level in Level],
        "district": _districts(districts),
        "model": sorted((m.id, pick(m.name)) for m in content.models.values()),
        "status": [(s.value, labels.label(labels.STATUS, s.value)) for s in states],
    }


def _districts(names: dict[str, str]) -> list[tuple[str, str]]:
    """Every district with a unit, and the city itself, by code."""
    cities = {code[:4] + "00" for code in names}
    return [(code, naming.district_name(code, names)) for code in sorted(cities | set(names))]
