"""The space-time permutation scan: brute force on tiny cases, its false-alarm rate, what it finds, row order."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from mingjian.detect.scan import CircleCluster, permutation_scan, poisson_llr

GRID = np.array([(x, y) for x in range(6) for y in range(6)], dtype=float) * 0.5


def scan(topic: np.ndarray, cell: np.ndarray, age: np.ndarray, **settings: object) -> list[CircleCluster]:
    given = {"r_km": 1.0, "w_days": 3, "steps": 2, "replicates": 99}
    return permutation_scan(topic, cell, age, GRID, **given | settings)  # type: ignore[arg-type]


def quiet(rng: np.random.Generator, n: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cases of two topics, each with its own busy cells and busy days, and no tie between the two."""
    topic = rng.integers(0, 2, n)
    cell = (rng.beta(1, 2, n) * len(GRID)).astype(int)
    return topic, cell, (rng.beta(1, 1.5, n) * 20).astype(int)


def brute(topic: np.ndarray, cell: np.ndarray, age: np.ndarray, n_min: int) -> float:
    """The largest ratio by plain loops over topics, centres, radii and windows."""
    best = 0.0
    for t in np.unique(topic):
        mine, days = cell[topic == t], age[topic == t]
        for centre in np.unique(mine):
            away = np.hypot(*(GRID[mine] - GRID[centre]).T)
            for radius in (0.0, 0.5, 1.0):
                inside = away <= radius + 1e-9
                for w in (1, 2, 3):
                    n, expected = (inside & (days < w)).sum(), inside.sum() * (days < w).mean()
                    if n >= n_min:
                        best = max(best, float(poisson_llr(n, expected, len(mine))))
    return best


@pytest.mark.parametrize("seed", range(8))
def test_the_best_cluster_is_that_of_plain_loops(seed: int) -> None:
    cases = quiet(np.random.default_rng(seed))
    assert scan(*cases, replicates=9)[0].llr == pytest.approx(brute(*cases, 2), rel=1e-6)


def test_quiet_days_alarm_at_their_level() -> None:
    rng = np.random.default_rng(11)
    p = np.array([scan(*quiet(rng), seed=day)[0].p for day in range(200)])
    for level in (0.05, 0.5):
        low, high = binom.interval(0.999, 200, level)
        assert low <= (p <= level).sum() <= high


def crowd(rng: np.random.Generator, where: list[int], n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    topic, cell, age = quiet(rng)
    return (
        np.append(topic, np.ones(n, dtype=int)),
        np.append(cell, rng.choice(where, n)),
        np.append(age, rng.integers(0, 2, n)),
    )


def test_an_injected_crowd_is_found_with_its_cells() -> None:
    where = [20, 21, 26, 27]
    found = scan(*crowd(np.random.default_rng(12), where, 30), p_max=0.05, replicates=199)
    assert (found[0].topic, found[0].p, found[0].rank) == (1, 0.005, 1)
    assert set(where) <= set(found[0].cells)
    assert found[0].days == 2


def test_clusters_of_one_topic_share_no_cell() -> None:
    found = scan(*crowd(np.random.default_rng(13), [7, 28], 40), n_min=3)
    for topic in (0, 1):
        cells = [cell for c in found if c.topic == topic for cell in c.cells]
        assert len(cells) == len(set(cells))


def test_row_order_does_not_matter() -> None:
    topic, cell, age = crowd(np.random.default_rng(14), [20, 21], 12)
    turned = np.random.default_rng(1).permutation(len(topic))
    one, two = scan(topic, cell, age, seed=4), scan(topic[turned], cell[turned], age[turned], seed=4)
    assert [(c.centre, c.days, c.llr, c.p) for c in one] == [(c.centre, c.days, c.llr, c.p) for c in two]


def test_neither_a_busy_place_nor_a_busy_day_is_a_cluster() -> None:
    cell = np.concatenate([np.repeat(5, 200), np.tile(np.arange(36), 20)])
    age = np.concatenate([np.tile(np.arange(20), 10), np.repeat(np.arange(20), 36)])
    busy_today = np.arange(36)
    cell, age = np.append(cell, busy_today), np.append(age, busy_today * 0)
    assert scan(cell * 0, cell, age, p_max=0.2) == []


def test_no_recent_case_no_cluster() -> None:
    topic, cell, age = quiet(np.random.default_rng(15))
    assert scan(topic, cell, age + 3) == []
