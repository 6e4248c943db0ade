"""A run on a fresh database and lake for each test of the pull."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pull_city import City, payout_source
from sqlalchemy import Engine, delete

from mingjian.content import Content, yamlfile
from mingjian.domain.clock import MovableClock
from mingjian.domain.sector import Sector
from mingjian.lake import Lake
from mingjian.run import Run
from mingjian.store import db
from mingjian.store.tables import feed, quarantine


@pytest.fixture(scope="session")
def content(request: pytest.FixtureRequest) -> Content:
    """The checkout's own tables; the pull knows no models."""
    root = request.config.rootpath
    sectors = [yamlfile.read(path, Sector) for path in sorted((root / "sectors").glob("*.yaml"))]
    return Content(root, {s.sector: s for s in sectors}, {})


@pytest.fixture(scope="module")
def store(server_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database of this test module's own."""
    engine = db.connect(db.create_database(server_url, request.module.__name__.rsplit(".", 1)[-1]))
    db.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def city(
    store: Engine, clock: MovableClock, content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[City]:
    """An empty city with the payout source; its store rows are gone after the test."""
    monkeypatch.delenv("MINGJIAN_HASH_KEY", raising=False)
    said: list[str] = []
    run = Run(
        as_of=date(2026, 3, 2),
        clock=clock,
        home=tmp_path / "home",
        content=content,
        sources={"payouts": payout_source()},
        sources_dir=tmp_path / "city",
        lake=Lake(tmp_path / "lake"),
        engine=store,
        say=said.append,
    )
    yield City(run, said)
    with store.begin() as conn:
        conn.execute(delete(feed))
        conn.execute(delete(quarantine))
