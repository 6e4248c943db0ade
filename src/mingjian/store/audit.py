"""The audit log: append-only, each row chained to the one before by SM3, written in the caller's transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text

from mingjian.store.tables import audit_log

GENESIS = "0" * 64
_CHAIN_LOCK = 0x4D4A41  # one writer at a time, else two rows would follow the same row


def record(
    conn: Connection,
    *,
    at: datetime,
    actor: str,
    action: str,
    object_kind: str,
    object_id: str,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append one row in this transaction; raises like any insert, and then the change is undone with it."""
    entry = {
        "actor": actor,
        "action": action,
        "object_kind": object_kind,
        "object_id": object_id,
        "detail": detail,
    }
    record_many(conn, at=at, entries=[entry])


def record_many(conn: Connection, *, at: datetime, entries: Sequence[dict[str, Any]]) -> None:
    """Append rows in their order with one insert; entries hold `record`'s other arguments by name."""
    if not entries:
        return
    conn.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _CHAIN_LOCK})
    last = conn.execute(
        select(audit_log.c.id, audit_log.c.hash).order_by(audit_log.c.id.desc()).limit(1)
    ).first()
    first, prev = (last.id + 1, last.hash) if last else (1, GENESIS)
    rows = []
    for number, entry in enumerate(entries, start=first):
        row = {**entry, "detail": entry.get("detail") or {}, "id": number, "at": at, "prev_hash": prev}
        prev = _digest(row)
        rows.append({**row, "hash": prev})
    conn.execute(insert(audit_log), rows)


def verify(conn: Connection) -> int | None:
    """The id of the first row whose hash or chain does not hold, or None when the log is whole."""
    prev = GENESIS
    rows = conn.execute(select(audit_log).order_by(audit_log.c.id)).mappings()
    for number, row in enumerate(rows, start=1):
        body = {k: v for k, v in row.items() if k != "hash"}
        if row["id"] != number or row["prev_hash"] != prev or _digest(body) != row["hash"]:
            return int(row["id"])
        prev = row["hash"]
    return None


def _digest(row: dict[str, Any]) -> str:
    at = row["at"].timestamp()
    text_form = json.dumps({**row, "at": at}, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.new("sm3", text_form.encode()).hexdigest()
