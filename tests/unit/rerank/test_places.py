"""A learned order moves a model's warnings among the places that the model has."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mingjian.rerank.places import POINT, moves

Row = tuple[float, int, int]
ROWS = st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 100), st.integers(1, 3)), min_size=1, max_size=60)


@given(rows=ROWS)
def test_who_comes_first_changes_but_no_place_does(rows: list[Row]) -> None:
    order, points, level = (np.array(column) for column in zip(*rows, strict=True))
    ids = [f"W{n:03d}" for n in range(len(rows))]
    moved = moves(ids, order, points, level)
    keys = np.array([points[n] * POINT + moved[i] for n, i in enumerate(ids)])
    for one in set(level.tolist()):
        mine = np.flatnonzero(level == one)
        by_key = mine[np.argsort(-keys[mine], kind="stable")]
        assert (np.diff(order[by_key]) <= 0).all()
        assert len(set(keys[mine].tolist())) == len(mine)
        held = np.floor((keys[by_key] + POINT / 2) / POINT)
        assert (held == np.sort(points[mine])[::-1]).all()


def test_equal_points_are_spread_around_the_point() -> None:
    moved = moves(["a", "b", "c"], np.array([1.0, 3.0, 2.0]), np.array([40, 40, 40]), np.ones(3))
    assert moved["b"] > moved["c"] == 0 > moved["a"] and moved["b"] == -moved["a"]
