"""What merging a duplicate leaves: a link on the duplicate, and a line in the lead's history."""

from __future__ import annotations

from typing import Any

from mingjian.domain.warning import WarningState
from mingjian.store import orders
from mingjian.store.orders import WARNING, Step
from mingjian.supervise.guards import Attempt

DUPLICATE = "FP08"


def merged_columns(attempt: Attempt) -> dict[str, Any]:
    """Columns of the duplicate besides its state; none for any other step.

    A unit that never had the order must not learn of the matter by its closing, so the proposed unit is dropped.
    """
    if attempt.step.to is not WarningState.CLOSED_MERGED or attempt.lead is None:
        return {}
    kept = {} if attempt.order is not None else {"unit_id": None}
    return {"merged_into": attempt.lead["id"], **kept}


def lead_for(attempt: Attempt) -> str:
    """The lead's id as the duplicate's unit may be told it; empty when that unit does not see the lead.

    It does once the lead has an order with the unit or one below it that was not moved out as a clue.
    """
    if attempt.lead is None or attempt.order is None:
        return ""
    seen = orders.lies_with(attempt.conn, attempt.lead["id"], attempt.order["unit_id"])
    return str(attempt.lead["id"]) if seen else ""


def lead_steps(attempt: Attempt) -> list[Step]:
    """The lead's own line: which duplicate it carries on from now."""
    if attempt.step.to is not WarningState.CLOSED_MERGED or attempt.lead is None:
        return []
    lead = attempt.lead
    return [
        Step(
            WARNING,
            lead["id"],
            "absorb",
            lead["status"],
            lead["status"],
            attempt.actor,
            attempt.now,
            reason=DUPLICATE,
            note=attempt.warning["id"],
        )
    ]
