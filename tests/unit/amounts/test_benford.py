"""First digits: law, classes, chance, endings and repeats."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingjian.detect.amounts import benford, last_two_digits, repeated_amounts
from mingjian.detect.amounts.benford import CLASSES, expected, expected_mad
from mingjian.detect.amounts.digits import leading
from mingjian.domain.errors import RuleError


def one(amounts: np.ndarray, **settings: float) -> np.ndarray:
    return benford(
        amounts, np.zeros(len(amounts), dtype=np.int64), 1, **{"n_min": 1, "orders_min": 0, **settings}
    )  # type: ignore[arg-type]


@given(fen=st.integers(1, 10**14), digits=st.sampled_from([1, 2]))
def test_leading_digits_are_those_that_are_written(fen: int, digits: int) -> None:
    written = int(f"{fen:0<2d}"[:digits])
    assert leading(np.array([fen / 100]), digits)[0] == written


def test_the_law_sums_to_one_for_one_and_two_digits() -> None:
    assert expected(1).sum() == pytest.approx(1)
    assert expected(2).sum() == pytest.approx(1)
    assert expected(1)[0] == pytest.approx(0.30103, abs=1e-5)


def test_expected_mad_of_two_digits_is_that_of_barney_and_schulzke() -> None:
    # "Moderating Cry Wolf Events with Excess MAD" (2016): E(MAD) is about 1 / sqrt(158.8 N).
    assert expected_mad(np.array([100_000.0]), 2)[0] == pytest.approx(1 / np.sqrt(158.8 * 100_000), rel=1e-3)


@pytest.mark.parametrize("n", [3, 30, 700])
def test_expected_mad_is_exact_also_for_small_numbers(n: int) -> None:
    drawn = np.random.default_rng(4).multinomial(n, expected(1), size=20_000) / n
    simulated = np.abs(drawn - expected(1)).mean()
    assert expected_mad(np.array([float(n)]))[0] == pytest.approx(simulated, rel=0.01)


def test_chance_of_a_mad_is_level_over_benford_groups() -> None:
    groups, n = 2_000, 500
    amounts = 10 ** np.random.default_rng(5).uniform(1, 6, groups * n)
    p = benford(amounts, np.repeat(np.arange(groups), n), groups).mad_p
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.02)
    assert (p <= 0.001).mean() < 0.005


def test_groups_too_small_or_too_narrow_are_not_judged() -> None:
    few, narrow = np.geomspace(1, 1e5, 499), np.geomspace(100, 90_000, 600)
    tested = benford(np.r_[few, narrow], np.r_[np.zeros(499, int), np.ones(600, int)], 2)
    assert np.isnan(tested.mad).all()
    assert np.isnan(tested.mad_p).all()
    assert tested.conformity.tolist() == [-1, -1]


def test_nigrini_classes_by_their_cuts() -> None:
    even = np.arange(1000, 10_000)
    natural = 10 ** np.linspace(0, 5, 50_000, endpoint=False)
    assert CLASSES[one(natural).conformity[0]] == "close"
    assert CLASSES[one(even).conformity[0]] == "nonconforming"


def test_weights_stand_for_repeated_amounts() -> None:
    amounts, times = np.array([12.0, 250.0, 3.5]), np.array([2.0, 1.0, 3.0])
    weighted, repeated = one(amounts, weights=times), one(np.repeat(amounts, times.astype(int)))  # type: ignore[arg-type]
    np.testing.assert_allclose(weighted.share, repeated.share)
    np.testing.assert_allclose(weighted.summed, repeated.summed)


def test_summation_puts_the_money_on_its_leading_digits() -> None:
    tested = one(np.array([1_200.0, 12.0, 99.0]), digits=2)
    assert tested.summed[0, 12 - 10] == pytest.approx(1212 / 1311)
    assert tested.summed[0, 99 - 10] == pytest.approx(99 / 1311)


def test_amounts_that_are_none_are_left_out() -> None:
    assert one(np.array([0.0, -5.0, np.nan, np.inf, 0.004, 7.0])).n.tolist() == [1.0]


def test_other_digits_are_refused() -> None:
    with pytest.raises(RuleError):
        one(np.array([1.0]), digits=3)


def test_a_frequent_ending_is_named_and_round_ones_are_not() -> None:
    rng = np.random.default_rng(6)
    plain = rng.integers(1_000, 99_999, 2_000).astype(float)
    round_ones = rng.integers(10, 999, 2_000) * 100.0
    odd = rng.integers(10, 999, 60) * 100.0 + 37
    code = np.r_[np.zeros(4_000, int), np.ones(2_060, int)]
    found = last_two_digits(np.r_[plain, round_ones, plain, odd], code, 2)
    assert found.p[0] > 0.01
    assert (found.ending[1], found.p[1] < 1e-6) == (37, True)


def test_no_ending_in_amounts_too_small() -> None:
    found = last_two_digits(np.array([37.0, 137.0]), np.array([0, 0]), 1)
    assert (found.ending[0], found.p[0]) == (-1, 1.0)


def test_repeats_are_the_most_frequent_amounts_of_each_group() -> None:
    amounts = np.array([5.0, 5.0, 7.1, 7.1, 9.0, 5.0, 5.0])
    found = repeated_amounts(amounts, np.array([0, 0, 0, 0, 0, 1, 1]))
    assert found.values.tolist() == [[0, 7.1, 2, 0.4], [0, 5.0, 2, 0.4], [1, 5.0, 2, 1.0]]
