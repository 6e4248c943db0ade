"""Kept answers to writes, by user and key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, insert, select, text

from mingjian.store.tables import idempotency

KEPT = timedelta(days=7)


_CLAIM = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 20260101))")
_i = idempotency.c
_FIND = select(idempotency).where(_i.user_id == bindparam("of_user"), _i.key == bindparam("of_key"))
_OLD = delete(idempotency).where(_i.user_id == bindparam("of_user"), _i.at < bindparam("too_old")).cte("old")
_KEEP = insert(idempotency).add_cte(_OLD)


def claim(conn: Connection, user_id: str, key: str) -> bool:
    """Whether this transaction alone may now act under this user's key; held until it ends, also by a crash."""
    return bool(conn.scalar(_CLAIM, {"name": f"{user_id}\n{key}"}))


def find(conn: Connection, user_id: str, key: str) -> RowMapping | None:
    """The answer kept under this key, or None."""
    return conn.execute(_FIND, {"of_user": user_id, "of_key": key}).mappings().first()


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
    row = {"request_hash": request_hash, "status": status, "headers": headers, "body": body, "at": at}
    conn.execute(_KEEP, {"of_user": user_id, "too_old": at - KEPT, "user_id": user_id, "key": key, **row})
