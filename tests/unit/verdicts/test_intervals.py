"""Intervals against values that others computed."""

from __future__ import annotations

import pytest
from scipy.stats import beta, binomtest

from mingjian.verdicts.estimate import missed
from mingjian.verdicts.interval import exact, of_counts, of_weighted, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_is_the_published_interval(hits: int, n: int, low: float, high: float) -> None:
    found = of_counts(hits, n)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 1), (3, 7), (50, 100), (999, 1000), (20, 20)])
def test_wilson_is_scipys(hits: int, n: int) -> None:
    found, scipys = of_counts(hits, n), binomtest(hits, n).proportion_ci(method="wilson")
    assert found is not None
    assert (found.low, found.high) == pytest.approx((scipys.low, scipys.high), abs=1e-12)


def test_equal_weights_are_plain_counts_and_unequal_ones_widen() -> None:
    answers = [(True, 1.0)] * 6 + [(False, 1.0)] * 4
    assert of_weighted(answers) == wilson(0.6, 10.0)
    assert of_weighted([(yes, 20 * w) for yes, w in answers]) == of_counts(6, 10)
    some = of_weighted([(True, 20.0), *[(False, 1.0)] * 20])
    assert some is not None
    assert some.share == 0.5 and some.n == pytest.approx(1600 / 420)


def test_without_answers_nothing_is_said() -> None:
    assert of_counts(0, 0) is None and of_weighted([]) is None and exact(0, 0) is None


def test_no_miss_among_thirty_still_has_an_upper_bound() -> None:
    found = exact(0, 30)
    assert found is not None and found.low == 0
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 30))
    some = exact(2, 30)
    assert some is not None
    assert (some.low, some.high) == pytest.approx((beta.ppf(0.025, 2, 29), beta.ppf(0.975, 3, 28)))


def test_recall_from_what_was_missed() -> None:
    found = missed(hits=1, reviewed=50, unflagged=1000, confirmed=80)
    assert found.rate is not None and found.recall is not None
    assert found.recall.share == pytest.approx(80 / (80 + 1000 * 0.02))
    assert found.recall.low == pytest.approx(80 / (80 + 1000 * found.rate.high))
    assert found.recall.high == pytest.approx(80 / (80 + 1000 * found.rate.low))


def test_recall_is_not_told_without_confirmed_cases_or_reviews() -> None:
    assert missed(0, 10, 100, confirmed=0).recall is None
    assert missed(0, 0, 100, confirmed=9).recall is None
