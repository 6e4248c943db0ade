"""Real parts for every test: one embedded PostgreSQL a session, a savepoint a test, a clock we move."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from mingjian.domain.clock import CITY_TZ, MovableClock
from mingjian.store import db, embedded


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An embedded server of this session's own."""
    home = tmp_path_factory.mktemp("pg-home")
    # Registered before the server's own exit hook, so it runs after the server has stopped.
    atexit.register(shutil.rmtree, embedded.data_dir(home), ignore_errors=True)
    return embedded.start(home)


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
