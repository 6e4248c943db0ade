"""Transactions that are run again: when the connection breaks or another was first, and for nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from mingjian.store.retry import in_transaction


def cut_off(conn: Connection) -> None:
    """End this connection from outside, as a server does that is shut down."""
    pid = conn.scalar(text("SELECT pg_backend_pid()"))
    with conn.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    conn.execute(text("SELECT 1"))


def test_a_broken_connection_is_met_with_the_whole_work_again(engine: Engine) -> None:
    tries: list[int] = []

    def work(conn: Connection) -> int:
        tries.append(1)
        conn.execute(text("CREATE TEMP TABLE half_done (n int) ON COMMIT DROP"))
        if len(tries) < 3:
            cut_off(conn)
        return len(tries)

    assert in_transaction(engine, work) == 3


@pytest.mark.parametrize("code", ["40001", "40P01", "57P01", "57P03", "08006"])
def test_a_passing_failure_is_tried_again(engine: Engine, code: str) -> None:
    tries: list[int] = []

    def work(conn: Connection) -> None:
        tries.append(1)
        if len(tries) == 1:
            conn.execute(text(f"DO $$ BEGIN RAISE 'for now' USING ERRCODE = '{code}'; END $$"))

    in_transaction(engine, work)
    assert len(tries) == 2


@pytest.mark.parametrize("code", ["23505", "42601", "53100"], ids=["duplicate", "syntax", "disk full"])
def test_any_other_failure_is_raised_at_once(engine: Engine, code: str) -> None:
    tries: list[int] = []

    def work(conn: Connection) -> None:
        tries.append(1)
        conn.execute(text(f"DO $$ BEGIN RAISE 'for good' USING ERRCODE = '{code}'; END $$"))

    with pytest.raises(DBAPIError):
        in_transaction(engine, work)
    assert len(tries) == 1


def test_patience_ends(engine: Engine) -> None:
    with pytest.raises(DBAPIError) as raised:
        in_transaction(engine, cut_off, patience_s=0)
    assert not isinstance(raised.value, IntegrityError)
