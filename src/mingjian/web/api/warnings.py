"""Warnings: the queue by pages, and one warning with its ETag."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import RowMapping
from starlette.responses import JSONResponse

from mingjian.domain.level import Level
from mingjian.store import queue
from mingjian.web.api.answers.orders import OrderBrief
from mingjian.web.api.answers.warnings import EvidenceRows, WarningBrief, WarningDetail, WarningPage
from mingjian.web.api.problem import READS
from mingjian.web.api.queries import Id, NoQuery, QueueQuery
from mingjian.web.api.steps import action_out
from mingjian.web.api.versions import tag_of
from mingjian.web.case import lead_not_finding, open_matter
from mingjian.web.focus import CaseReader
from mingjian.web.listing import due_kind, page_of
from mingjian.web.looked import looked_at_list
from mingjian.web.masking import shorten_tokens
from mingjian.web.scopes import WARNINGS
from mingjian.web.unannounced import seen_row
from mingjian.web.viewer import QueueReader, Viewer, office_of

router = APIRouter(tags=["warnings"], dependencies=[WARNINGS])
FIELDS = tuple(f for f in WarningBrief.model_fields if f not in ("subject", "amount"))


@router.get("/warnings", responses=READS)
def list_warnings(
    request: Request, asked: Annotated[QueueQuery, Query()], viewer: QueueReader
) -> WarningPage:
    """One page of the reader's queue, most serious or nearest deadline first, with counts per level."""
    ask = asked.asked(asked.after, asked.sort)
    office = office_of(request)
    with office.engine.begin() as conn:
        rows, after = page_of(conn, ask, viewer, asked.limit)
        counts = queue.count_by_level(conn, viewer.access.rows, ask.filters(viewer))
        looked_at_list(conn, office, viewer, rows, "api")
    return WarningPage(
        warnings=[WarningBrief(**brief(row, viewer)) for row in rows],
        counts={Level(level).value: n for level, n in counts.items()},
        after=after,
    )


@router.get("/warnings/{warning_id}", response_model=WarningDetail, responses=READS)
def show_warning(request: Request, warning_id: Id, viewer: CaseReader, _query: NoQuery) -> Response:
    """One warning with its explanation, score parts, masked evidence and open steps; the ETag is for the next step."""
    found = open_matter(office_of(request), viewer, warning_id)
    row, order = found.row, found.order
    told = WarningDetail(
        **brief({**_light(order), **row}, viewer),
        version=row["version"],
        explanation={lang: shorten_tokens(text) for lang, text in row["explanation"].items()},
        score_parts=row["score_parts"],
        evidence=[
            EvidenceRows(table=t.name, columns=[column.name for column in t.columns], rows=t.rows)
            for t in found.evidence
        ],
        params=row["params"],
        lake=row["lake"],
        order=OrderBrief(**{k: order[k] for k in OrderBrief.model_fields}) if order else None,
        merged_into=row["merged_into"],
        merged=found.merged,
        actions=[action_out(step) for step in found.steps],
        note=lead_not_finding(),
    )
    # Checked on being made: FastAPI would check it once more, and in another thread.
    return JSONResponse(told.model_dump(mode="json"), headers={"ETag": tag_of(row["version"], found.seq)})


def brief(row: Mapping[Any, Any], viewer: Viewer) -> dict[str, Any]:
    """The columns of a list's row as this reader may see them."""
    row = seen_row(row, viewer.access)
    amount = row["amount"]
    hides = viewer.masker.hides_subject(row["subject_kind"], row["subject_id"])
    return {
        **{f: row[f] for f in FIELDS if f in row},
        "deadline": due_kind(row),
        "amount": float(amount) if isinstance(amount, Decimal) else amount,
        "subject": viewer.masker.subject(row["subject_kind"], row["subject_id"], row["model"]),
        # A hash of the subject: whoever has a list of addresses could try them all.
        "fingerprint": None if hides else row["fingerprint"],
    }


def _light(order: RowMapping | None) -> dict[str, Any]:
    """What lists tell of a warning's order."""
    if order is None:
        return {}
    return {**order, "order_state": order["state"]}
