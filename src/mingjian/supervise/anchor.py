"""The daily anchor of the audit log, as the last stage of a walk."""

from __future__ import annotations

from mingjian.run import Run
from mingjian.store import anchors


def anchor(run: Run) -> dict[str, int]:
    """Check what was written since the last anchor and pin it, once a day; returns {"anchored": rows pinned so far}.

    Raises AuditBroken naming the faults: the stage then stands as failed, and the state of the data says so.
    """
    with run.engine.begin() as conn:
        made = anchors.make(conn, run.clock.now())
    return {"anchored": made.rows if made else 0}
