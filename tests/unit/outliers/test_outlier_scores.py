"""Scores: one-shot ones by their seed alone, fit-then-score ones by the fit alone, ensembles by order alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mingjian.detect.outliers import candidate_scores, catalogue, fitted, one_shot
from mingjian.detect.outliers.ensemble import DEFAULT, rank_against, rank_average
from mingjian.domain.errors import RuleError
from tests.unit.outliers.conftest import COLUMNS, Make, accounts

Z = np.random.default_rng(8).normal(size=(150, 3))
Z[11] = 25.0
SCORES = hnp.arrays(np.float64, (12, 3), elements=st.integers(-50, 50).map(float))


@pytest.mark.parametrize("name", one_shot.NAMES)
def test_the_same_seed_gives_the_same_one_shot_scores(name: str) -> None:
    one, two = (one_shot.judge(name, Z, 5, {}).scores for _time in range(2))
    np.testing.assert_array_equal(one, two)
    assert one.argmax() == 11


@pytest.mark.parametrize("name", fitted.NAMES)
def test_a_fitted_score_does_not_depend_on_the_batch(bills: Make, name: str) -> None:
    fit = fitted.fit(accounts(), bills(name))["T"]
    batch = fit.peers.scaled(accounts(9, seed=9)[COLUMNS].to_numpy())
    together = fit.score(batch)
    alone = np.concatenate([fit.score(batch[i : i + 1]) for i in range(len(batch))])
    np.testing.assert_allclose(together, alone, rtol=1e-9)
    np.testing.assert_allclose(fit.shares(batch)[7], fit.shares(batch[7:8])[0], rtol=1e-6)


@pytest.mark.parametrize("name", fitted.NAMES)
def test_the_same_rows_and_seed_make_the_same_fit(bills: Make, name: str) -> None:
    one, two = (fitted.fit(accounts(), bills(name))["T"] for _time in range(2))
    assert one.quantiles() == two.quantiles()


def test_a_row_beyond_all_training_rows_scores_by_how_far_beyond() -> None:
    trained = np.linspace(0, 1, 50)[:, None]
    near, far, farther = rank_against(np.array([[0.99], [2.0], [5.0]]), trained)
    assert near < far < farther
    assert farther - far < 1 / 50


@given(SCORES, st.floats(0.1, 10), st.floats(-5, 5))
@settings(max_examples=50, deadline=None)
def test_a_member_s_scale_does_not_weigh(scores: np.ndarray, scale: float, shift: float) -> None:
    stretched = scores.copy()
    stretched[:, 0] = stretched[:, 0] * scale + shift
    np.testing.assert_allclose(rank_average(scores), rank_average(stretched))


@given(SCORES, st.permutations(range(12)))
@settings(max_examples=50, deadline=None)
def test_rank_average_follows_its_rows(scores: np.ndarray, order: list[int]) -> None:
    np.testing.assert_allclose(rank_average(scores)[order], rank_average(scores[order]))


def test_candidates_are_the_scores_a_model_would_get() -> None:
    found = candidate_scores(Z, ("ECOD", "KNN", one_shot.ENSEMBLE), seed=4)
    assert list(found) == ["ECOD", "KNN", one_shot.ENSEMBLE]
    members = candidate_scores(Z, DEFAULT, seed=4)
    np.testing.assert_array_equal(found["Ensemble"], rank_average(np.column_stack(list(members.values()))))


def test_neighbours_of_too_many_rows_are_looked_for_in_a_drawn_reference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalogue, "MOST_NEIGHBOURS", 100)
    monkeypatch.setattr(catalogue, "REFERENCE", 60)
    drawn = catalogue.reference("KNN", len(Z), 1)
    detector, scores = catalogue.fit("KNN", Z, 1)
    assert len(drawn) == 60
    assert len(scores) == len(Z)
    assert scores.argmax() == 11
    np.testing.assert_array_equal(scores[drawn], detector.decision_scores_)
    assert len(catalogue.reference("IForest", len(Z), 1)) == len(Z)


def test_infinite_scores_come_last_and_none_at_all_is_an_error() -> None:
    assert catalogue.finite("PCA", np.array([1.0, np.inf, 3.0])).argmax() == 1
    with pytest.raises(RuleError):
        catalogue.finite("PCA", np.array([np.inf, np.nan]))
