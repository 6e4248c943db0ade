"""The JSON API: the same rows, masks and filters as the pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from mingjian.domain.level import Level
from mingjian.store import queue
from mingjian.web.asked import AskedFor, cursor_text
from mingjian.web.case import open_case
from mingjian.web.looked import looked_at_list
from mingjian.web.masking import shorten_tokens
from mingjian.web.unannounced import seen_row
from mingjian.web.viewer import QueueReader, Viewer, office_of

router = APIRouter()

FIELDS = (
    "id",
    "model",
    "model_version",
    "sector",
    "subject_kind",
    "period",
    "district_code",
    "unit_id",
    "level",
    "score",
    "amount",
    "status",
    "first_seen",
    "last_seen",
    "hits",
    "fingerprint",
)


@router.get("/api/warnings")
def list_warnings(request: Request, ask: AskedFor, viewer: QueueReader) -> JSONResponse:
    """`{"warnings": [...], "counts": {level: n}, "after": cursor or ""}`; send `after` back to go on."""
    office, filters = office_of(request), ask.filters(viewer)
    with office.engine.begin() as conn:
        page = queue.page(conn, viewer.access.rows, filters, ask.cursor())
        counts = queue.count_by_level(conn, viewer.access.rows, filters)
        looked_at_list(conn, office, viewer, page.rows, "api")
    return JSONResponse(
        {
            "warnings": [_listed(row, viewer) for row in page.rows],
            "counts": {Level(level).value: n for level, n in counts.items()},
            "after": cursor_text(page.after),
        }
    )


@router.get("/api/warnings/{warning_id}")
def show_warning(request: Request, warning_id: str, viewer: QueueReader) -> JSONResponse:
    """One warning with its explanation, score parts and masked evidence; writes an audit row."""
    case = open_case(office_of(request), viewer, warning_id)
    order = case.order
    return JSONResponse(
        {
            **_listed(case.row, viewer),
            "explanation": {lang: shorten_tokens(text) for lang, text in case.row["explanation"].items()},
            "score_parts": case.row["score_parts"],
            "evidence": [
                {
                    "table": table.name,
                    "columns": [column.name for column in table.columns],
                    "rows": table.rows,
                }
                for table in case.evidence
            ],
            "params": case.row["params"],
            "lake": case.row["lake"],
            "order": order and {k: _plain(order[k]) for k in ("id", "tier", "state", "light", "finish_due")},
            "note": case.note,
        }
    )


def _listed(row: Mapping[Any, Any], viewer: Viewer) -> dict[str, Any]:
    row = seen_row(row, viewer.access)
    subject = viewer.masker.subject(row["subject_kind"], row["subject_id"], row["model"])
    order = {k: _plain(row[k]) for k in ("light", "tier", "finish_due") if k in row}
    told = {**{k: _plain(row[k]) for k in FIELDS}, "subject": subject, **order}
    if viewer.masker.hides_subject(row["subject_kind"], row["subject_id"]):
        told["fingerprint"] = (
            None  # a hash of the subject: whoever has a list of addresses could try them all
        )
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date | datetime) else value
