"""Migrations and `store.tables` say the same, and the way back is open."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from mingjian.store import db
from mingjian.store.tables import metadata


def test_migrated_schema_is_that_of_the_tables(server_url: str) -> None:
    engine = db.connect(db.create_database(server_url, "migrations_up"))
    db.upgrade(engine)
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_downgrade_leaves_nothing_behind(server_url: str) -> None:
    engine = db.connect(db.create_database(server_url, "migrations_down"))
    db.upgrade(engine)
    config = Config()
    config.set_main_option("script_location", str(db.MIGRATIONS))
    with engine.begin() as conn:
        config.attributes["connection"] = conn
        command.downgrade(config, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()
