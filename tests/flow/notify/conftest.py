"""A queue and its outbox, channels that a test describes, and receivers that fail when told to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from post_desk import Desk
from receiver import Receiver
from sqlalchemy import Engine
from tests.audit_unlocked import empty_all

from mingjian.content import Content, yamlfile
from mingjian.domain.clock import MovableClock
from mingjian.domain.i18n import set_language
from mingjian.domain.sector import Sector
from mingjian.lake import Lake
from mingjian.run import Run
from mingjian.store import db


@pytest.fixture(scope="module")
def desk_engine(server_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    engine = db.connect(db.create_database(server_url, request.module.__name__))
    db.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def desk(desk_engine: Engine, clock: MovableClock, repo: Path, tmp_path: Path) -> Iterator[Desk]:
    """Nothing sent yet, on Monday 2026-03-02 09:00, with the shipped channels until the test writes its own."""
    sectors = [yamlfile.read(path, Sector) for path in sorted((repo / "sectors").glob("*.yaml"))]
    run = Run(
        as_of=clock.now().date(),
        clock=clock,
        home=tmp_path,
        content=Content(repo, {s.sector: s for s in sectors}, models={}),
        sources={},
        sources_dir=tmp_path,
        lake=Lake(tmp_path / "lake"),
        engine=desk_engine,
    )
    yield Desk(run, clock)
    with desk_engine.begin() as conn:
        empty_all(conn)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real HTTP server on this machine."""
    with Receiver() as made:
        yield made


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """Everything that reaches the log of the whole process, down to DEBUG."""
    root, heard = logging.getLogger(), StringIO()
    handler, level = logging.StreamHandler(heard), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield heard
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def english() -> Iterator[None]:
    set_language("en")
    yield
    set_language(None)
