"""The database of a simulation: its own, marked as such, quick rather than safe, and gone afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.store import db, embedded

MARK = "made by mingjian simulate"
NAME = "mingjian_simulate"


def server_url(home: Path) -> str:
    """The cluster that the city's store lies in: that of MINGJIAN_DATABASE_URL, else the embedded one of this home."""
    home.mkdir(parents=True, exist_ok=True)
    return os.environ.get("MINGJIAN_DATABASE_URL") or embedded.start(home)


@contextmanager
def own_home(home: Path) -> Iterator[Path]:
    """A folder for the run's keys and files, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="simulate-", dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def kept_database(server_url: str, name: str = NAME) -> str:
    """The URL of a database that an earlier simulation kept; MingjianError when there is none."""
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        mark = _mark(conn, name)
    admin.dispose()
    if mark != MARK:
        raise MingjianError(_("没有保留下来的模拟数据库 {name}", name=name), hint=_("先用 --keep 运行一次"))
    return _url(server_url, name)


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
        url = _url(server_url, name)
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
    mark = _mark(conn, name)
    if mark is not None and mark != MARK:
        raise MingjianError(
            _("数据库 {name} 不是模拟运行所建，不予使用", name=name), hint=_("用 --database 另起一个名字")
        )
    if mark is not None:
        _drop(conn, name)
    conn.execute(text(f'CREATE DATABASE "{name}"'))
    conn.execute(text(f"COMMENT ON DATABASE \"{name}\" IS '{MARK}'"))
    conn.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))


def _mark(conn: Connection, name: str) -> str | None:
    """What is said of the database of this name; empty when nothing is, None when there is none."""
    said = text(
        "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = :n"
    )
    return conn.scalar(said, {"n": name})


def _url(server_url: str, name: str) -> str:
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def _drop(conn: Connection, name: str) -> None:
    conn.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
