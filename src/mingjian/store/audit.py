"""The audit log: append-only, each row chained to the one before by SM3, written in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, text

from mingjian.domain.clock import CITY_TZ
from mingjian.store.audit_chain import GENESIS, as_stored, digest
from mingjian.store.audit_check import check
from mingjian.store.tables import audit_log

# One writer at a time, else two rows would follow the same row. Asked for by itself: a statement that waited for
# the lock would still see the log as it was before.
_LOCK = text("SELECT pg_advisory_xact_lock(:k)").bindparams(k=0x4D4A41)
_LAST = select(audit_log.c.id, audit_log.c.hash).order_by(audit_log.c.id.desc()).limit(1)
_APPEND = insert(audit_log)
_HELD = "mingjian.audit"
Held = tuple[datetime, Sequence[dict[str, Any]]]


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
    held: list[Held] | None = conn.info.get(_HELD)
    # What a savepoint undoes must undo its rows as well, so those are never held.
    if held is not None and not conn.in_nested_transaction():
        held.append((at, entries))
        return
    conn.execute(_LOCK)
    last = conn.execute(_LAST).first()
    first, prev = (last.id + 1, last.hash) if last else (1, GENESIS)
    rows = []
    for number, entry in enumerate(entries, start=first):
        detail = as_stored(entry.get("detail") or {})
        row = {**entry, "detail": detail, "id": number, "at": at, "prev_hash": prev}
        prev = digest(row)
        rows.append({**row, "hash": prev})
    conn.execute(_APPEND, rows)


@contextmanager
def at_the_end(conn: Connection) -> Iterator[None]:
    """Hold this block's rows and append them when it ends, in their order, within the same transaction.

    The log has one writer at a time: held until the commit, its lock lets nobody else take a step. Nothing in the block
    may read its own rows; a block that raises leaves none.
    """
    held: list[Held] = []
    conn.info[_HELD] = held
    try:
        yield
    finally:
        del conn.info[_HELD]
    for at, entries in held:
        record_many(conn, at=at, entries=entries)


def verify(conn: Connection) -> int | None:
    """The first row at fault (see `audit_check.check` for all of them), or None when the log is whole."""
    faults = check(conn).faults
    return faults[0].first if faults else None


def page(
    conn: Connection,
    *,
    object_kind: str | None = None,
    object_id: str | None = None,
    actor: str | None = None,
    action: str | None = None,
    day: date | None = None,
    before: int | None = None,
    size: int = 50,
) -> list[RowMapping]:
    """Rows that fit every filter given, newest first, below the id `before`; `day` is one of the city's days."""
    columns = audit_log.c
    wanted = {"object_kind": object_kind, "object_id": object_id, "actor": actor, "action": action}
    where = [columns[name] == value for name, value in wanted.items() if value is not None]
    if day is not None:
        start = datetime(day.year, day.month, day.day, tzinfo=CITY_TZ)
        where += [columns.at >= start, columns.at < start + timedelta(days=1)]
    if before is not None:
        where.append(columns.id < before)
    query = select(audit_log).where(*where).order_by(columns.id.desc()).limit(size)
    return list(conn.execute(query).mappings())
