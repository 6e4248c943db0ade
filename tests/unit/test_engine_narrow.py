"""One scan for many rules: shared where it pays, never at the price of a finding."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from mingjian.content import load_content
from mingjian.detect import narrow
from mingjian.detect.cases import run_cases
from mingjian.detect.engine import Engine, open_engine
from mingjian.domain.model import Model
from mingjian.domain.sector import Table

ROOT = Path(__file__).parents[2]
CONTENT = load_content(ROOT)
SPEC: dict[str, Table] = {"payout": CONTENT.tables["payout"]}
ROWS = 10_000


def rule(name: str, condition: str) -> Model:
    base = CONTENT.models["subsidy.deceased_payee"]
    inputs = {"payout": ["payout_id", "person_id", "month"]}
    return base.model_copy(update={"id": name, "inputs": inputs, "narrow": {"payout": condition}})


A = rule("subsidy.a", "person_id IN (SELECT person_id FROM few)")
B = rule("subsidy.b", "amount > :least")
WIDE = rule("subsidy.wide", "amount >= 0")
WRONG = rule("subsidy.wrong", "no_such = 1")
B_SETS = [{"least": 9990}, {"least": 9980}]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(narrow, "LEAST_ROWS", 1000)
    monkeypatch.setattr(narrow, "PROBE_ROWS", ROWS)
    made = open_engine(tmp_path, threads=1)
    columns = {
        "payout_id": pa.array([f"P{i}" for i in range(ROWS)]),
        "person_id": pa.array([f"p{i % 1000}" for i in range(ROWS)]),
        "amount": pa.array(range(ROWS)),
    }
    blank = pa.nulls(ROWS, pa.string())
    made.put("payout", pa.table({c: columns.get(c, blank) for c in SPEC["payout"].columns}))
    made.put("few", pa.table({"person_id": ["p1", "p2"]}))
    yield made
    made.close()


def shared(engine: Engine, *wanted: narrow.Wanted, rows: int = ROWS) -> tuple[dict, list[str]]:
    told: list[str] = []
    stands = narrow.share_scans(
        engine, list(wanted), SPEC, {"payout": rows}, lambda m, e: told.append(f"{m.id}: {e}")
    )
    return dict(stands), told


def test_two_models_get_the_rows_that_either_needs(engine: Engine) -> None:
    stands, told = shared(engine, (A, [{}]), (B, B_SETS))
    assert told == []
    assert stands == {m: {"payout": "payout__needed"} for m in ("subsidy.a", "subsidy.b")}
    kept = engine.rows("SELECT * FROM payout__needed")
    assert kept.num_rows == 20 + 19  # every tenth thousand of two people, and the lower of two thresholds
    assert {"payout_id", "person_id", "month"} <= set(kept.column_names)
    assert "operator_id" not in kept.column_names


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        ([(A, [{}])], ROWS),  # nobody to share with
        ([(A, [{}]), (WIDE, [{}])], ROWS),  # one of the two needs nearly all
        ([(A, [{}]), (B, B_SETS)], 999),  # a small table
    ],
)
def test_what_does_not_pay_is_not_shared(engine: Engine, wanted: list[narrow.Wanted], rows: int) -> None:
    assert shared(engine, *wanted, rows=rows) == ({}, [])


def test_a_wrong_condition_costs_the_sharing_and_is_told(engine: Engine) -> None:
    stands, told = shared(engine, (A, [{}]), (B, B_SETS), (WRONG, [{}]))
    assert set(stands) == {"subsidy.a", "subsidy.b"}
    assert len(told) == 1
    assert told[0].startswith("subsidy.wrong: ")
    assert "no_such" in told[0]


def test_a_condition_that_leaves_out_needed_rows_fails_the_models_own_cases() -> None:
    model = CONTENT.models["subsidy.deceased_payee"]
    good = model.model_copy(
        update={"narrow": {"payout": "person_id IN (SELECT person_id FROM death_record)"}}
    )
    assert [p for r in run_cases(CONTENT, good) for p in r.problems] == []
    bad = model.model_copy(update={"narrow": {"payout": "amount < 3000"}})
    problems = [p for r in run_cases(CONTENT, bad) for p in r.problems]
    assert len(problems) == 1
    assert "F_big_amount" in problems[0]
