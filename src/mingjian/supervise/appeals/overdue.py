"""Appeals that nobody decided in time: counted once, and the office is told."""

from __future__ import annotations

from sqlalchemy import Engine

from mingjian.domain.clock import Clock
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.store import appeals, audit, outbox
from mingjian.supervise.appeals import letters
from mingjian.supervise.issue import said

BATCH = 500


def chase_overdue(engine: Engine, clock: Clock) -> int:
    """Count and chase every appeal past its day; returns how many. Each batch is a transaction of its own."""
    done = 0
    while True:
        with engine.begin() as conn:
            now = clock.now()
            late = appeals.claim_overdue(conn, now, BATCH)
            if not late:
                return done
            appeals.mark_overdue(conn, [row["id"] for row in late], now)
            outbox.enqueue(conn, letters.overdue(conn, late), now)
            entries = [
                {
                    "actor": SYSTEM_ACTOR,
                    "action": "appeal_overdue",
                    "object_kind": appeals.OBJECT,
                    "object_id": str(row["id"]),
                    "detail": {"warning": row["warning_id"], "due": said(row["due_at"])},
                }
                for row in late
            ]
            audit.record_many(conn, at=now, entries=entries)
            done += len(late)
