"""Late reporting: the share reported by age is recovered from what has arrived, and young days are marked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingjian.detect.surge.late import completeness, settled_after, still_growing, triangle

SHARES = np.array([0.5, 0.3, 0.15, 0.05])  # reported on the day, one, two, three days later


def reported(days: int, mean: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Event day, arrival day and number, as they would all come in in the end."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(mean * SHARES, (days, len(SHARES)))
    event, delay = np.indices(n.shape)
    return event.ravel(), (event + delay).ravel(), n.ravel()


def test_the_share_reported_is_recovered_though_the_newest_days_are_unfinished() -> None:
    event, arrival, n = reported(days=120, mean=300.0, seed=1)
    share = completeness(triangle(event, arrival, n, today=119, longest=3))
    assert share == pytest.approx(np.cumsum(SHARES), abs=0.02)


def test_delays_differ_by_series_when_each_has_a_triangle_of_its_own() -> None:
    slow = triangle(*reported(90, 200.0, 2), today=89, longest=3)
    event, _arrival, n = reported(90, 200.0, 3)
    fast = triangle(event, event, n, today=89, longest=3)
    share = completeness(np.stack([slow, fast]))
    assert share[0] == pytest.approx(np.cumsum(SHARES), abs=0.03)
    assert share[1] == pytest.approx(np.ones(4))


def test_what_has_not_happened_yet_is_no_zero() -> None:
    found = triangle(np.array([0, 1, 1]), np.array([0, 1, 2]), np.array([4, 5, 6]), today=2, longest=2)
    assert found[0].tolist() == [4, 0, 0]
    assert found[1, :2].tolist() == [5, 6] and np.isnan(found[1, 2])
    assert found[2, 0] == 0 and np.isnan(found[2, 1:]).all()


def test_days_reported_to_less_than_four_fifths_are_marked() -> None:
    assert still_growing(6, np.cumsum(SHARES)).tolist() == [False, False, False, False, False, True]
    assert still_growing(6, np.cumsum(SHARES), least=0.9).tolist() == [False, False, False, False, True, True]


@given(st.integers(0, 5), st.integers(1, 9))
def test_a_declared_lag_marks_just_its_days(lag: int, days: int) -> None:
    marked = still_growing(days, settled_after(lag))
    assert marked.sum() == min(lag, days)
    assert not marked[: max(0, days - lag)].any()


def test_nothing_reported_means_nothing_is_known_to_be_missing() -> None:
    assert completeness(np.zeros((10, 4))).tolist() == [1, 1, 1, 1]
