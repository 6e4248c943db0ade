"""Kept answers to writes, by user and key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, text

from mingjian.store.tables import idempotency

KEPT = timedelta(days=7)


def claim(conn: Connection, user_id: str, key: str) -> bool:
    """Whether this transaction alone may now act under this user's key; held until it ends, also by a crash."""
    asked = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 20260101))")
    return bool(conn.scalar(asked, {"name": f"{user_id}\n{key}"}))


def find(conn: Connection, user_id: str, key: str) -> RowMapping | None:
    """The answer kept under this key, or None."""
    kept = select(idempotency).where(idempotency.c.user_id == user_id, idempotency.c.key == key)
    return conn.execute(kept).mappings().first()


def keep(
    conn: Connection,
    at: datetime,
    user_id: str,
    key: str,
    request_hash: str,
    status: int,
    headers: dict[str, str],
    body: Any,
) -> None:
    """Keep an answer in the transaction of the change it tells of; this user's answers older than KEPT go."""
    old = (idempotency.c.user_id == user_id) & (idempotency.c.at < at - KEPT)
    conn.execute(delete(idempotency).where(old))
    row = {"request_hash": request_hash, "status": status, "headers": headers, "body": body, "at": at}
    conn.execute(insert(idempotency).values(user_id=user_id, key=key, **row))
