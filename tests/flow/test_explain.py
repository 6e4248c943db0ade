"""Explain: the threshold, the peers, the rows, the exclusions, and what would have silenced a warning."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from mingjian import flow
from mingjian.cli.main import app
from mingjian.domain.errors import NotFound
from mingjian.explain import Account, explain_warning
from mingjian.explain.counterfactual import thresholds
from mingjian.run import Run
from mingjian.store.tables import warning
from tests.flow.conftest import TinyCity

MODEL = "subsidy.deceased_payee"


@pytest.fixture
def run(city: TinyCity) -> Run:
    made = city.open()
    assert [d.error for d in flow.walk(made, ["subsidy"]) if d.error] == []
    return made


def id_of(run: Run, level: str) -> str:
    with run.engine.connect() as conn:
        mine = select(warning.c.id).where(warning.c.model == MODEL, warning.c.level == level)
        return str(conn.execute(mine).scalar_one())


@pytest.fixture
def low(run: Run) -> Account:
    return explain_warning(run, id_of(run, "低"))


def test_the_branch_that_gave_the_level_is_named(low: Account) -> None:
    gave = [b for b in low.branches if b.gave]
    assert [(b.level, b.parts[0][1]) for b in gave] == [("低", True)]
    assert [holds for _words, holds in low.branches[0].parts] == [False, False, False]


def test_what_would_silence_it_is_true(run: Run, low: Account) -> None:
    """One payment of 500 元 two months after death, one source: a month more of grace would do."""
    said = dict(low.silences)
    grace = next(v for k, v in said.items() if k.startswith("按月发放的宽限月数"))
    assert "2" in grace
    sources = next(v for k, v in said.items() if k.startswith("最少独立死亡来源"))
    assert "2" in sources


def test_the_decisive_rows_are_the_only_payment_and_the_only_death(low: Account) -> None:
    assert {table for table, _key in low.decisive} == {"death_record", "payout"}


def test_no_single_row_decides_where_two_sources_and_three_payments_agree(run: Run) -> None:
    high = explain_warning(run, id_of(run, "高"))
    assert high.decisive == []
    assert high.peers.city == 2
    months = next(m for m in high.peers.measures if m.measure == "months")
    assert (months.value, months.median, months.share_below) == (3, 2, 0.5)


def test_an_unknown_warning_is_not_found(run: Run) -> None:
    with pytest.raises(NotFound):
        explain_warning(run, "W000000000000")


@pytest.mark.parametrize(("lang", "said"), [("zh", "怎样就不会命中"), ("en", "What would make it not fire")])
def test_the_command_speaks_both_languages(city: TinyCity, run: Run, lang: str, said: str) -> None:
    words = ["--lang", lang, "explain", id_of(run, "低"), "--sources", str(city.folder)]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0, told.output
    assert said in told.output


def test_the_command_prints_json(city: TinyCity, run: Run) -> None:
    words = ["explain", id_of(run, "高"), "--sources", str(city.folder), "--json"]
    told = json.loads(CliRunner().invoke(app, words).output)
    assert told["level"] == "高"
    assert len(told["rows"]) == 5


@pytest.mark.parametrize(
    ("now", "quiet_from", "expected"),
    [(1, 7, 7.0), (3, 4, 4.0), (0.05, 0.31, 0.31), (10, None, None)],
)
def test_thresholds_find_the_nearest_quiet_value(
    run: Run, now: float, quiet_from: float | None, expected: float | None
) -> None:
    model = run.content.model(MODEL)
    found = thresholds(
        model, {"grace_months": now}, lambda v: quiet_from is None or v["grace_months"] < quiet_from
    )
    assert [t.value for t in found] == ([] if expected is None else [pytest.approx(expected, rel=1e-2)])
