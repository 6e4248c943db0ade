"""Shifts of a model's scores: seldom told when there is none, told the same night when there is one."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sqlalchemy import insert

from mingjian.content import load_content
from mingjian.detect.drift import BINS, GAP, histogram, middles, shifts
from mingjian.detect.own import record_own_tables, scores
from mingjian.domain.clock import MovableClock
from mingjian.domain.finding import Finding
from mingjian.domain.level import Level
from mingjian.lake import Lake
from mingjian.run import Run
from mingjian.store import db
from mingjian.store.tables import model_run

NIGHTS = 120


def finding(score: int, **measures: object) -> Finding:
    return Finding(
        "m", 1, date(2026, 6, 30), "person", "p", "2026", None, Level.LOW, score, [], dict(measures)
    )


def nights(
    seed: int, turnover: float, shift_from: int = NIGHTS, by: float = 0.0, many: int = 150
) -> np.ndarray:
    """Histograms (nights, 20) of a pool of matters of which a share is replaced every night."""
    rng = np.random.default_rng(seed)

    def drawn(n: int) -> np.ndarray:
        return rng.gamma(4.0, 9.0, n)

    pool, counts = drawn(many), []
    for night in range(NIGHTS):
        gone = rng.random(many) < turnover
        pool[gone] = drawn(int(gone.sum()))
        seen = pool + (by if night >= shift_from else 0.0)
        counts.append(np.bincount(np.clip(seen // 5, 0, BINS - 1).astype(int), minlength=BINS))
    return np.array(counts)


def told(counts: np.ndarray, tests: int = 1) -> np.ndarray:
    found = shifts(np.arange(len(counts)), counts)
    with np.errstate(invalid="ignore"):
        return np.asarray((found.psi >= 0.25) & (found.p_value * tests <= 0.001))


def test_scores_are_counted_in_steps_of_five_points() -> None:
    counted = histogram([finding(0), finding(4), finding(5), finding(100)])
    assert counted is not None and counted["of"] == "score"
    assert [n for n, c in enumerate(counted["counts"]) for _ in range(c)] == [0, 0, 1, 19]
    assert histogram([]) is None


def test_a_detectors_own_statistic_is_counted_where_all_findings_carry_it() -> None:
    both = [finding(20, ratio=3.0), finding(20, ratio=-1e9)]
    counted = histogram(both)
    assert counted is not None and counted["of"] == "ratio"
    assert counted["counts"][4] == counted["counts"][19] == 1
    assert middles("ratio")[4] == pytest.approx(2**2.25 - 1)
    mixed = histogram([*both, finding(20, ratio="many")])
    assert mixed is not None and mixed["of"] == "score"


@pytest.mark.parametrize("turnover", [0.01, 0.1, 0.3, 1.0])
def test_without_a_shift_alarms_stay_below_their_level(turnover: float) -> None:
    """At 0.001 a model and night some 7 alarms of 7,000 are allowed if nights were independent; they are not."""
    alarms = judged = 0
    for seed in range(70):
        counts = nights(seed, turnover)
        judged += int(np.isfinite(shifts(np.arange(NIGHTS), counts).psi).sum())
        alarms += int(told(counts).sum())
    assert judged > 6_000
    assert alarms <= 0.001 * judged


def test_a_shift_is_told_from_its_first_night_until_it_is_the_usual() -> None:
    alarms = told(nights(1, 0.02, shift_from=80, by=20.0), tests=200)
    assert not alarms[:80].any()
    assert alarms[80 : 80 + GAP].all()


def test_a_small_shift_of_many_findings_is_sure_but_not_told() -> None:
    counts = nights(2, 0.05, shift_from=80, by=1.5, many=20_000)
    found = shifts(np.arange(NIGHTS), counts)
    assert found.p_value[90] < 1e-6 and found.psi[90] < 0.25


def test_few_findings_or_few_runs_are_not_compared() -> None:
    assert np.isnan(shifts(np.arange(NIGHTS), nights(3, 0.1, many=49)).psi).all()
    weekly = shifts(np.arange(0, NIGHTS * 7, 7), nights(3, 0.1))
    assert np.isnan(weekly.psi[:11]).all() and np.isfinite(weekly.psi[12:]).all()


def test_figures_are_those_of_two_plain_samples() -> None:
    counts = np.array([[0] * 4 + [60, 40] + [0] * 14] * 12 + [[0] * 4 + [20, 80] + [0] * 14])
    found = shifts(np.array([*range(12), 30]), counts)
    then, now = np.repeat([4, 5], [60, 40]), np.repeat([4, 5], [20, 80])
    assert found.ks[-1] == pytest.approx(ks_2samp(then, now).statistic)
    exact = ks_2samp(then, now).pvalue
    assert exact < found.p_value[-1] < 1000 * exact  # ties and the limit law both err on the careful side
    assert found.psi[-1] == pytest.approx(0.4 * np.log(80 / 40) + 0.4 * np.log(60 / 20), rel=0.05)
    assert (found.runs[-1], found.usual[-1]) == (12, 100)
    assert (found.median_before[-1], found.median[-1]) == (22.5, 27.5)


def test_the_service_keeps_the_comparison_as_a_table_of_its_own(
    server_url: str, tmp_path: Path, repo: Path, clock: MovableClock
) -> None:
    engine = db.connect(db.create_database(server_url, "drift"))
    db.upgrade(engine)
    today = date(2026, 6, 30)
    run = Run(today, clock, tmp_path, load_content(repo), {}, tmp_path, Lake(tmp_path / "lake"), engine)
    shifted = nights(4, 0.05, shift_from=NIGHTS - 3, by=20.0)
    models = {
        "subsidy.deceased_payee": shifted,
        "subsidy.ghost": shifted,
        "process.not_signed": nights(5, 0.05),
    }
    with engine.begin() as conn:
        for model, counts in models.items():
            conn.execute(insert(model_run), [_ran(model, today, n, c) for n, c in enumerate(counts.tolist())])
    assert record_own_tables(run, ["model_scores", "payout"]) == {"model_scores": 0}
    rows: dict[Any, dict[str, Any]] = {(r["model_id"], r["as_of"]): r for r in scores.rows(run)}
    engine.dispose()
    assert {model for model, _day in rows} == {"subsidy.deceased_payee", "process.not_signed"}
    assert min(day for _model, day in rows) == today - timedelta(days=59)
    told = [d for (m, d), r in rows.items() if r["psi"] >= 0.25 and r["p_value"] <= 0.001]
    assert told == [today - timedelta(days=n) for n in (2, 1, 0)]
    newest = rows["subsidy.deceased_payee", today]
    assert (newest["statistic"], newest["findings"]) == ("score", 150)
    assert newest["median"] > newest["median_before"] + 10


def _ran(model: str, today: date, night: int, counts: list[int]) -> dict[str, object]:
    day = today - timedelta(days=NIGHTS - 1 - night)
    return {
        "model_id": model, "as_of": day, "version": 1, "hash": "h", "outcome": "done", "reads": {},
        "score_histogram": {"of": "score", "counts": counts},
    }  # fmt: skip
