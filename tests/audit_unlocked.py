"""For tests alone: tampering with the audit log, and emptying a database between two tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from mingjian.store.tables import metadata

GUARDED = ("audit_log", "audit_anchor")


@contextmanager
def audit_unlocked(conn: Connection) -> Iterator[Connection]:
    """The audit tables without their triggers, as an owner who means harm would make them."""
    for table in GUARDED:
        conn.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER append_only"))
    yield conn
    for table in GUARDED:
        conn.execute(text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only"))


def empty_all(conn: Connection) -> None:
    """Empty every table of the store."""
    with audit_unlocked(conn):
        conn.execute(text("TRUNCATE " + ", ".join(f'"{t.name}"' for t in metadata.sorted_tables)))
