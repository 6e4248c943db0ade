"""Every model's cases on both engines: the same rows must give the same findings, to the digest."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pyarrow as pa
import pytest

from mingjian.content import load_content
from mingjian.detect import engine as limits
from mingjian.detect import java
from mingjian.detect.cases import CaseResult, run_cases
from mingjian.detect.engine import SqlFailed, open_engine
from mingjian.domain.finding import digest

pytestmark = pytest.mark.spark
CONTENT = load_content(Path(__file__).parents[2])


@pytest.fixture
def spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the engine is Spark; its one session is started by the first test and kept."""
    monkeypatch.setenv("MINGJIAN_ENGINE", "spark")


def told(results: list[CaseResult]) -> list[tuple[str, list[str], list[str]]]:
    return [(r.case, r.problems, [digest(f) for f in r.findings]) for r in results]


@pytest.mark.parametrize("model_id", sorted(CONTENT.models))
def test_a_model_finds_the_same_on_spark_as_on_duckdb(model_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = CONTENT.models[model_id]
    on_duckdb = told(run_cases(CONTENT, model))
    monkeypatch.setenv("MINGJIAN_ENGINE", "spark")
    assert told(run_cases(CONTENT, model)) == on_duckdb


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("days_between(DATE '2026-03-01', DATE '2026-02-27')", 2),
        ("hours_between(TIMESTAMP '2026-03-01 12:30:00', DATE '2026-03-01')", 12.5),
        ("regexp_like('燃气费', '水|燃气')", True),
        (r"regexp_like('号12', '\d+')", True),
        ("'it''s'", "it's"),
        ("hamming(5, 6)", 2),
        ("hamming(-1, 0)", 64),
    ],
)
def test_helpers_and_texts_mean_the_same(
    spark: None, monkeypatch: pytest.MonkeyPatch, expression: str, value: object
) -> None:
    assert open_engine(threads=1).rows(f"SELECT {expression} AS x")["x"][0].as_py() == value
    monkeypatch.setenv("MINGJIAN_ENGINE", "duckdb")
    assert open_engine(threads=1).rows(f"SELECT {expression} AS x")["x"][0].as_py() == value


def test_division_by_zero_is_an_error(spark: None) -> None:
    with pytest.raises(SqlFailed, match="Division by zero") as failed:
        open_engine(threads=1).keep("t", "SELECT 1 AS a,\n  a / (a - 1) AS b FROM (SELECT 1 AS a) x")
    assert "NULLIF" in failed.value.hint


def test_an_error_tells_its_line(spark: None) -> None:
    with pytest.raises(SqlFailed, match="no_such") as failed:
        open_engine(threads=1).rows("SELECT 1 AS a,\n  no_such")
    assert failed.value.line == 2


def test_an_endless_query_is_stopped_and_the_next_one_runs(
    spark: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TIME_LIMIT_S", 2.0)
    engine = open_engine(threads=1)
    with pytest.raises(SqlFailed, match="时限"):
        engine.worker().rows(
            "SELECT SUM(hash(a.id, b.id)) FROM range(10000000) a CROSS JOIN range(10000000) b"
        )
    assert engine.rows("SELECT 1 AS x").num_rows == 1


def test_a_workers_names_go_when_it_closes(spark: None) -> None:
    engine = open_engine(threads=1)
    engine.put("people", pa.table({"id": ["a", "b"]}))
    engine.share("few", "SELECT * FROM people WHERE id = 'a'")
    worker = engine.worker()
    worker.alias("people", "few")
    assert worker.rows("SELECT * FROM people").num_rows == 1
    worker.close()
    assert engine.rows("SELECT * FROM people").num_rows == 2
    engine.close()
    with pytest.raises(SqlFailed):
        engine.rows("SELECT * FROM people")


def test_a_machine_without_java_gets_one_that_takes_sparks_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java.shutil, "which", lambda _name: None)
    java.prepare(tmp_path)
    asked = [f"{os.environ['JAVA_HOME']}/bin/java", "--add-modules=jdk.incubator.vector", "-version"]
    monkeypatch.delenv("JAVA_HOME")
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stderr
    assert said.startswith("openjdk version")
