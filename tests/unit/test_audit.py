"""The audit log is a chain: any change to a row breaks it from there on."""

from sqlalchemy import Connection, text

from mingjian.domain.clock import MovableClock
from mingjian.store import audit


def _three_rows(conn: Connection, clock: MovableClock) -> None:
    for name in ("a", "b", "c"):
        audit.record(conn, at=clock.now(), actor="t", action="change", object_kind="order", object_id=name)


def test_untouched_log_verifies(conn: Connection, clock: MovableClock) -> None:
    _three_rows(conn, clock)
    assert audit.verify(conn) is None


def test_changed_row_is_named(conn: Connection, clock: MovableClock) -> None:
    _three_rows(conn, clock)
    conn.execute(text("UPDATE audit_log SET actor = 'someone else' WHERE id = 2"))
    assert audit.verify(conn) == 2


def test_deleted_row_is_noticed(conn: Connection, clock: MovableClock) -> None:
    _three_rows(conn, clock)
    conn.execute(text("DELETE FROM audit_log WHERE id = 2"))
    assert audit.verify(conn) == 3
