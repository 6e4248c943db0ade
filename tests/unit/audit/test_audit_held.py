"""Rows of a block are appended when it ends: the log's lock is free while the work is done."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, func, select, text

from mingjian.domain.clock import MovableClock
from mingjian.store import audit
from mingjian.store.tables import audit_log


def record(conn: Connection, clock: MovableClock, id: str) -> None:
    audit.record(conn, at=clock.now(), actor="wang", action="sign", object_kind="warning", object_id=id)


def written(conn: Connection) -> list[str]:
    return list(conn.scalars(select(audit_log.c.object_id).order_by(audit_log.c.id)))


def is_locked(engine: Engine) -> bool:
    with engine.begin() as other:
        return not other.scalar(text("SELECT pg_try_advisory_xact_lock(:k)"), {"k": 0x4D4A41})


def test_rows_come_at_the_end_and_in_their_order(conn: Connection, clock: MovableClock) -> None:
    with audit.at_the_end(conn):
        record(conn, clock, "A1")
        record(conn, clock, "A2")
        assert written(conn) == []
    record(conn, clock, "A3")
    assert written(conn) == ["A1", "A2", "A3"]
    assert audit.verify(conn) is None


def test_the_lock_is_free_until_then(conn: Connection, engine: Engine, clock: MovableClock) -> None:
    with audit.at_the_end(conn):
        record(conn, clock, "A1")
        assert not is_locked(engine)
    assert is_locked(engine)


def test_a_block_that_fails_leaves_no_row(conn: Connection, clock: MovableClock) -> None:
    def fail() -> None:
        with audit.at_the_end(conn):
            record(conn, clock, "A1")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    record(conn, clock, "A2")
    assert written(conn) == ["A2"]


def test_a_savepoint_undoes_its_own_rows_alone(conn: Connection, clock: MovableClock) -> None:
    with audit.at_the_end(conn):
        record(conn, clock, "A1")
        inner = conn.begin_nested()
        record(conn, clock, "A2")
        inner.rollback()
        with conn.begin_nested():
            record(conn, clock, "A3")
    assert written(conn) == ["A3", "A1"]
    assert conn.scalar(select(func.count()).select_from(audit_log)) == 2
