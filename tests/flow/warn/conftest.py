"""A desk of our own: a database for each module here, emptied after each test, and a run over it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.audit_unlocked import empty_all
from warn_desk import Desk

from mingjian.content import Content, yamlfile
from mingjian.domain.clock import CITY_TZ, MovableClock
from mingjian.domain.model import Model
from mingjian.domain.sector import Sector
from mingjian.lake import Lake
from mingjian.run import Run
from mingjian.store import db

STRENGTH = {"subsidy.strong": [], "subsidy.weak": ["subsidy.strong"], "subsidy.other": []}


@pytest.fixture(scope="module")
def desk_engine(server_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    engine = db.connect(db.create_database(server_url, request.module.__name__))
    db.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def desk(desk_engine: Engine, repo: Path, tmp_path: Path) -> Iterator[Desk]:
    """An empty desk on Monday 2026-03-02 with the real sector manifests and three models of our own."""
    sectors = [yamlfile.read(path, Sector) for path in sorted((repo / "sectors").glob("*.yaml"))]
    like = yamlfile.read(repo / "rules/subsidy/deceased_payee.yaml", Model)
    subject = like.subject.model_copy(update={"kind": "project"})
    said = {"zh": "见到了", "en": "seen"}
    models = {
        name: like.model_copy(
            update={"id": name, "inhibited_by": above, "subject": subject, "explanation": said}
        )
        for name, above in STRENGTH.items()
    }
    clock = MovableClock(datetime(2026, 3, 2, 9, tzinfo=CITY_TZ))
    run = Run(
        as_of=clock.now().date(),
        clock=clock,
        home=tmp_path,
        content=Content(repo, {s.sector: s for s in sectors}, models=models),
        sources={},
        sources_dir=tmp_path,
        lake=Lake(tmp_path / "lake"),
        engine=desk_engine,
    )
    yield Desk(run)
    with desk_engine.begin() as conn:
        empty_all(conn)
