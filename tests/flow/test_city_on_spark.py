"""The sample city on both engines: whatever DuckDB finds, Spark finds, to the digest, and nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from mingjian import flow
from mingjian.detect.engine import open_engine
from mingjian.detect.evaluate import findings_of
from mingjian.detect.plan import plans
from mingjian.detect.tables import show
from mingjian.domain.finding import digest
from mingjian.run import Run, open_run
from mingjian.sample import build_city
from mingjian.sample.attach import city_services
from mingjian.store import db
from tests.flow.conftest import AS_OF

pytestmark = pytest.mark.spark


@pytest.fixture
def run(tmp_path: Path, server_url: str, repo_root: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A made-up city of ten thousand, walked through the gate."""
    monkeypatch.setenv("MINGJIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MINGJIAN_DATABASE_URL", db.create_database(server_url, "spark_city"))
    monkeypatch.setenv("MINGJIAN_CONTENT", str(repo_root))
    build_city(tmp_path / "city", 10_000, 11, AS_OF)
    made = open_run(tmp_path / "city")
    with city_services(made.sources_dir):
        assert [d.error for d in flow.walk(made, flow.sectors_of(made)) if d.error] == []
    return made


def found(run: Run) -> dict[str, Counter[str]]:
    """Digests of all findings by model, on the engine that the environment names."""
    with run.engine.connect() as conn:
        planned = [p for p in plans(conn, run.content, _running(run), run.as_of) if p.lake]
    engine = open_engine(spill=run.home / "spill", threads=2)
    seen = {}
    try:
        for plan in planned:
            show(engine, run.lake, run.content.tables, plan.lake, plan.absent)
            hits = findings_of(engine, plan.model, run.content.tables, run.as_of, plan.lake)
            seen[plan.model.id] = Counter(digest(f) for f in hits)
    finally:
        engine.close()
    return seen


def _running(run: Run) -> list:
    return [m for sector in run.content.sectors for m in run.content.models_of(sector)]


def test_both_engines_find_the_same_in_a_whole_city(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    on_duckdb = found(run)
    assert sum(map(bool, on_duckdb.values())) >= 50
    monkeypatch.setenv("MINGJIAN_ENGINE", "spark")
    on_spark = found(run)
    assert {m for m in on_duckdb if on_duckdb[m] != on_spark[m]} == set()
