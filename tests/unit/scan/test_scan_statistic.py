"""The likelihood ratio, p-values and trees against their definitions."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingjian.detect.scan import ROOT, Tree, p_values, poisson_llr, recurrence_days
from mingjian.detect.scan.montecarlo import batches
from mingjian.domain.errors import RuleError


def test_ratio_is_kulldorffs_formula() -> None:
    assert poisson_llr(10, 4.0, 50) == pytest.approx(10 * log(10 / 4) + 40 * log(40 / 46))


def test_all_cases_inside_leave_nothing_outside() -> None:
    assert poisson_llr(50, 4.0, 50) == pytest.approx(50 * log(50 / 4))


def test_fewer_than_expected_is_no_cluster() -> None:
    assert poisson_llr([3, 4], [4.0, 4.0], 50).tolist() == [0, 0]


@given(st.integers(0, 99), st.floats(0.01, 99))
def test_more_cases_never_lower_the_ratio(n: int, expected: float) -> None:
    less, more = poisson_llr([n, n + 1], expected, 100)
    assert 0 <= less <= more + 1e-9


def test_p_counts_the_replicates_that_reach_the_ratio() -> None:
    maxima = np.array([1.0, 2.0, 3.0, 4.0])
    assert p_values(np.array([5.0, 4.0, 2.5, 0.0]), maxima).tolist() == [0.2, 0.4, 0.6, 1.0]


def test_gumbel_agrees_with_rank_and_goes_below_it() -> None:
    maxima = np.random.default_rng(1).gumbel(5, 1.2, 9999)
    at = np.quantile(maxima, [0.5, 0.9, 0.99])
    assert p_values(at, maxima, "gumbel") == pytest.approx([0.5, 0.1, 0.01], rel=0.15)
    assert p_values(np.array([30.0]), maxima, "gumbel")[0] < 1e-6 < p_values(np.array([30.0]), maxima)[0]


def test_one_in_a_hundred_recurs_in_a_hundred_days() -> None:
    assert recurrence_days(0.01) == 100


def test_batches_add_up_and_hold_at_least_one() -> None:
    assert list(batches(10, 3, most=12)) == [4, 4, 2]
    assert list(batches(2, 100, most=12)) == [1, 1]
    with pytest.raises(RuleError):
        list(batches(0, 1))


codes = st.lists(st.integers(0, 999).map(lambda n: f"1501{n % 10:02d}{n:03d}"), min_size=1, max_size=20)


@given(codes)
def test_a_node_stands_for_the_codes_that_begin_with_it(given_codes: list[str]) -> None:
    tree = Tree.of_codes(given_codes)
    for number, node in enumerate(tree.nodes):
        under = {leaf for leaf, inside in zip(tree.leaves, tree.under(number), strict=True) if inside}
        assert under == {c for c in given_codes if node == ROOT or c.startswith(node)}


def test_a_district_without_towns_is_a_leaf_and_a_node() -> None:
    tree = Tree.of_codes(["150102", "150102001", "150103001"])
    assert tree.nodes == (ROOT, "150102", "150103", "150102001", "150103001")
    assert tree.under(1).tolist() == [True, True, False]
    assert tree.level(1).tolist() == [1, 2]
