"""The likelihood-ratio chart against R's glrnb and a search of our own."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import nbinom

from mingjian.detect.surge import glr_nb, nb_cusum
from tests.unit.surge import reference

COUNTS, MU0 = reference.column("count"), reference.column("mu0")


@pytest.mark.parametrize(("column", "alpha"), [("glr0", 0.0), ("glr", 0.25)])
def test_statistic_and_alarms_of_increases_are_those_of_r(column, alpha):
    found = glr_nb(COUNTS, 4.0, MU0, alpha)
    np.testing.assert_allclose(found.score, reference.upper(column), rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(found.alarm, reference.alarm(column))


def test_statistic_of_decreases_is_that_of_r_where_its_search_ends():
    found = glr_nb(COUNTS, 4.0, MU0, 0.25, dir="dec")
    expected = reference.upper("glrdec")
    differ = ~np.isclose(found.score, expected, rtol=1e-6, atol=1e-6)
    # In this one cell R answers 0 between two weeks of 2 and more; the search below confirms ours.
    assert np.argwhere(differ).tolist() == [[3, 10]] and expected[3, 10] == 0
    np.testing.assert_array_equal(found.alarm, reference.alarm("glrdec"))
    anew = int(np.flatnonzero(found.alarm[3, :10])[-1]) + 1
    assert found.score[3, 10] == pytest.approx(best_by_search(3, anew, 10, 0.25), rel=1e-5)


def best_by_search(series: int, first: int, now: int, alpha: float) -> float:
    """The largest log-likelihood ratio of a fall over all starts since `first`, by bounded search."""
    best = 0.0
    for start in range(first, now + 1):
        x, mu = COUNTS[series, start : now + 1], MU0[series, start : now + 1]

        def loss(kappa: float, x: np.ndarray = x, mu: np.ndarray = mu) -> float:
            shifted = mu * np.exp(kappa)
            there = nbinom.logpmf(x, 1 / alpha, 1 / (1 + alpha * shifted))
            return float((nbinom.logpmf(x, 1 / alpha, 1 / (1 + alpha * mu)) - there).sum())

        best = max(best, -minimize_scalar(loss, bounds=(-8.0, 0.0), method="bounded").fun)
    return best


def test_theta_given_is_the_cusum():
    ours, cusum = glr_nb(COUNTS, 4.0, MU0, 0.25, theta=0.5), nb_cusum(COUNTS, 0.5, 4.0, MU0, 0.25)
    np.testing.assert_array_equal(ours.score, cusum.score)


def test_a_window_leaves_out_older_starts():
    counts, mean = np.full((1, 30), 6.0), 5.0
    long = glr_nb(counts, 99.0, mean, 0.1)
    short = glr_nb(counts, 99.0, mean, 0.1, window=5)
    np.testing.assert_allclose(long.score[0, :5], short.score[0, :5])
    np.testing.assert_allclose(short.score[0, 4:], short.score[0, 4])
    assert (np.diff(long.score[0]) > 0).all()


def test_series_in_blocks_answer_as_alone(monkeypatch):
    whole = glr_nb(COUNTS, 4.0, MU0, 0.25, window=20)
    monkeypatch.setattr(import_module("mingjian.detect.surge.glr_nb"), "CELLS", 1)
    np.testing.assert_allclose(glr_nb(COUNTS, 4.0, MU0, 0.25, window=20).score, whole.score, atol=1e-9)


def test_a_run_without_cases_is_a_fall_of_known_size():
    found = glr_nb(np.zeros((1, 4)), 99.0, 2.0, dir="dec")
    np.testing.assert_allclose(found.score[0], [2, 4, 6, 8])
