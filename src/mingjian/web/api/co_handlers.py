"""Units that handle a matter together with its lead."""

from __future__ import annotations

from fastapi import APIRouter, Request

from mingjian.domain.co_handling import CoReason, CoState
from mingjian.web.api.answers.co_handlers import CoHandlerList, CoHandlerOut
from mingjian.web.api.problem import READS
from mingjian.web.api.queries import Id, NoQuery
from mingjian.web.api.steps import seen_with_findings
from mingjian.web.scopes import WARNINGS
from mingjian.web.together import lit_parts
from mingjian.web.viewer import QueueReader, office_of

router = APIRouter(tags=["warnings"], dependencies=[WARNINGS])
PLAIN = tuple(set(CoHandlerOut.model_fields) - {"state_label", "why_label", "light", "light_label"})


@router.get("/warnings/{warning_id}/co-handlers", responses=READS)
def list_co_handlers(request: Request, warning_id: Id, viewer: QueueReader, _query: NoQuery) -> CoHandlerList:
    """Who was asked or proposed to take part, oldest first, with their answers; steps ask and release them."""
    office = office_of(request)
    with office.engine.connect() as conn:
        seen_with_findings(conn, viewer, warning_id)
        lit = lit_parts(conn, office, warning_id)
    return CoHandlerList(
        co_handlers=[
            CoHandlerOut(
                **{name: row[name] for name in PLAIN},
                state_label=CoState(row["state"]).label,
                why_label=CoReason(row["why"]).label,
                light=light,
                light_label=light.label,
            )
            for row, light in lit
        ]
    )
