"""The negative-binomial CUSUM against R's glrnb with theta given."""

from __future__ import annotations

import numpy as np
import pytest

from mingjian.detect.surge import nb_cusum
from mingjian.domain.errors import RuleError
from tests.unit.surge import reference

COUNTS, MU0 = reference.column("count"), reference.column("mu0")


@pytest.mark.parametrize(
    ("column", "theta", "alpha"), [("lr0", 0.5, 0.0), ("lr", 0.5, 0.25), ("lrneg", -0.5, 0.25)]
)
def test_statistic_and_alarms_are_those_of_r(column, theta, alpha):
    found = nb_cusum(COUNTS, theta, 4.0, MU0, alpha)
    np.testing.assert_allclose(found.score, reference.upper(column), rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(found.alarm, reference.alarm(column))


def test_without_reset_the_sum_goes_on_past_its_limit():
    counts = np.full((1, 20), 10.0)
    kept = nb_cusum(counts, mu0=5.0, reset=False)
    assert (np.diff(kept.score[0]) > 0).all()
    assert kept.alarm[0, kept.score[0] >= 5.0].all()
    anew = nb_cusum(counts, mu0=5.0)
    after = np.flatnonzero(anew.alarm[0])[:-1] + 1
    assert len(after) and np.allclose(anew.score[0, after], anew.score[0, 0])


def test_mean_and_dispersion_are_learned_from_training_weeks():
    rng = np.random.default_rng(3)
    weeks = np.arange(208)
    mean = 30 * np.exp(0.5 * np.cos(2 * np.pi * weeks / 52))
    counts = rng.negative_binomial(10, 10 / (10 + mean), (300, 208)).astype(float)
    found = nb_cusum(counts, mu0=None, alpha=None, training=156)
    assert not found.evaluated[:, :156].any() and found.evaluated[:, 156:].all()
    ratio = found.expected[:, 156:].mean(axis=0) / mean[156:]
    assert abs(np.log(ratio)).max() < 0.15


def test_a_doubled_mean_is_found_within_weeks_and_a_quiet_series_stays_quiet():
    rng = np.random.default_rng(4)
    quiet = rng.poisson(8.0, (200, 100))
    doubled = quiet + np.where(np.arange(100) >= 90, rng.poisson(8.0, (200, 100)), 0)
    assert nb_cusum(doubled, mu0=8.0).alarm[:, 90:].any(axis=1).mean() > 0.95
    assert nb_cusum(quiet, mu0=8.0).alarm.mean() < 0.01


def test_missing_counts_leave_the_sum_as_it_is():
    counts = np.array([[9, np.nan, 9.0]])
    found = nb_cusum(counts, mu0=5.0)
    assert found.score[0, 1] == found.score[0, 0] < found.score[0, 2]


@pytest.mark.parametrize("settings", [{}, {"training": 20}, {"training": 140}, {"mu0": 3.0, "alpha": None}])
def test_a_chart_without_a_usable_mean_is_refused(settings):
    with pytest.raises(RuleError):
        nb_cusum(COUNTS, **settings)
