"""EARS against R's earsC and its own formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from mingjian.detect.surge import ears
from mingjian.domain.errors import RuleError
from tests.unit.surge import reference

COUNTS = reference.column("count")


@pytest.mark.parametrize(
    ("column", "settings"),
    [
        ("C1", {"method": "C1"}),
        ("C2", {"method": "C2"}),
        ("C3", {"method": "C3"}),
        ("C1min", {"method": "C1", "baseline": 10, "alpha": 0.01, "min_sigma": 1.0}),
    ],
)
def test_thresholds_and_alarms_are_those_of_r(column, settings):
    found = ears(COUNTS, **settings)
    np.testing.assert_allclose(found.upper, reference.upper(column), rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(found.alarm, reference.alarm(column))


def test_published_c3_alarms_where_three_exceedances_pass_the_quantile():
    found = ears(COUNTS, "C3", published_c3=True)
    c2 = ears(COUNTS, "C2")
    spread = (c2.upper - c2.expected) / norm.isf(0.001)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.maximum(0, (COUNTS - c2.expected) / spread - 1)
    total = excess[:, 2:] + excess[:, 1:-1] + excess[:, :-2]
    np.testing.assert_array_equal(found.alarm[:, 2:], total > norm.isf(0.025))
    known = found.evaluated & (found.upper > 0) & np.isfinite(found.upper)
    assert known.any()
    np.testing.assert_array_equal(found.alarm[known], COUNTS[known] > found.upper[known])


def test_c2_leaves_two_days_between_baseline_and_judged_day():
    counts = np.array([[4, 6, 4, 6, 4, 6, 4, 99, 99, 5.0]])
    found = ears(counts, "C2")
    assert found.expected[0, 9] == pytest.approx(counts[0, :7].mean())
    assert not found.evaluated[0, :9].any()


@given(arrays(np.float64, (2, 15), elements=st.integers(0, 50).map(float)))
def test_alarm_pvalue_and_threshold_say_the_same(counts):
    found = ears(counts, "C1", alpha=0.01)
    judged = found.evaluated & ~np.isclose(counts, found.upper)
    np.testing.assert_array_equal(found.alarm[judged], found.pvalue[judged] < 0.01)


def test_series_too_short_is_not_evaluated():
    found = ears(np.ones((3, 5)))
    assert not found.evaluated.any() and not found.alarm.any()


@pytest.mark.parametrize("settings", [{"method": "C4"}, {"baseline": 1}])
def test_unknown_method_and_single_day_baseline_are_refused(settings):
    with pytest.raises(RuleError):
        ears(COUNTS, **settings)


@pytest.mark.parametrize("counts", [np.ones(20), -np.ones((1, 20)), np.full((1, 20), np.inf)])
def test_counts_of_another_shape_or_below_zero_are_refused(counts):
    with pytest.raises(RuleError):
        ears(counts)
