"""Average precision of many resamples agrees with scikit-learn's of one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from mingjian.rerank.precision import average_precision, resamples


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 3)), min_size=1, max_size=40
    ).filter(lambda rows: any(y and w for _s, y, w in rows))
)
def test_ties_and_weights_count_as_in_scikit_learn(rows: list[tuple[int, bool, int]]) -> None:
    order, y, weights = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    mine = average_precision(order, y, weights[None, :])
    assert mine[0] == pytest.approx(average_precision_score(y, order, sample_weight=weights))


def test_nothing_positive_has_no_precision() -> None:
    assert np.isnan(average_precision(np.array([1.0, 2.0]), np.zeros(2))[0])


def test_resamples_draw_as_many_rows_as_there_are_and_repeat_by_seed() -> None:
    drawn = resamples(7, 20, seed=3)
    assert drawn.shape == (20, 7) and (drawn.sum(axis=1) == 7).all()
    assert (drawn == resamples(7, 20, seed=3)).all()
