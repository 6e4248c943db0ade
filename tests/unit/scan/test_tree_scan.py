"""The tree scan: brute force on tiny cases, its false-alarm rate, what it finds, and what must not matter."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import binom

from mingjian.detect.scan import Tree, TreeCluster, baseline, poisson_llr, tree_scan
from mingjian.domain.errors import RuleError

PLACES = Tree.of_codes([f"1501{d:02d}{t:03d}" for d in range(4) for t in range(3)])
TOPICS = Tree.of_paths({"停水": ["供水"], "水质": ["供水"], "停电": [], "噪音": []})
SHAPE = (len(PLACES.leaves), len(TOPICS.leaves))


def brute(counts: np.ndarray, expected: np.ndarray, n_min: int) -> float:
    """The largest ratio by three plain loops."""
    usual = expected * counts.sum(axis=(0, 1)) / expected.sum(axis=(0, 1))
    best = 0.0
    for p, t in product(range(len(PLACES.nodes)), range(len(TOPICS.nodes))):
        inside = np.ix_(PLACES.under(p), TOPICS.under(t))
        for days in range(1, counts.shape[2] + 1):
            n, e = counts[inside][..., -days:].sum(), usual[inside][..., -days:].sum()
            if n >= n_min:
                best = max(best, float(poisson_llr(n, e, counts.sum())))
    return best


@pytest.mark.parametrize("seed", range(8))
def test_the_best_cluster_is_that_of_plain_loops(seed: int) -> None:
    rng = np.random.default_rng(seed)
    expected = rng.gamma(1.0, 0.4, (*SHAPE, 4))
    counts = rng.poisson(expected)
    found = tree_scan(counts, expected, PLACES, TOPICS, n_min=2, replicates=9)
    assert found[0].llr == pytest.approx(brute(counts, expected, 2), rel=1e-5)


def within(alarms: int, days: int, level: float) -> bool:
    low, high = binom.interval(0.999, days, level)
    return bool(low <= alarms <= high)


def p_of(found: list[TreeCluster]) -> float:
    return found[0].p if found else 1.0


def test_known_expectations_alarm_at_their_level() -> None:
    rng = np.random.default_rng(5)
    expected = rng.gamma(1.0, 0.4, (*SHAPE, 3))
    p = np.array(
        [
            p_of(tree_scan(rng.poisson(expected), expected, PLACES, TOPICS, replicates=99, seed=day))
            for day in range(200)
        ]
    )
    assert within(int((p <= 0.05).sum()), 200, 0.05)
    assert within(int((p <= 0.5).sum()), 200, 0.5)


def test_learnt_expectations_of_scattered_counts_alarm_at_most_at_their_level() -> None:
    rng = np.random.default_rng(6)
    alarms = 0
    for day in range(200):
        rate = rng.gamma(0.5, 0.8, SHAPE)[:, :, None] * np.ones(31)
        counts = rng.poisson(rng.gamma(rate / 0.5) * 0.5)
        usual = baseline(counts, 28)
        found = tree_scan(
            counts[:, :, 28:], usual.expected(slice(28, 31)), PLACES, TOPICS,
            cases=usual.cases, dispersion=usual.dispersion, replicates=99, seed=day,
        )  # fmt: skip
        alarms += p_of(found) <= 0.05
    assert alarms <= binom.ppf(0.999, 200, 0.05)


def test_an_injected_cluster_is_found_where_it_is() -> None:
    rng = np.random.default_rng(7)
    expected = np.full((*SHAPE, 5), 0.5)
    counts = rng.poisson(expected)
    counts[3:6, TOPICS.leaves.index("停水"), -2:] += 4
    found = tree_scan(counts, expected, PLACES, TOPICS, replicates=199, seed=1, p_max=0.05)
    assert [(PLACES.nodes[c.place], TOPICS.nodes[c.topic], c.days, c.p) for c in found] == [
        ("150101", "停水", 2, 0.005)
    ]


def test_two_towns_and_a_whole_topic_do_not_share_a_leaf() -> None:
    counts = np.ones((*SHAPE, 2))
    counts[0, 0] += 20
    counts[:, 2] += 5
    found = tree_scan(counts, np.ones((*SHAPE, 2)), PLACES, TOPICS, replicates=19)
    cells = [np.outer(PLACES.under(c.place), TOPICS.under(c.topic)) for c in found]
    assert np.sum(cells, axis=0).max() == 1
    assert [c.rank for c in found] == list(range(1, len(found) + 1))


def test_a_day_when_all_is_up_alike_is_no_cluster() -> None:
    expected = np.full((*SHAPE, 3), 2.0)
    counts = np.broadcast_to(np.array([2, 2, 10]), expected.shape)
    assert tree_scan(counts, expected, PLACES, TOPICS, replicates=9) == []


def test_same_seed_same_p_and_no_cases_no_cluster() -> None:
    expected = np.full((*SHAPE, 3), 0.6)
    counts = np.random.default_rng(9).poisson(expected)
    runs = [tree_scan(counts, expected, PLACES, TOPICS, replicates=49, seed=3) for _ in range(2)]
    assert runs[0] == runs[1]
    assert tree_scan(counts * 0, expected, PLACES, TOPICS) == []


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(RuleError):
        tree_scan(np.ones((2, 2, 3)), np.ones((2, 2, 3)), PLACES, TOPICS)


def test_the_baseline_knows_weekdays_and_a_topic_new_to_a_street() -> None:
    counts = np.zeros((2, 2, 63))
    counts[0] = np.where(np.arange(63) % 7 < 5, 10, 0)
    counts[1, 0] = np.where(np.arange(63) % 7 < 5, 10, 0)
    usual = baseline(counts, 56)
    expected = usual.expected(slice(56, 63))
    assert expected[0, 0, 0] == pytest.approx(10, rel=0.1)
    assert expected[0, 0, 6] < 1.5
    assert 0 < expected[1, 1, 0] < 0.1
    with pytest.raises(RuleError):
        baseline(counts, 3)
