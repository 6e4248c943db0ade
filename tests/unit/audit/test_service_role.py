"""What the service's own login may do to the audit tables: read and append, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from mingjian.domain.clock import MovableClock
from mingjian.store import anchors, audit, db
from mingjian.store.db import StoreError
from mingjian.store.tables import audit_anchor, audit_log, feed

LOGIN = "audit_test_login"
FORBIDDEN = [
    statement.format(table=table)
    for table in ("audit_log", "audit_anchor")
    for statement in (
        "UPDATE {table} SET hash = ''",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "DROP TABLE {table}",
        "ALTER TABLE {table} DISABLE TRIGGER append_only",
        "ALTER TABLE {table} RENAME TO gone",
        "DROP TRIGGER append_only ON {table}",
        "CREATE RULE quiet AS ON INSERT TO {table} DO INSTEAD NOTHING",
        "ALTER TABLE {table} OWNER TO " + LOGIN,
        "GRANT UPDATE ON {table} TO " + LOGIN + "; UPDATE {table} SET hash = ''",
        "SELECT * FROM {table} FOR UPDATE",
    )
] + [
    "DROP FUNCTION audit_is_append_only() CASCADE",
    "CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "SET session_replication_role = replica",
    "UPDATE alembic_version SET version_num = '0001'",
    "DROP SCHEMA public CASCADE",
]


@pytest.fixture(scope="module")
def service(server_url: str) -> Iterator[Engine]:
    """The service's engine: a login that holds `mingjian_service` on a database owned by another."""
    url = db.create_database(server_url, "service_role")
    owner = db.connect(url)
    db.upgrade(owner)
    db.grant_service(owner)
    db.grant_service(owner)  # again, as after each upgrade
    with owner.begin() as conn:
        conn.execute(text(f"CREATE ROLE {LOGIN} LOGIN IN ROLE mingjian_service"))
    engine = db.connect(make_url(url).set(username=LOGIN).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with owner.begin() as conn:
        conn.execute(text(f"DROP ROLE {LOGIN}"))
    owner.dispose()


def append(conn: Connection, clock: MovableClock) -> None:
    audit.record(conn, at=clock.now(), actor="t", action="change", object_kind="order", object_id="1")


def test_the_service_appends_anchors_and_verifies(service: Engine, clock: MovableClock) -> None:
    with service.connect() as conn:
        assert conn.scalar(text("SELECT current_user")) == LOGIN
        append(conn, clock)
        assert anchors.make(conn, clock.now()) is not None
        assert audit.verify(conn) is None
        assert len(conn.execute(select(audit_log)).all()) == 2
        assert len(conn.execute(select(audit_anchor)).all()) == 1


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_service_is_refused_every_other_thing(service: Engine, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner|append-only"),
        service.begin() as conn,
    ):
        conn.execute(text(statement))


def test_the_service_works_on_the_other_tables_and_reads_the_views(service: Engine) -> None:
    with service.connect() as conn:
        conn.execute(feed.delete())
        conn.execute(text("SELECT * FROM dash.districts"))
        conn.execute(text("SET LOCAL ROLE mingjian_dash"))


def test_the_service_finds_a_ready_schema_ready_and_an_old_one_in_words(
    service: Engine, server_url: str
) -> None:
    db.upgrade(service)
    old = db.create_database(server_url, "service_role_old")
    login = db.connect(make_url(old).set(username=LOGIN).render_as_string(hide_password=False))
    with pytest.raises(StoreError, match="无权升级"):
        db.upgrade(login)
    with pytest.raises(StoreError, match="不能授权"):
        db.grant_service(service)
    login.dispose()


@pytest.mark.parametrize("table", ["audit_log", "audit_anchor"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET hash = ''", "DELETE FROM {}", "TRUNCATE {}"])
def test_even_the_owner_is_refused_while_the_triggers_stand(
    conn: Connection, table: str, statement: str
) -> None:
    with pytest.raises(ProgrammingError, match=f"{table} is append-only"), conn.begin_nested():
        conn.execute(text(statement.format(table)))
