"""What merging a duplicate leaves: a link on the duplicate, and a line in the lead's history."""

from __future__ import annotations

from typing import Any

from mingjian.domain.warning import WarningState
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
