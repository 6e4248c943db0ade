"""Checks whose day has come: the warning stands in RECHECK and the result has its limit. The unit is told nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping

from mingjian.domain.clock import Clock
from mingjian.domain.level import Level
from mingjian.domain.limits import Limit
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.domain.terms import Terms
from mingjian.domain.warning import WarningState
from mingjian.store import audit, orders, rechecks
from mingjian.store.orders import WARNING, Step

BATCH = 500


def open_due(engine: Engine, clock: Clock, as_of: date, terms: Terms) -> int:
    """Open every planned check whose day has come; returns how many. A batch is one transaction."""
    opened = 0
    while True:
        with engine.begin() as conn:
            rows = rechecks.come_due(conn, as_of, BATCH)
            if not rows:
                return opened
            _open(conn, clock.now(), rows, terms)
            opened += len(rows)


def _open(conn: Connection, now: datetime, rows: Sequence[RowMapping], terms: Terms) -> None:
    """A false positive keeps its state while its file is reviewed; a closed matter stands in RECHECK."""
    due = {
        level: terms.calendar.add(now, terms.policy.days(Limit.RECHECK_RESULT, Level(level))).at
        for level in {row["level"] for row in rows}
    }
    rechecks.open_checks(conn, [(row["plan_id"], row["n"]) for row in rows], now, due)
    closed = [row for row in rows if row["status"] == WarningState.CLOSED]
    rechecks.mark_rechecked(conn, [row["id"] for row in closed])
    before, after = WarningState.CLOSED, WarningState.RECHECK
    steps = [
        Step(WARNING, row["id"], "recheck", before, after, SYSTEM_ACTOR, now, reason=row["reason"])
        for row in closed
    ]
    orders.add_steps(conn, steps)
    audit.record_many(conn, at=now, entries=[_entry(row, due[row["level"]]) for row in rows])


def _entry(row: RowMapping, result_due: datetime) -> dict[str, Any]:
    """`recheck` is a step of the warning as well, and stands in the log as often as in the history; `open_check` is none."""
    return {
        "actor": SYSTEM_ACTOR,
        "action": "recheck" if row["status"] == WarningState.CLOSED else "open_check",
        "object_kind": WARNING,
        "object_id": row["id"],
        "detail": {"reason": row["reason"], "check": row["n"], "result_due": result_due.isoformat()},
    }
