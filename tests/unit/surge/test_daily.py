"""The daily model: its level, its tolerance of past outbreaks, and days that do not follow their weekday."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mingjian.detect.surge import daily
from mingjian.detect.surge.holidays import Kind, mainland
from mingjian.domain.errors import RuleError

WEEK = np.array([1.3, 1.2, 1.1, 1.1, 1.2, 0.6, 0.5])  # Monday first


def dates(n: int, start: str = "2023-11-06") -> np.ndarray:
    return np.datetime64(start) + np.arange(n)


def quiet(n_series: int, mean: float, days: np.ndarray, seed: int = 0, phi: float = 1.5) -> np.ndarray:
    weekday = (days.astype(int) + 3) % 7
    mu = mean * WEEK[weekday] * np.exp(0.3 * np.arange(len(days)) / 365)
    rng = np.random.default_rng(seed)
    return rng.negative_binomial(mu / (phi - 1), 1 / phi, (n_series, len(days))).astype(float)


@pytest.mark.parametrize("mean", [0.1, 1.0, 20.0])
def test_quiet_series_keep_the_level(mean):
    days = dates(110)
    found = daily(quiet(150, mean, days), days, holidays=None)
    assert found.evaluated[:, 56:].all() and not found.evaluated[:, :56].any()
    assert found.alarm[:, 56:].mean() <= 0.0125  # two standard errors above 0.01 for 8,100 days


def test_expected_follows_weekday_and_trend():
    days = dates(140)
    counts = quiet(200, 50.0, days)
    found = daily(counts, days, holidays=None, last=7)
    weekday = (days[-7:].astype(int) + 3) % 7
    truth = 50 * WEEK[weekday] * np.exp(0.3 * 137 / 365)
    np.testing.assert_allclose(np.median(found.expected[:, -7:], axis=0), truth, rtol=0.05)


def test_a_surge_is_an_alarm_and_its_score_passes_one():
    days = dates(120)
    counts = quiet(50, 20.0, days)
    counts[:, -1] += 60
    found = daily(counts, days, holidays=None, last=1)
    assert (
        found.alarm[:, -1].all() and (found.score[:, -1] >= 1).all() and (found.pvalue[:, -1] <= 0.01).all()
    )


def test_a_past_outbreak_hardly_moves_the_threshold():
    days = dates(130)
    counts = quiet(100, 10.0, days)
    struck = counts.copy()
    struck[:, 60:65] += 60
    clean = daily(counts, days, holidays=None, last=1).upper[:, -1]
    played_down = daily(struck, days, holidays=None, last=1).upper[:, -1]
    taken_whole = daily(struck, days, holidays=None, last=1, weights_threshold=1e9).upper[:, -1]
    assert np.median(played_down / clean) < 1.35
    assert np.median(taken_whole / clean) > 1.8


def test_a_running_outbreak_does_not_hide_itself():
    days = dates(120)
    counts = quiet(50, 10.0, days)
    counts[:, -8:] += 40
    assert daily(counts, days, holidays=None, last=8).alarm[:, -8:].all()


def test_falls_are_found_only_where_asked_for():
    days = dates(120)
    counts = quiet(50, 60.0, days)
    counts[:, -1] = 5
    assert not daily(counts, days, holidays=None, last=1).alarm.any()
    for direction in ("down", "both"):
        found = daily(counts, days, holidays=None, last=1, direction=direction)
        assert found.alarm[:, -1].all() and (found.score[:, -1] <= -1).all()
        assert (counts[:, -1] < found.lower[:, -1]).all()


@given(st.integers(0, 10_000), st.sampled_from(["up", "down", "both"]))
@settings(max_examples=25, deadline=None)
def test_alarm_score_and_pvalue_say_the_same(seed, direction):
    days = dates(80)
    counts = quiet(20, 4.0, days, seed, phi=3.0)
    found = daily(counts, days, holidays=None, alpha=0.1, direction=direction, min_count=0, last=5)
    judged = found.evaluated
    np.testing.assert_array_equal(found.alarm[judged], found.pvalue[judged] <= 0.1)
    side = {"up": found.score, "down": -found.score, "both": np.abs(found.score)}[direction]
    np.testing.assert_array_equal(found.alarm[judged], side[judged] >= 1)


def test_few_cases_and_short_or_patchy_series_give_no_alarm():
    days = dates(80)
    counts = np.zeros((4, 80))
    counts[0, -1], counts[1, -1] = 2, 9
    counts[2, 10:40] = np.nan
    counts[3] = np.nan
    found = daily(counts, days, holidays=None, last=1)
    assert found.alarm[:, -1].tolist() == [False, True, False, False]
    assert found.evaluated[:, -1].tolist() == [True, True, False, False]
    assert not daily(counts[:, :56], days[:56]).evaluated.any()


def test_a_holiday_is_judged_as_a_day_off_and_not_by_its_weekday():
    days = dates(120, "2024-01-15")
    counts = quiet(100, 40.0, days)
    # A Wednesday; Spring Festival and Qingming are in its baseline.
    now = int(np.flatnonzero(days == np.datetime64("2024-05-01"))[0])
    off = mainland(days) == Kind.OFF
    counts[:, off] = np.random.default_rng(1).poisson(15.0, (100, off.sum()))
    known = daily(counts[:, : now + 1], days[: now + 1], direction="both", last=1)
    unknown = daily(counts[:, : now + 1], days[: now + 1], holidays=None, direction="both", last=1)
    assert known.alarm[:, -1].mean() < 0.02
    assert unknown.alarm[:, -1].mean() > 0.5


def test_a_make_up_sunday_is_judged_as_a_working_day():
    days = dates(120, "2024-01-15")
    now = int(np.flatnonzero(days == np.datetime64("2024-04-28"))[0])  # a Sunday worked for the May holiday
    counts = quiet(100, 40.0, days)
    counts[:, mainland(days) == Kind.MAKE_UP] = 52
    assert not daily(counts[:, : now + 1], days[: now + 1], last=1).alarm.any()
    assert daily(counts[:, : now + 1], days[: now + 1], holidays=None, last=1).alarm[:, -1].mean() > 0.5


def test_kinds_of_days_around_the_national_day_of_2024():
    week = np.arange(np.datetime64("2024-09-28"), np.datetime64("2024-10-13"))
    kinds = [Kind(k).name for k in mainland(week)]
    # 28 Sept is an ordinary Saturday; 29 Sept (Sunday) and 12 Oct (Saturday) are worked.
    assert kinds == ["ORDINARY", "MAKE_UP", "EVE", *["OFF"] * 7, "BACK", *["ORDINARY"] * 3, "MAKE_UP"]


def test_days_of_years_without_a_notice_are_ordinary():
    assert (mainland(np.array(["2035-10-01"], dtype="datetime64[D]")) == Kind.ORDINARY).all()


@pytest.mark.parametrize("days", [dates(79), np.delete(dates(81), 40)])
def test_dates_that_do_not_fit_the_counts_are_refused(days):
    with pytest.raises(RuleError):
        daily(np.ones((1, 80)), days)


def test_a_gap_that_leaves_no_baseline_is_refused():
    with pytest.raises(RuleError):
        daily(np.ones((1, 80)), dates(80), gap=50)
