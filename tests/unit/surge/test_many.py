"""Many series at once: Benjamini-Hochberg by day, the alert budget, and what chance alone would give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import false_discovery_control

from mingjian.detect.surge.chance import RAREST, by_chance, once_in, short_baseline
from mingjian.detect.surge.many import adjusted, within_budget

PVALUES = arrays(float, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.floats(0, 1))


@given(PVALUES)
def test_each_day_is_a_family_adjusted_as_scipy_does(pvalue: np.ndarray) -> None:
    assert adjusted(pvalue) == pytest.approx(false_discovery_control(pvalue, axis=0))


@given(PVALUES)
def test_a_series_that_was_not_judged_is_no_test(pvalue: np.ndarray) -> None:
    none = np.full((3, pvalue.shape[1]), np.nan)
    found = adjusted(np.concatenate([none, pvalue]))
    assert np.isnan(found[:3]).all()
    assert found[3:] == pytest.approx(adjusted(pvalue))


def test_the_false_discovery_rate_holds_among_real_surges() -> None:
    rng = np.random.default_rng(7)
    days, quiet, loud = 400, 190, 10
    pvalue = rng.random((quiet + loud, days))
    pvalue[quiet:] = rng.random((loud, days)) * 1e-4
    told = adjusted(pvalue) <= 0.1
    false = told[:quiet].sum(axis=0) / np.maximum(told.sum(axis=0), 1)
    assert false.mean() < 0.1 + 3 * false.std() / np.sqrt(days)
    assert told[quiet:].mean() > 0.95


@given(PVALUES, st.integers(0, 5))
def test_the_budget_shows_the_smallest_p_values_and_loses_nothing(pvalue: np.ndarray, budget: int) -> None:
    alarm = pvalue < 0.5
    shown = within_budget(alarm, pvalue, np.zeros(pvalue.shape), budget)
    waiting = alarm & ~shown
    assert not (shown & ~alarm).any()
    assert (shown.sum(axis=0) == np.minimum(alarm.sum(axis=0), budget)).all()
    worst = np.where(shown, pvalue, -1).max(axis=0)
    assert (np.where(waiting, pvalue, 2).min(axis=0) >= worst).all()


def test_equal_p_values_are_ordered_by_the_excess() -> None:
    alarm = np.array([[True], [True], [True], [False]])
    shown = within_budget(alarm, np.full((4, 1), 1e-9), np.array([[3.0], [40.0], [8.0], [99.0]]), 2)
    assert shown.ravel().tolist() == [False, True, True, False]


def test_chance_is_told_over_all_series_judged() -> None:
    assert by_chance(np.array([0.001]), np.array([500])) == pytest.approx([0.5])
    assert once_in(np.array([0.001, 0.5, 0.0]), np.array([500, 500, 500])).tolist() == [2, 1, RAREST]


def test_chance_alarms_come_no_more_often_than_told() -> None:
    rng = np.random.default_rng(8)
    series, days, p = 300, 500, 1 / 6000
    hits = (rng.random((series, days)) <= p).sum()
    told = days / once_in(np.array(p), np.array(series))
    assert hits <= told + 4 * np.sqrt(told)


@pytest.mark.parametrize("mean", [0.1, 1.0, 5.0, 40.0])
@pytest.mark.parametrize("overdispersion", [1.0, 3.0])
def test_a_short_baseline_promises_no_more_than_it_keeps(mean: float, overdispersion: float) -> None:
    rng = np.random.default_rng(9)
    size = (100_000, 8)
    if overdispersion == 1:
        counts = rng.poisson(mean, size).astype(float)
    else:
        odds = 1 / overdispersion
        counts = rng.negative_binomial(mean * odds / (1 - odds), odds, size).astype(float)
    before = counts[:, :7]
    spread = np.maximum(before.std(axis=1, ddof=1), 1.0)
    pvalue = short_baseline(counts[:, 7], before.mean(axis=1), spread, 7)
    for level in (0.05, 0.01, 0.001):
        realised = (pvalue <= level).mean()
        # Seven days do not show how far a strongly overdispersed count can go; the docstring says by how much.
        allowed = level if overdispersion == 1 else 20 * level
        assert realised <= allowed + 3 * np.sqrt(allowed / size[0])
