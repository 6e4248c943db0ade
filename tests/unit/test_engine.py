"""The DuckDB engine: helpers, limits, and workers that do not see each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from mingjian.detect import duck
from mingjian.detect import engine as limits
from mingjian.detect.engine import Engine, OutOfMemory, SqlFailed, open_engine
from mingjian.detect.evidence import plain
from mingjian.domain.errors import MingjianError
from mingjian.domain.sector import Table

ENDLESS = "SELECT COUNT(*) AS n FROM range(1000000000) a CROSS JOIN range(1000000000) b"
PEOPLE = Table.model_validate(
    {
        "zh": "人",
        "key": ["id"],
        "columns": {"id": {"type": "text", "zh": "号"}, "born": {"type": "date", "zh": "生"}},
    }
)


@pytest.fixture
def duckdb_engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(tmp_path, threads=2)
    yield made
    made.close()


def one(engine: Engine, expression: str) -> object:
    return engine.rows(f"SELECT {expression} AS x")["x"][0].as_py()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("days_between(DATE '2026-03-01', DATE '2026-02-27')", 2),
        ("hours_between(TIMESTAMP '2026-03-01 12:30:00', DATE '2026-03-01')", 12.5),
        ("regexp_like('燃气费', '水|燃气')", True),
        ("hamming(5, 6)", 2),
        ("hamming(-1, 0)", 64),
        ("key64('a') = key64('a')", True),
        ("key64('a') = key64('b')", False),
        ("key64(CAST(NULL AS STRING)) IS NULL", True),
    ],
)
def test_helpers(duckdb_engine: Engine, expression: str, value: object) -> None:
    assert one(duckdb_engine, expression) == value


@pytest.mark.parametrize("division", ["1 / 0", "1.0 / 0", "CAST(1 AS DOUBLE) / 0", "1 % 0"])
def test_division_by_zero_is_an_error(duckdb_engine: Engine, division: str) -> None:
    with pytest.raises(SqlFailed, match="Division by zero"):
        one(duckdb_engine, division)


def test_null_sorts_first(duckdb_engine: Engine) -> None:
    rows = duckdb_engine.rows("SELECT x FROM (VALUES (1), (NULL), (0)) t(x) ORDER BY x")
    assert rows["x"].to_pylist() == [None, 0, 1]


def test_an_error_tells_its_line(duckdb_engine: Engine) -> None:
    with pytest.raises(SqlFailed, match="no_such") as told:
        duckdb_engine.keep("t", "SELECT 1 AS a,\n  2 AS b,\n  no_such")
    assert told.value.line == 3


def test_workers_share_tables_and_keep_their_own_names(duckdb_engine: Engine) -> None:
    duckdb_engine.empty("people", PEOPLE)
    duckdb_engine.share("few", "SELECT 'a' AS id")
    first, second = duckdb_engine.worker(), duckdb_engine.worker()
    first.put("_hits", pa.table({"id": ["x"]}))
    first.alias("people", "few")
    assert first.rows("SELECT id FROM people")["id"].to_pylist() == ["a"]
    assert second.rows("SELECT id FROM people").num_rows == 0
    with pytest.raises(SqlFailed, match="_hits"):
        second.rows("SELECT * FROM _hits")
    first.close()
    assert second.rows("SELECT id FROM few").num_rows == 1


def test_a_model_that_runs_too_long_is_stopped_and_no_other(
    duckdb_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bystander = duckdb_engine.worker()
    monkeypatch.setattr(limits, "TIME_LIMIT_S", 0.3)
    slow = duckdb_engine.worker()
    with pytest.raises(SqlFailed, match="时限"):
        slow.rows(ENDLESS)
    with pytest.raises(SqlFailed, match="时限"):
        slow.rows("SELECT 1")  # the limit is the model's, not the statement's
    assert bystander.rows("SELECT 1 AS x").num_rows == 1


def test_the_memory_limit_holds_for_all_workers_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duck, "MEMORY_LIMIT", "64MB")
    engine = open_engine(tmp_path)
    with pytest.raises(OutOfMemory, match="64MB"):
        engine.worker().rows("SELECT list(range) FROM range(30000000)")
    assert engine.worker().rows("SELECT 1 AS x").num_rows == 1
    engine.close()


def test_an_unknown_engine_is_named_with_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINGJIAN_ENGINE", "abacus")
    with pytest.raises(MingjianError, match="duckdb、spark"):
        open_engine()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Decimal("5.00"), 5),
        (5.0, 5),
        (5.0000001, 5),
        (Decimal("0.3333333"), 0.333333),
        (float("nan"), None),
        (Decimal("12345678901234567890"), 12345678901234567890),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime.fromisoformat("2026-03-01 08:00"), "2026-03-01 08:00:00"),
        ([1.0, None], [1, None]),
    ],
)
def test_values_are_kept_alike_whatever_type_an_engine_gives(value: object, kept: object) -> None:
    assert repr(plain(value)) == repr(kept)
