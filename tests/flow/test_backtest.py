"""Backtest: past weeks with no look-ahead, from snapshots or read back from a later one; two sets of values."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from mingjian import flow
from mingjian.backtest import backtest, compare
from mingjian.backtest.past import past_rows
from mingjian.cli.main import app
from mingjian.detect.engine import open_engine
from mingjian.domain.errors import MingjianError
from mingjian.domain.sector import Column, History, Table
from mingjian.domain.warning import WarningState
from mingjian.run import Run
from mingjian.store.tables import warning
from tests.flow.conftest import AS_OF, TinyCity

MODEL = "subsidy.deceased_payee"
APRIL, MAY, JUNE = date(2026, 4, 6), date(2026, 5, 4), date(2026, 6, 8)


@pytest.fixture
def run(city: TinyCity) -> Run:
    made = city.open()
    assert [d.error for d in flow.walk(made, ["subsidy"]) if d.error] == []
    return made


def test_a_payment_is_not_seen_before_it_was_made(run: Run) -> None:
    """Two people are hit from March on; the third month of one comes on 10 May."""
    outcome = backtest(run, run.content.model(MODEL), APRIL, JUNE)
    by_day = {w.day: (w.hits, w.new) for w in outcome.weeks}
    assert by_day[APRIL] == (2, 2)
    assert by_day[JUNE] == (2, 0)
    assert len(outcome.weeks) == 10
    at_first = backtest(run, run.content.model(MODEL), APRIL, APRIL)
    assert at_first.weeks[0].by_level == {"高": 0, "中": 0, "低": 2}
    at_last = backtest(run, run.content.model(MODEL), JUNE, JUNE)
    assert at_last.weeks[0].by_level == {"高": 1, "中": 0, "低": 1}


def test_a_death_recorded_later_was_not_known(city: TinyCity) -> None:
    deaths = (city.folder / "deaths.csv").read_text(encoding="utf-8").splitlines()
    head, *rows = deaths
    city.write("deaths.csv", "\n".join([head + ",登记日期", *[f"{r},2026-05-01" for r in rows]]) + "\n")
    source = (city.folder / "sources/deaths.yaml").read_text(encoding="utf-8")
    city.write("sources/deaths.yaml", source + "  recorded_date: {from: 登记日期, type: date}\n")
    run = city.open()
    assert [d.error for d in flow.walk(run, ["subsidy"]) if d.error] == []
    outcome = backtest(run, run.content.model(MODEL), APRIL, MAY)
    assert [w.hits for w in outcome.weeks] == [0, 0, 0, 0, 2]


def test_a_real_snapshot_goes_before_what_is_read_back(city: TinyCity) -> None:
    early = city.open(date(2026, 5, 1))
    list(flow.walk(early, ["subsidy"]))
    city.write("deaths.csv", "编号,身份证号,死亡日期,来源\n")
    late = city.open(AS_OF)
    list(flow.walk(late, ["subsidy"]))
    outcome = backtest(late, late.content.model(MODEL), MAY, MAY)
    assert outcome.weeks[0].hits == 2


def test_a_day_that_cannot_be_had_says_why(run: Run) -> None:
    model = run.content.model("subsidy.review_overdue")  # its register overwrites the day of the last review
    with pytest.raises(MingjianError, match="eligibility"):
        backtest(run, model, APRIL, MAY)


def test_days_in_the_wrong_order_are_refused(run: Run) -> None:
    with pytest.raises(MingjianError, match="2026-04-06"):
        backtest(run, run.content.model(MODEL), MAY, APRIL)


def test_two_sets_of_values_are_compared(run: Run) -> None:
    found = compare(run, run.content.model(MODEL), JUNE, JUNE, {}, {"grace_months": 2})
    assert (found.both, found.only_first, found.only_second) == (1, 1, 0)


def test_verdicts_give_a_precision_with_its_interval(run: Run) -> None:
    with run.engine.begin() as conn:
        mine = warning.c.model == MODEL
        confirmed = WarningState.CONFIRMED.value
        conn.execute(update(warning).where(mine, warning.c.level == "高").values(status=confirmed))
        conn.execute(
            update(warning).where(mine, warning.c.level == "低").values(status=WarningState.CLOSED_FP.value)
        )
    known = backtest(run, run.content.model(MODEL), JUNE, JUNE).precision
    assert known is not None
    assert (known.confirmed, known.rejected, known.precision) == (1, 1, 0.5)
    assert known.low == pytest.approx(0.0945, abs=1e-3)  # Wilson 95 % for 1 of 2
    assert known.high == pytest.approx(0.9055, abs=1e-3)


def test_alerts_by_unit_leave_out_what_stood_before(city: TinyCity) -> None:
    run = city.open()
    list(flow.walk(run, ["subsidy"]))
    outcome = backtest(run, run.content.model(MODEL), date(2026, 3, 2), date(2026, 3, 16))
    assert [(load.unit, load.per_week, load.most) for load in outcome.load] == [("X", 1.0, 2)]


def test_the_command_prints_a_table_and_json(city: TinyCity) -> None:
    list(flow.walk(city.open(), ["subsidy"]))
    words = ["backtest", MODEL, "--from", "2026-06-08", "--to", "2026-06-15", "--sources", str(city.folder)]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0, said.output
    assert "2026-06-08" in said.output
    told = json.loads(CliRunner().invoke(app, [*words, "--against", "grace_months=2", "--json"]).output)
    assert (told["both"], told["only_first"]) == (1, 1)
    assert [w["hits"] for w in told["first"]["weeks"]] == [2, 2]


def test_later_events_are_emptied_and_what_they_overwrote_is_unknown() -> None:
    columns = {
        "id": Column(type="text", zh="编码"),
        "asked": Column(type="date", zh="起"),
        "closed": Column(type="timestamp", zh="止"),
        "status": Column(type="text", zh="状态"),
    }
    history = History(known_from="asked", events=["closed"], state=["status"])
    spec = Table(zh="表", key=["id"], columns=columns, history=history)
    engine = open_engine(threads=1)
    try:
        engine.keep(
            "rows_later",
            "SELECT * FROM (VALUES ('a', DATE '2026-01-01', TIMESTAMP '2026-02-01 08:00:00', 'closed'), "
            "('b', DATE '2026-01-01', TIMESTAMP '2026-03-01 08:00:00', 'closed'), "
            "('c', DATE '2026-02-11', NULL, 'open')) v(id, asked, closed, status)",
        )
        sql = past_rows("rows_later", spec, history, list(columns), date(2026, 2, 10))
        rows = engine.rows(
            f"SELECT id, closed IS NULL AS open, status FROM ({sql}) p ORDER BY id"
        ).to_pylist()
    finally:
        engine.close()
    assert rows == [
        {"id": "a", "open": False, "status": "closed"},
        {"id": "b", "open": True, "status": None},
    ]
