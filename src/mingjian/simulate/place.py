"""The database of a simulation: its own, marked as such, quick rather than safe, and gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.store import db

MARK = "made by mingjian simulate"
NAME = "mingjian_simulate"


@contextmanager
def own_database(server_url: str, name: str = NAME, *, keep: bool = False) -> Iterator[str]:
    """The URL of an empty, migrated database of this name; dropped afterwards unless it is to be kept.

    What an earlier simulation left under the name is replaced. MingjianError when the name belongs to anything else:
    the city's own database is never touched.
    """
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as conn:
            _make(conn, name)
        url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
        engine = db.connect(url)
        db.upgrade(engine)
        engine.dispose()
        yield url
        if not keep:
            with admin.connect() as conn:
                _drop(conn, name)
    finally:
        admin.dispose()


def _make(conn: Connection, name: str) -> None:
    found = conn.execute(
        text("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = :n"), {"n": name}
    ).first()
    if found is not None and found[0] != MARK:
        raise MingjianError(
            _("数据库 {name} 不是模拟运行所建，不予使用", name=name), hint=_("用 --database 另起一个名字")
        )
    if found is not None:
        _drop(conn, name)
    conn.execute(text(f'CREATE DATABASE "{name}"'))
    conn.execute(text(f"COMMENT ON DATABASE \"{name}\" IS '{MARK}'"))
    conn.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))


def _drop(conn: Connection, name: str) -> None:
    conn.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
