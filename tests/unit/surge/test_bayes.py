"""The Bayes system against R's bayes and its predictive distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom

from mingjian.detect.surge import bayes
from mingjian.domain.errors import RuleError
from tests.unit.surge import reference

COUNTS = reference.column("count")


@pytest.mark.parametrize(
    ("column", "settings"),
    [("bayes0", {}), ("bayes1", {"b": 1}), ("bayes2", {"b": 2, "w": 4, "act_y": False, "alpha": 0.01})],
)
def test_thresholds_and_alarms_are_those_of_r(column, settings):
    found = bayes(COUNTS, **settings)
    np.testing.assert_array_equal(found.upper, reference.upper(column))
    np.testing.assert_array_equal(found.alarm, reference.alarm(column))


def test_pvalue_is_the_predictive_tail_and_agrees_with_the_alarm():
    found = bayes(COUNTS)
    t = 30
    total = COUNTS[:, t - 6 : t].sum(axis=1)
    np.testing.assert_allclose(found.pvalue[:, t], nbinom.sf(COUNTS[:, t] - 1, total + 0.5, 6 / 7))
    judged = found.evaluated
    np.testing.assert_array_equal(found.alarm[judged], found.pvalue[judged] <= 0.05)
    np.testing.assert_array_equal(found.alarm[judged], found.score[judged] >= 1)


def test_missing_reference_weeks_are_left_out():
    counts = np.array([[3, np.nan, 3, np.nan, 3, 3, 8.0]])
    found = bayes(counts)
    assert found.upper[0, 6] == nbinom.ppf(0.95, 12.5, 4 / 5)
    assert not bayes(np.array([[3, 3, 3, 3, 3, 3, np.nan]])).evaluated.any()


def test_poisson_counts_keep_the_level():
    counts = np.random.default_rng(1).poisson(4.0, (400, 60))
    found = bayes(counts, alpha=0.05)
    assert found.alarm[found.evaluated].mean() <= 0.05


@pytest.mark.parametrize("settings", [{"act_y": False}, {"b": 1, "w": 60}])
def test_settings_without_earlier_reference_weeks_are_refused(settings):
    with pytest.raises(RuleError):
        bayes(COUNTS, **settings)
