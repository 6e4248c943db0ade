"""An order learned from few and from many verdicts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss

from mingjian.rerank import Reranked, rerank
from mingjian.rerank.learn import Method

ROWS = 600


def made(seed: int, tells: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features of which two tell `tells` standard deviations apart, a prior that tells a little, and the truth."""
    rng = np.random.default_rng(seed)
    y = (rng.random(ROWS) < 0.3).astype(float)
    x = rng.normal(size=(ROWS, 6))
    x[:, 0] += tells * y
    x[:, 1] -= tells * y
    return x, rng.normal(size=ROWS) + 0.7 * y, y


def judged(y: np.ndarray, many: int) -> np.ndarray:
    return np.where(np.arange(len(y)) < many, y, np.nan)


@pytest.mark.parametrize(("many", "method"), [(60, Method.LOGISTIC), (250, Method.BOOSTING)])
def test_verdicts_find_what_the_prior_does_not_know(many: int, method: Method) -> None:
    x, prior, y = made(1, tells=1.5)
    found = rerank(x, prior, judged(y, many))
    assert found.method is method and found.learned > 0
    before = average_precision_score(y[many:], prior[many:])
    assert average_precision_score(y[many:], found.order[many:]) > before + 0.2


def test_features_that_tell_nothing_leave_the_order_nearly_as_good() -> None:
    lost = []
    for seed in range(20):
        x, prior, y = made(seed, tells=0.0)
        after = average_precision_score(y[60:], rerank(x, prior, judged(y, 60)).order[60:])
        lost.append(average_precision_score(y[60:], prior[60:]) - after)
    assert np.mean(lost) < 0.02


@pytest.mark.parametrize("kinds", [[], [1.0] * 40, [0.0] * 40, [1.0] + [0.0] * 40])
def test_too_few_verdicts_of_a_kind_leave_the_unsupervised_order(kinds: list[float]) -> None:
    x, prior, _y = made(2, tells=2.0)
    y = np.array(kinds + [np.nan] * (ROWS - len(kinds)))
    found = rerank(x, prior, y)
    assert found.method is Method.UNSUPERVISED
    assert np.isnan(found.chance).all()
    assert (np.argsort(found.order) == np.argsort(prior)).all()


def test_a_prior_that_is_wrong_way_round_is_not_turned_but_left_out() -> None:
    x, prior, y = made(3, tells=1.5)
    found = rerank(x, -3 * prior * (2 * y - 1), judged(y, 250))
    assert found.kept >= 0 and found.learned >= 0


def test_chances_are_calibrated() -> None:
    x, prior, y = made(4, tells=1.0)
    found = rerank(x, prior, judged(y, 300))
    rest = y[300:]
    assert abs(found.chance[300:].mean() - rest.mean()) < 0.08
    assert brier_score_loss(rest, found.chance[300:]) < rest.mean() * (1 - rest.mean())


def test_the_same_seed_gives_the_same_order_and_gaps_are_borne() -> None:
    x, prior, y = made(5, tells=1.0)
    x[::7, 0] = np.nan
    x[:, 5] = np.nan

    def once(many: int) -> Reranked:
        return rerank(x, prior, judged(y, many), seed=9)

    for many in (60, 250):
        assert (once(many).order == once(many).order).all()
        assert np.isfinite(once(many).order).all()
