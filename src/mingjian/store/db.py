"""Connections: the embedded server by default, another PostgreSQL by MINGJIAN_DATABASE_URL."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.store import embedded

MIGRATIONS = Path(__file__).parent / "migrations"
SERVICE_ROLE = Path(__file__).parent / "sql" / "service_role.sql"


class StoreError(MingjianError):
    """The database cannot be used as it is."""


def database_url(home: Path) -> str:
    """MINGJIAN_DATABASE_URL, else the embedded server's `mingjian` database (made when missing)."""
    named = os.environ.get("MINGJIAN_DATABASE_URL")
    if named:
        return named
    return create_database(embedded.start(home), "mingjian")


def create_database(server_url: str, name: str) -> str:
    """Make database `name` on this server unless it is there; returns its URL."""
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        found = conn.execute(text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": name}).scalar()
        if not found:
            conn.execute(text(f'CREATE DATABASE "{name}"'))
    admin.dispose()
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def open_store(home: Path) -> Engine:
    """An engine on the city's database, migrated to the newest version."""
    engine = connect(database_url(home))
    upgrade(engine)
    return engine


def connect(url: str) -> Engine:
    """An engine with the pool this service uses."""
    patience = {
        "connect_timeout": 5
    }  # seconds; without it a server that is switched off holds a probe for minutes
    return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=10, connect_args=patience)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to `revision` (Alembic); does nothing when it is already there.

    Raises StoreError when the login may not change the schema.
    """
    config = _config()
    try:
        with engine.begin() as conn:
            config.attributes["connection"] = conn
            command.upgrade(config, revision)
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise StoreError(
            _("数据库结构不是本程序的版本,当前账号无权升级"),
            hint=_("以数据库所有者的账号运行 mingjian db upgrade 与 mingjian db grants"),
        ) from error


def grant_service(engine: Engine) -> None:
    """Give the role `mingjian_service` its rights (sql/service_role.sql): of the audit tables, to read and append.

    The login must own the tables; raises StoreError when it does not, or may not create the role.
    """
    try:
        with engine.begin() as conn:
            conn.exec_driver_sql(SERVICE_ROLE.read_text(encoding="utf-8"))
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise StoreError(
            _("当前账号不能授权:{error}", error=str(error.orig).splitlines()[0]),
            hint=_("以数据库所有者的账号运行;角色 mingjian_service 可请管理员先建(CREATE ROLE … NOLOGIN)"),
        ) from error


def revision_of(conn: Connection) -> str | None:
    """The revision the schema stands at, or None for an empty database."""
    return MigrationContext.configure(conn).get_current_revision()


def knows(revision: str) -> bool:
    """Whether this program has the migrations that lead to this revision."""
    return revision in {found.revision for found in _script().walk_revisions()}


def bring_to(conn: Connection, revision: str) -> None:
    """Bring the schema up or down to a revision that is known, within this connection's transaction."""
    now = revision_of(conn)
    if now == revision:
        return
    config = _config()
    config.attributes["connection"] = conn
    below = {found.revision for found in _script().iterate_revisions(now, "base")} if now else set()
    (command.downgrade if revision in below else command.upgrade)(config, revision)


@cache
def head() -> str:
    """The newest revision this program knows."""
    return str(_script().get_current_head())


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
