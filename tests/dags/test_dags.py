"""The DAG files: they import fast, hold wiring only, and every task may be run again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mingjian import airflow_env, flow
from mingjian.store import db
from mingjian.store.tables import supervision_order, warning
from tests.flow.conftest import AS_OF, TinyCity, tiny_city

DAGS = ["network", "realty", "refit", "subsidy", "supervise", "utility"]

# Airflow reads its settings when it is first imported, so each test has a process of its own.
LOAD = """
import json, sys, time
import airflow.sdk, airflow.dag_processing.dagbag
from airflow.dag_processing.dagbag import DagBag
import mingjian.orchestrate
bag = DagBag(dag_folder=sys.argv[1])
print(json.dumps({
    "errors": bag.import_errors,
    "seconds": {stat.file: stat.duration.total_seconds() for stat in bag.dagbag_stats},
    "tasks": {d: sorted(t.task_id for t in dag.tasks) for d, dag in bag.dags.items()},
}))
"""
RUN = """
import sys
from datetime import date
from mingjian import orchestrate
ok = orchestrate.run_dags(sys.argv[2].split(","), sys.argv[1], date.fromisoformat(sys.argv[3]))
sys.exit(0 if ok else 3)
"""


def python(code: str, *args: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the code as a file: some libraries look for the main module's own."""
    with tempfile.TemporaryDirectory() as folder:
        child = Path(folder) / "child.py"
        child.write_text(code, encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-W", "ignore", str(child), *args],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=600,
        )


@pytest.fixture(scope="module")
def airflow_home(
    tmp_path_factory: pytest.TempPathFactory, server_url: str, repo_root: Path
) -> dict[str, str]:
    """Settings of a migrated Airflow beside a tiny city's home."""
    home = tmp_path_factory.mktemp("airflow-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINGJIAN_CONTENT", str(repo_root))
        patch.setenv("MINGJIAN_AIRFLOW_DATABASE_URL", db.create_database(server_url, "airflow_test"))
        for name in ("AIRFLOW_HOME",):
            patch.setenv(name, str(home / "airflow"))
        before = dict(os.environ)
        settings = airflow_env.prepare(home, home / "city")
        os.environ.clear()
        os.environ.update(before)
    return settings


@pytest.fixture(scope="module")
def loaded(airflow_home: dict[str, str], repo_root: Path) -> dict:
    done = python(LOAD, str(repo_root / "dags"), env=airflow_home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_every_dag_file_loads(loaded: dict) -> None:
    assert loaded["errors"] == {}
    assert sorted(loaded["tasks"]) == DAGS


def test_each_file_imports_in_under_a_second(loaded: dict) -> None:
    assert {file: s for file, s in loaded["seconds"].items() if s >= 1.0} == {}


def test_a_dag_walks_the_same_list_as_the_command_line(loaded: dict) -> None:
    path = {stage.name for stage in flow.PATH}
    tail = {stage.name for stage in flow.TAIL}
    for dag in ("subsidy", "realty", "utility", "network"):
        assert set(loaded["tasks"][dag]) == path | {f"{name}_keys" for name in path}
    assert {t for t in loaded["tasks"]["supervise"] if not t.endswith("_keys")} == path | tail


def test_dag_files_are_wiring_only(repo_root: Path) -> None:
    for path in (repo_root / "dags").glob("*.py"):
        text = path.read_text()
        assert len(text.splitlines()) <= 15
        assert "dag" in text.lower()
        assert "airflow" in text.lower()


@pytest.fixture
def dag_city(tmp_path: Path, server_url: str, repo_root: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    with tiny_city(tmp_path, server_url, repo_root, monkeypatch) as city:
        yield city


def test_airflow_runs_the_path_and_a_second_run_adds_nothing(
    dag_city: TinyCity, airflow_home: dict[str, str], repo_root: Path
) -> None:
    env = airflow_home | {
        "MINGJIAN_HOME": str(dag_city.home),
        "MINGJIAN_SOURCES": str(dag_city.folder),
        "MINGJIAN_DATABASE_URL": os.environ["MINGJIAN_DATABASE_URL"],
    }
    counts = []
    for _attempt in range(2):
        done = python(RUN, str(repo_root / "dags"), "subsidy,supervise", AS_OF.isoformat(), env=env)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        with dag_city.open().engine.connect() as conn:
            counts.append(
                [
                    conn.execute(select(func.count()).select_from(table)).scalar_one()
                    for table in (warning, supervision_order)
                ]
            )
    assert counts[0] == counts[1] == [2, 1]
