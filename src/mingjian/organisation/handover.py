"""Matters that change hands because their unit was merged: each order keeps its clock and gets a step and an audit row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from mingjian.store import audit, handover, orders
from mingjian.store.orders import ORDER, Step

ACTION = "hand_over"
REASON = "unit_merged"


def hand_over_orders(
    conn: Connection, leaving: Sequence[str], into: str, actor: str, at: datetime, document: str
) -> int:
    """Give the unfinished orders of the leaving units to `into`; returns how many. Deadlines, lights, tiers stay."""
    taken = handover.take_orders(conn, leaving, into)
    steps = [
        Step(
            ORDER,
            row["id"],
            ACTION,
            row["state"],
            row["state"],
            actor,
            at,
            reason=REASON,
            note=f"{row['unit_id']} → {into} {document}".strip(),
        )
        for row in taken
    ]
    orders.add_steps(conn, steps)
    entries = [
        {
            "actor": actor,
            "action": ACTION,
            "object_kind": ORDER,
            "object_id": row["id"],
            "detail": {"reason": REASON, "unit": [row["unit_id"], into], "document": document},
        }
        for row in taken
    ]
    audit.record_many(conn, at=at, entries=entries)
    return len(taken)


def hand_over_duties(conn: Connection, leaving: Sequence[str], into: str) -> None:
    """The people on duty go on being on duty, for the unit that took over."""
    handover.take_duties(conn, leaving, into)
