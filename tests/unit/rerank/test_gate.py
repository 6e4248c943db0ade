"""When verdicts may take over the order."""

from __future__ import annotations

import numpy as np
import pytest

from mingjian.rerank import Reason, walk_forward
from mingjian.rerank.gate import in_level


def made(seed: int, many: int, tells: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = (rng.random(many) < 0.4).astype(float)
    x = rng.normal(size=(many, 4))
    x[:, 0] += tells * y
    return x, rng.normal(size=many) + 0.3 * y, y, np.arange(many)


def test_an_order_that_is_plainly_better_takes_over() -> None:
    trial = walk_forward(*made(1, 120, tells=3.0))
    assert trial.reason is Reason.BETTER
    assert trial.before is not None and trial.after is not None and trial.low is not None
    assert trial.after > trial.before + trial.low > trial.before


def test_verdicts_without_a_pattern_seldom_take_over() -> None:
    better = sum(walk_forward(*made(seed, 60, tells=0.0)).reason is Reason.BETTER for seed in range(40))
    assert better <= 4


@pytest.mark.parametrize(
    ("many", "confirmed"), [(0, 0), (29, 15), (60, 7), (60, 53)], ids=["none", "few", "rare", "nearly all"]
)
def test_too_few_verdicts_are_said_to_be_too_few(many: int, confirmed: int) -> None:
    y = (np.arange(many) < confirmed).astype(float)
    trial = walk_forward(np.zeros((many, 2)), np.zeros(many), y, np.arange(many))
    assert trial.reason is Reason.TOO_FEW_VERDICTS
    assert (trial.judged, trial.confirmed, trial.before, trial.low) == (many, confirmed, None, None)


def test_verdicts_of_one_moment_cannot_be_walked_forward() -> None:
    x, prior, y, _moments = made(2, 60, tells=3.0)
    assert walk_forward(x, prior, y, np.zeros(60)).reason is Reason.TOO_FEW_VERDICTS


def test_the_order_of_the_rows_does_not_matter_and_later_verdicts_are_not_learned_from() -> None:
    x, prior, y, moments = made(3, 100, tells=3.0)
    mixed = np.random.default_rng(0).permutation(100)
    assert walk_forward(x, prior, y, moments) == walk_forward(
        x[mixed], prior[mixed], y[mixed], moments[mixed]
    )
    x[:, 1] = np.where(moments < 50, 0.0, 9 * y)  # tells all, but only from the middle on
    told = walk_forward(x[:, 1:2], prior, y, np.where(moments < 50, moments, 50))
    assert told.reason is Reason.NOT_BETTER


def test_a_level_is_never_overtaken() -> None:
    level, order = np.array([1.0, 2.0, 2.0, 1.0]), np.array([0.1, 0.9, 0.9, 0.4])
    assert in_level(order, level).tolist() == [1.0, 0.0, 0.0, 2.0]
