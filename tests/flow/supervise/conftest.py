"""A queue of our own: a database for each module here, emptied after each test, and a run over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from supervise_queue import Queue
from tests.audit_unlocked import empty_all

from mingjian.content import Content, yamlfile
from mingjian.domain.clock import MovableClock
from mingjian.domain.sector import Sector
from mingjian.lake import Lake
from mingjian.run import Run
from mingjian.store import db


@pytest.fixture(scope="module")
def queue_engine(server_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    engine = db.connect(db.create_database(server_url, request.module.__name__))
    db.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def queue(queue_engine: Engine, clock: MovableClock, repo: Path, tmp_path: Path) -> Iterator[Queue]:
    """An empty queue on Monday 2026-03-02 09:00 with the real sector manifests."""
    sectors = [yamlfile.read(path, Sector) for path in sorted((repo / "sectors").glob("*.yaml"))]
    content = Content(repo, {s.sector: s for s in sectors}, models={})
    run = Run(
        as_of=clock.now().date(),
        clock=clock,
        home=tmp_path,
        content=content,
        sources={},
        sources_dir=tmp_path,
        lake=Lake(tmp_path / "lake"),
        engine=queue_engine,
    )
    yield Queue(run, clock)
    with queue_engine.begin() as conn:
        empty_all(conn)
