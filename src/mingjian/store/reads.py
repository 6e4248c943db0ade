"""Who looked at what: one audit row for each reading of cases that may lead to a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from mingjian.domain.purpose import Purpose
from mingjian.store import audit

MOST_IDS = 1_000  # of one reading; the count says how many there were


def one(
    conn: Connection,
    warning_id: str,
    *,
    at: datetime,
    actor: str,
    purpose: Purpose,
    mask: str,
    beside: Sequence[str] = (),
) -> None:
    """One warning was read in full; `beside` are others on the same subject that were listed with it.

    Call it last in the transaction: it holds the log's lock until the end.
    """
    detail = {"purpose": purpose, "mask": mask, **({"beside": list(beside)} if beside else {})}
    audit.record(
        conn, at=at, actor=actor, action="view", object_kind="warning", object_id=warning_id, detail=detail
    )


def many(
    conn: Connection, ids: Sequence[str], *, at: datetime, actor: str, purpose: Purpose, mask: str, where: str
) -> None:
    """A list was read: one row with the count and the ids of the warnings about persons; none, no row.

    `where` names the list. Call it last in the transaction, as `one`.
    """
    if not ids:
        return
    detail = {"purpose": purpose, "mask": mask, "count": len(ids), "ids": list(ids[:MOST_IDS])}
    audit.record(
        conn, at=at, actor=actor, action="view", object_kind="warnings", object_id=where, detail=detail
    )
