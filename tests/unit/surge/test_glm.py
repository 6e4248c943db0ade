"""The batched regression against the textbook formulas, series by series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mingjian.detect.surge.glm import Design, fit

LEVEL = np.tile(np.repeat([3, 0, 1, 2], 6), 3)
TIME = np.linspace(-3, -0.2, len(LEVEL))


def dense(design: Design, working: np.ndarray) -> np.ndarray:
    """Inverse of X'WX by the general method."""
    return np.linalg.inv((design.columns.T * working) @ design.columns)


@given(seed=st.integers(0, 10_000), trend=st.booleans(), with_offset=st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_fit_solves_the_score_equations(seed: int, trend: bool, with_offset: bool) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.uniform(1, 50, (6, 1)), (6, len(LEVEL))).astype(float)
    weights = rng.uniform(0.2, 1.5, counts.shape)
    offset = rng.normal(0, 0.3, counts.shape) if with_offset else None
    design = Design.of(LEVEL, 4, TIME if trend else None)
    found = fit(counts, design, weights, offset)
    scores = (weights * (counts - found.mean)) @ design.columns
    np.testing.assert_allclose(scores, 0, atol=1e-3 * counts.sum(axis=1).max())


@pytest.mark.parametrize("trend", [True, False])
def test_variance_and_leverage_are_those_of_the_whole_matrix(trend: bool) -> None:
    rng = np.random.default_rng(1)
    counts = rng.poisson(8, (5, len(LEVEL))).astype(float)
    weights = rng.uniform(0.2, 1.5, counts.shape)
    design = Design.of(LEVEL, 4, TIME if trend else None)
    found = fit(counts, design, weights)
    for series in range(len(counts)):
        inverse = dense(design, found.working[series])
        now = np.array([0, 0, 0, 1, 0.5][: design.columns.shape[1]])
        assert found.variance(3, 0.5)[series] == pytest.approx(now @ inverse @ now)
        hat = found.working[series] * np.einsum("ij,jk,ik->i", design.columns, inverse, design.columns)
        np.testing.assert_allclose(found.leverage(design)[series], hat)


def test_levels_alone_are_the_means_of_their_rows() -> None:
    counts = np.random.default_rng(2).poisson(20, (4, len(LEVEL))).astype(float)
    found = fit(counts, Design.of(LEVEL, 4, None), np.ones_like(counts))
    for level in range(4):
        mean = counts[:, level == LEVEL].mean(axis=1)
        np.testing.assert_allclose(np.exp(found.coefficients[:, level]), mean, rtol=1e-6)


def test_a_row_of_weight_zero_says_nothing() -> None:
    counts = np.random.default_rng(3).poisson(20, (2, len(LEVEL))).astype(float)
    weights = np.ones_like(counts)
    weights[:, 5] = 0
    design = Design.of(LEVEL, 4, TIME)
    before = fit(counts, design, weights)
    counts[:, 5] = 1e4
    np.testing.assert_allclose(fit(counts, design, weights).coefficients, before.coefficients, rtol=1e-6)


def test_series_that_never_settle_are_nan_and_leave_the_others_alone() -> None:
    counts = np.random.default_rng(4).poisson(20, (3, 10 * len(LEVEL))).astype(float)
    counts[1] = 0
    design = Design.of(np.tile(LEVEL, 10), 4, np.linspace(-5, 0, 10 * len(LEVEL)))
    with np.errstate(all="ignore"):
        found = fit(counts, design, np.ones_like(counts))
    assert np.isnan(found.coefficients[1]).all()
    assert np.isfinite(found.coefficients[[0, 2]]).all()
