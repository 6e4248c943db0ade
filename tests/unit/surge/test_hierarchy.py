"""The hierarchy of places and topics: sums are right, what is told is not redundant, and rarely false."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from mingjian.detect.surge.hierarchy import Tree, outermost, tree, unusual

PLACES, TOPICS = ["district", "street"], ["l1", "l2"]


def leaves(districts: int = 2, streets: int = 3, tops: int = 2, subs: int = 2) -> pd.DataFrame:
    rows = [
        (f"D{d}", f"D{d}S{s}", f"T{t}", f"T{t}U{u}")
        for d, s, t, u in product(range(districts), range(streets), range(tops), range(subs))
    ]
    return pd.DataFrame(rows, columns=[*PLACES, *TOPICS])


def node(hierarchy: Tree, **label: str) -> int:
    """The node with just these labels; all other levels are open."""
    wanted = pd.Series({c: label.get(c) for c in hierarchy.labels.columns}, dtype=object)
    same = [list(row) == list(wanted) for row in hierarchy.labels.itertuples(index=False)]
    return int(np.flatnonzero(same)[0])


def most_specific(pvalue: np.ndarray, hierarchy: Tree, q: float, most: float = 1.0) -> np.ndarray:
    return outermost(unusual(pvalue, hierarchy, q, most), hierarchy)


def judged(hierarchy: Tree, counts: np.ndarray, mean: float) -> np.ndarray:
    """Poisson p-values of all nodes where every leaf expects `mean`."""
    members = hierarchy.members
    return poisson.sf(members @ counts - 1, (members @ np.full(counts.shape, mean)))


def test_every_node_holds_the_leaves_under_it() -> None:
    own = leaves()
    counts = np.arange(len(own), dtype=float)[:, None]
    hierarchy = tree(own, PLACES, TOPICS)
    total = (hierarchy.members @ counts)[:, 0]
    assert len(total) == (1 + 2 + 6) * (1 + 2 + 4)
    assert total[node(hierarchy)] == counts.sum()
    assert total[node(hierarchy, district="D1")] == counts[own["district"] == "D1"].sum()
    some = (own["street"] == "D0S2") & (own["l1"] == "T1")
    assert total[node(hierarchy, district="D0", street="D0S2", l1="T1")] == counts[some].sum()
    assert total[-len(own) :].tolist() == counts[:, 0].tolist()


def test_a_node_that_holds_what_its_only_child_holds_is_no_test() -> None:
    hierarchy = tree(leaves(districts=2, streets=1, tops=1, subs=2), PLACES, TOPICS)
    assert not hierarchy.distinct[node(hierarchy, district="D0")]
    assert hierarchy.distinct[node(hierarchy, l1="T0", l2="T0U1")]
    assert hierarchy.distinct.sum() == 3 * 3  # the city and two streets, all topics and two of them


def test_a_surge_of_one_street_is_told_once_as_that_street() -> None:
    own = leaves()
    counts = np.full((len(own), 1), 5.0)
    counts[4] = 60
    hierarchy = tree(own, PLACES, TOPICS)
    told = np.flatnonzero(most_specific(judged(hierarchy, counts, 5.0), hierarchy, 0.05)[:, 0])
    assert told.tolist() == [len(hierarchy.labels) - len(own) + 4]


def test_a_surge_too_thin_for_any_street_is_told_as_its_district() -> None:
    own = leaves(streets=30, tops=1, subs=1)
    counts = np.where(own["district"] == "D1", 6.5, 4.0)[:, None]
    hierarchy = tree(own, PLACES, TOPICS)
    told = np.flatnonzero(most_specific(judged(hierarchy, counts, 4.0), hierarchy, 0.05)[:, 0])
    assert [hierarchy.labels.loc[n, "district"] for n in told] == ["D1"]
    assert hierarchy.labels.loc[told, "street"].isna().all()


def test_no_threshold_lies_above_the_most_that_is_asked_for() -> None:
    hierarchy = tree(leaves(1, 1, 1, 1), PLACES, TOPICS)
    pvalue = np.full((len(hierarchy.labels), 1), 0.02)
    assert most_specific(pvalue, hierarchy, 0.05).sum() == 1
    assert not most_specific(pvalue, hierarchy, 0.05, most=0.01).any()


def test_a_district_is_not_told_on_the_day_after_its_street() -> None:
    hierarchy = tree(leaves(1, 2, 1, 1), PLACES, TOPICS)
    mask = np.zeros((len(hierarchy.labels), 3), dtype=bool)
    mask[-1, 0] = mask[0, 1] = mask[0, 2] = True
    assert outermost(mask, hierarchy)[0].tolist() == [False, True, True]
    assert outermost(mask, hierarchy, near=1)[0].tolist() == [False, False, True]


@given(seed=st.integers(0, 10_000), lift=st.sampled_from([1.0, 2.0, 6.0]))
@settings(max_examples=15, deadline=None)
def test_nothing_told_contains_another_thing_told(seed: int, lift: float) -> None:
    rng = np.random.default_rng(seed)
    own = leaves()
    hierarchy = tree(own, PLACES, TOPICS)
    means = np.where(rng.random((len(own), 5)) < 0.2, 3 * lift, 3.0)
    told = most_specific(judged(hierarchy, rng.poisson(means), 3.0), hierarchy, 0.2)
    holds = hierarchy.members.toarray()
    for day in range(told.shape[1]):
        chosen = holds[told[:, day]]
        shared = chosen @ chosen.T
        inside = shared == chosen.sum(axis=1)[:, None]
        assert inside.sum() == len(chosen)


@pytest.mark.parametrize("loud", [0, 3])
def test_the_share_of_false_ones_among_those_told_stays_at_the_level_asked_for(loud: int) -> None:
    rng = np.random.default_rng(5)
    own = leaves(districts=3, streets=5, tops=3, subs=3)
    hierarchy = tree(own, PLACES, TOPICS)
    days, q = 1500, 0.1
    truth = np.zeros((len(own), days))
    for day in range(days):
        truth[rng.choice(len(own), loud, replace=False), day] = 1
    told = most_specific(judged(hierarchy, rng.poisson(4 + 16 * truth), 4.0), hierarchy, q)
    real = (hierarchy.members @ truth) > 0
    false = (told & ~real).sum(axis=0) / np.maximum(told.sum(axis=0), 1)
    assert false.mean() <= q + 3 * false.std() / np.sqrt(days)
    if loud:
        assert (told & real).sum() / (loud * days) > 0.9
