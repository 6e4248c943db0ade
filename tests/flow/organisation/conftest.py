"""A city office of our own: a database for each module here, emptied after each test, and files typed in tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from office import Office
from sqlalchemy import Engine
from tests.audit_unlocked import empty_all

from mingjian.domain.clock import MovableClock
from mingjian.store import db


@pytest.fixture(scope="module")
def office_engine(server_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    engine = db.connect(db.create_database(server_url, request.module.__name__.rpartition(".")[2]))
    db.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def office(office_engine: Engine, clock: MovableClock, tmp_path: Path) -> Iterator[Office]:
    """An empty office on Monday 2026-03-02 09:00."""
    yield Office(office_engine, clock, tmp_path)
    with office_engine.begin() as conn:
        empty_all(conn)
