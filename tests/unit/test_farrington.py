"""Farrington-flexible: the regression solves its equations, the bound is the published one, outbreaks weigh little."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from mingjian.content import load_content
from mingjian.detect.detectors.farrington import bound, farrington_flexible, fit
from mingjian.detect.detectors.surge import surges
from mingjian.domain.model import Model
from tests.content.test_content import ROOT

AS_OF = date(2026, 6, 30)
SUNDAY = date(2026, 6, 28)
VALUES = {"k": 3, "n_min": 10, "lookback": 7, "w": 3, "b": 3, "alpha": 0.01}
WEEKS = np.concatenate([np.arange(52 * y - 3, 52 * y + 4) for y in (1, 2, 3)]) * -1.0


@pytest.fixture(scope="module")
def surge() -> Model:
    return load_content(ROOT).models["utility.surge_district"]


def weekly(counts: list[int]) -> pd.DataFrame:
    """One row a week on its Wednesday; the last count is that of the last full week."""
    days = [SUNDAY - timedelta(days=4 + 7 * (len(counts) - 1 - i)) for i in range(len(counts))]
    return pd.DataFrame({"series": "S", "region_code": "150102", "day": days, "n": counts})


def test_the_regression_solves_its_score_equations() -> None:
    rng = np.random.default_rng(4)
    design = np.c_[np.ones(21), WEEKS / 52]
    counts = rng.poisson(np.exp(3 + 0.4 * WEEKS / 52)).astype(float)
    weights = rng.uniform(0.3, 1.5, 21)
    fitted = fit(counts, design, weights)
    assert fitted is not None
    assert np.abs(design.T @ (weights * (counts - fitted.mean))).max() < 1e-6
    assert fitted.leverage.sum() == pytest.approx(2)
    assert fitted.cov == pytest.approx(np.linalg.inv(design.T @ np.diag(weights * fitted.mean) @ design))


def test_an_even_baseline_gives_the_two_thirds_power_bound_around_its_mean() -> None:
    expected, upper = bound(np.full(21, 12.0), WEEKS, 0.01)
    error = np.sqrt(4 / 9 * 12 ** (1 / 3) * (1 + 1 / 21))
    assert expected == pytest.approx(12)
    assert upper == pytest.approx((12 ** (2 / 3) + NormalDist().inv_cdf(0.99) * error) ** 1.5)


def test_a_past_outbreak_is_weighed_down() -> None:
    counts = np.full(21, 12.0)
    plain = bound(counts, WEEKS, 0.01)[1]
    counts[5] = 90
    assert np.mean(counts) > 15
    expected, upper = bound(counts, WEEKS, 0.01)
    assert expected < 13
    assert plain <= upper < 40


def test_a_trend_is_followed_but_never_beyond_what_was_seen() -> None:
    rising = np.round(20 * np.exp(-np.abs(WEEKS) / 104))
    flat = np.tile(np.array([9.0, 10, 11, 10, 9, 11, 10]), 3)
    assert bound(rising, WEEKS, 0.01)[0] <= rising.max()
    assert bound(flat, WEEKS, 0.01)[0] == pytest.approx(10)


def test_an_empty_baseline_expects_nothing() -> None:
    assert bound(np.zeros(21), WEEKS, 0.01) == (0.0, 0.0)


def test_only_the_same_season_of_earlier_years_counts(surge: Model) -> None:
    season = [40 if i % 52 in range(20, 30) else 8 for i in range(52 * 3 + 25)]
    found = farrington_flexible(weekly([*season, 60]), surge, VALUES, AS_OF)
    assert found["expected"].between(30, 41).all()
    assert len(found) == 1


def test_less_than_three_years_and_three_weeks_are_not_judged(surge: Model) -> None:
    enough = 52 * 3 + 3 + 1  # the series begins on a Wednesday, so its first week is not full
    assert farrington_flexible(weekly([10] * (enough - 1) + [60]), surge, VALUES, AS_OF).empty
    assert len(farrington_flexible(weekly([10] * enough + [60]), surge, VALUES, AS_OF)) == 1


def test_alarm_weeks_that_follow_each_other_are_one_matter_from_its_first_monday(surge: Model) -> None:
    row = farrington_flexible(weekly([10] * 170 + [60, 70]), surge, VALUES, AS_OF).iloc[0]
    assert (row["run"], row["first_day"], row["last_day"]) == (2, date(2026, 6, 15), SUNDAY)
    assert row["n"] == 70


def test_the_week_under_way_is_not_judged(surge: Model) -> None:
    frame = weekly([10] * 171)
    today = pd.DataFrame({"series": ["S"], "region_code": ["150102"], "day": [AS_OF], "n": [90]})
    assert farrington_flexible(pd.concat([frame, today]), surge, VALUES, AS_OF).empty
    both = surges(pd.concat([frame, today]), surge, VALUES, AS_OF)
    assert list(both["step"]) == ["day"]


def test_a_series_with_a_daily_alarm_has_no_second_row_for_the_week(surge: Model) -> None:
    assert list(surges(weekly([10] * 170 + [60]), surge, VALUES, AS_OF)["step"]) == ["day"]
