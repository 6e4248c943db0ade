"""What was refused is written down: an attempt on another unit's matter leaves a trace, though it changes nothing."""

from __future__ import annotations

import re

from fastapi import Request

from mingjian.store import audit

READING = frozenset({"GET", "HEAD", "OPTIONS"})
NOTED_READS = frozenset({403, 404})
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def note_refusal(request: Request, status: int, kind: str) -> None:
    """Write one audit row in a transaction of its own for a signed-in user's refused request.

    Every refused write is noted, and reads of what is not his to see. The row holds the path, never the body.
    Who asks is what `viewer_of` has found; a request of nobody's leaves no row, or anybody could fill the log.
    """
    if not request.url.path.startswith("/api/") or not 400 <= status < 500:
        return
    if request.method in READING and status not in NOTED_READS:
        return
    actor = getattr(request.state, "asker", None)
    if actor is None:
        return
    office = request.app.state.office
    with office.engine.begin() as conn:
        audit.record(
            conn,
            at=office.clock.now(),
            actor=actor,
            action="refused",
            object_kind="request",
            object_id=_UNWRITABLE.sub("�", request.url.path)[:200],
            detail={"method": request.method, "status": status, "kind": kind},
        )
