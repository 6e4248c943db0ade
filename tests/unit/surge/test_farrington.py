"""What the Farrington methods promise apart from agreeing with R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mingjian.detect.surge import farrington, farrington_flexible, judging
from mingjian.domain.errors import RuleError

RNG = np.random.default_rng(5)
WEEKS = 300
COUNTS = RNG.poisson(np.exp(RNG.uniform(-1, 4, (20, 1))), (20, WEEKS)).astype(float)


def test_series_are_judged_alone_and_in_blocks_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = farrington_flexible(COUNTS, last=2)
    monkeypatch.setattr(judging, "BLOCK", 3)
    parts = farrington_flexible(COUNTS, last=2, workers=2)
    alone = farrington_flexible(COUNTS[7:8], last=2)
    np.testing.assert_allclose(parts.upper, whole.upper, rtol=1e-9)
    np.testing.assert_allclose(alone.upper[0], whole.upper[7], rtol=1e-9)
    assert (parts.alarm == whole.alarm).all()


def test_without_last_every_step_with_enough_years_is_judged() -> None:
    rich = COUNTS[COUNTS.mean(axis=1) > 10]
    everything = farrington_flexible(rich)
    assert not everything.evaluated[:, : 5 * 52 + 3].any()
    assert everything.evaluated[:, 5 * 52 + 3 :].all()
    some = farrington_flexible(rich, last=4)
    np.testing.assert_array_equal(some.upper[:, -4:], everything.upper[:, -4:])
    assert some.evaluated.sum() == 4 * len(rich)


def test_a_series_too_short_is_not_judged() -> None:
    found = farrington_flexible(COUNTS[:, :260])
    assert not found.alarm.any()
    assert not found.evaluated.any()


@pytest.mark.parametrize("method", ["delta", "nbPlugin", "muan"])
def test_alarm_score_and_threshold_say_the_same(method: str) -> None:
    counts = COUNTS.copy()
    counts[::2, -1] += 3 * np.sqrt(counts[::2, -1]) // 1 + 4
    found = farrington_flexible(counts, threshold_method=method, last=3)
    here = found.evaluated
    assert found.alarm.any()
    assert (found.alarm == (counts > np.nan_to_num(found.upper, nan=np.inf))).all()
    assert (found.score[here & found.alarm] > 1 - 1e-12).all()
    assert (found.score[here & ~found.alarm] <= 1).all()


@pytest.mark.parametrize("method", ["delta", "nbPlugin", "muan"])
def test_an_alarm_has_a_pvalue_within_its_level(method: str) -> None:
    counts = COUNTS.copy()
    counts[::2, -1] *= 2
    found = farrington_flexible(counts, threshold_method=method, alpha=0.01, last=1)
    assert found.pvalue is not None
    assert found.alarm.any()
    assert (found.pvalue[found.alarm] <= 0.01).all()
    assert (found.pvalue[found.evaluated & ~found.alarm] >= 0.0099).all()


def test_few_cases_in_the_last_weeks_forbid_an_alarm() -> None:
    quiet = RNG.poisson(0.1, (1, WEEKS)).astype(float)
    quiet[:, -4:] = [0, 0, 0, 4]
    assert not farrington_flexible(quiet, last=1).evaluated.any()
    assert not farrington(quiet, last=1).evaluated.any()
    assert farrington_flexible(quiet, last=1, limit54=(4, 4)).alarm[0, -1]


def test_the_first_cases_of_a_series_that_never_had_any_are_an_alarm() -> None:
    silent = np.zeros((1, WEEKS))
    silent[0, -1] = 5
    found = farrington_flexible(silent, last=1)
    assert found.pvalue is not None
    assert found.alarm[0, -1]
    assert found.expected[0, -1] == found.upper[0, -1] == 0
    assert 0 < found.pvalue[0, -1] < 1e-6


def test_a_past_outbreak_is_played_down() -> None:
    counts = np.full((1, WEEKS), 20.0) + RNG.integers(-4, 5, WEEKS)
    counts[0, 240:243] = 200
    kept = farrington_flexible(counts, last=1, reweight=False).upper[0, -1]
    assert farrington_flexible(counts, last=1).upper[0, -1] < 0.8 * kept


def test_a_trend_is_followed_only_with_three_years() -> None:
    falling = RNG.poisson(np.exp(5 - 0.008 * np.arange(WEEKS)))[None, :].astype(float)
    three = farrington_flexible(falling, b=3, last=1).expected[0, -1]
    two = farrington_flexible(falling, b=2, last=1).expected[0, -1]
    assert three == pytest.approx(np.exp(5 - 0.008 * WEEKS), rel=0.2)
    assert two > 1.2 * three


def test_a_trend_is_not_drawn_beyond_the_largest_count_seen() -> None:
    steep = RNG.poisson(np.exp(0.02 * np.arange(WEEKS)))[None, :].astype(float)
    drawn = farrington_flexible(steep, last=1).expected[0, -1]
    assert drawn == farrington_flexible(steep, last=1, trend=False).expected[0, -1]


def test_a_population_that_grows_with_the_counts_explains_them() -> None:
    people = np.exp(0.01 * np.arange(WEEKS))[None, :]
    counts = RNG.poisson(10 * people).astype(float)
    found = farrington_flexible(counts, people, trend=False, last=1)
    assert found.expected[0, -1] == pytest.approx(10 * people[0, -1], rel=0.15)


def test_calendar_years_move_the_windows() -> None:
    counts = RNG.poisson(10, (1, 700)).astype(float)
    counts[0, np.arange(0, 700)] += np.where(np.arange(700) % 52 < 26, 0, 40)
    plain, dated = (farrington(counts, last=1, start=start).upper[0, -1] for start in (None, "2009-01-05"))
    assert plain != dated


def test_nothing_warns_and_missing_weeks_are_no_alarm() -> None:
    counts = COUNTS.copy()
    counts[:, 100:110] = np.nan
    counts[3, -1] = np.nan
    with np.errstate(all="raise"):
        found = farrington_flexible(counts, last=1)
    assert not found.evaluated[3, -1]
    assert found.evaluated[counts[:, -1] > 10, -1].all()


@pytest.mark.parametrize(
    "settings",
    [
        {"b": 0},
        {"w": -1},
        {"no_periods": 0},
        {"alpha": 1.5},
        {"threshold_method": "magic"},
        {"power_transform": "3/4"},
        {"freq": 12, "start": "2020-01-06"},
        {"population": -COUNTS},
        {"population": COUNTS[:1]},
        {"workers": 0},
        {"w": 26},
    ],
)
def test_settings_that_cannot_be_are_refused_with_a_hint(settings: dict[str, Any]) -> None:
    with pytest.raises(RuleError) as refused:
        farrington_flexible(COUNTS, **settings)
    assert refused.value.hint
