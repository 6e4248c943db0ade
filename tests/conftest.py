"""Real parts for every test: one PostgreSQL a session (embedded unless named), a savepoint a test, a clock we move."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from mingjian.domain.clock import CITY_TZ, MovableClock
from mingjian.domain.i18n import set_language
from mingjian.store import db, embedded

# Where Spark is installed, importing Great Expectations imports pyspark, which takes a main module without a file and a
# spec (a worker's) for a doctest run, and leaves the process.
if not hasattr(sys.modules["__main__"], "__file__") and sys.modules["__main__"].__spec__ is None:
    sys.modules["__main__"].__spec__ = ModuleSpec("__main__", None)


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An embedded server of this session's own, or the one that MINGJIAN_TEST_DATABASE_URL names.

    `{worker}` in the address stands for pytest's worker: each has a server of its own.
    """
    named = os.environ.get("MINGJIAN_TEST_DATABASE_URL")
    if named:
        yield from _borrowed(named.replace("{worker}", os.environ.get("PYTEST_XDIST_WORKER", "gw0")))
    else:
        yield _embedded(tmp_path_factory)


def _embedded(tmp_path_factory: pytest.TempPathFactory) -> str:
    home = tmp_path_factory.mktemp("pg-home")
    # Registered before the server's own exit hook, so it runs after the server has stopped.
    atexit.register(shutil.rmtree, embedded.data_dir(home), ignore_errors=True)
    return embedded.start(home)


def _borrowed(server_url: str) -> Iterator[str]:
    """A server for tests only: it must hold no databases before, and holds none afterwards."""
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    found = _databases(admin)
    if found:
        pytest.exit(f"MINGJIAN_TEST_DATABASE_URL: not an empty server, it holds {', '.join(found)}", 2)
    yield server_url
    with admin.connect() as conn:
        for name in _databases(admin):
            conn.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


def _databases(admin: Engine) -> list[str]:
    query = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname NOT IN ('postgres', current_database())"
    with admin.connect() as conn:
        return list(conn.execute(text(query)).scalars())


@pytest.fixture(scope="session")
def engine(server_url: str) -> Iterator[Engine]:
    """A migrated database."""
    engine = db.connect(db.create_database(server_url, "test"))
    db.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    """A connection whose work is undone after the test: commits inside become savepoints."""
    with engine.connect() as conn:
        outer = conn.begin()
        yield conn
        outer.rollback()


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """Commands choose a language for their process; the next test begins without one."""
    yield
    set_language(None)


@pytest.fixture
def clock() -> MovableClock:
    """Monday 2026-03-02 09:00 in the city; tests move it."""
    return MovableClock(datetime(2026, 3, 2, 9, tzinfo=CITY_TZ))


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The root of the checkout: content files lie here."""
    return Path(__file__).parents[1]


@pytest.fixture
def repo(repo_root: Path) -> Path:
    """The same, for a single test."""
    return repo_root
