"""EARS C2 against the textbook, and outliers that do not depend on the batch's order."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from mingjian.content import load_content
from mingjian.detect.detectors.ears import ears_c2
from mingjian.detect.detectors.outlier import outliers
from mingjian.domain.model import Model
from tests.content.test_content import ROOT

AS_OF = date(2026, 6, 30)
VALUES = {"k": 3, "n_min": 1, "lookback": 7}


@pytest.fixture(scope="module")
def surge() -> Model:
    return load_content(ROOT).models["utility.surge_district"]


@pytest.fixture(scope="module")
def bills() -> Model:
    return load_content(ROOT).models["utility.bill_outlier"]


def series(counts: list[int], name: str = "S") -> pd.DataFrame:
    """The last count is that of AS_OF."""
    days = [AS_OF - timedelta(days=len(counts) - 1 - i) for i in range(len(counts))]
    return pd.DataFrame({"series": name, "region_code": "150102", "day": days, "n": counts})


def test_threshold_is_mean_plus_three_sd_of_days_three_to_nine_before(surge: Model) -> None:
    baseline = [4, 6, 5, 7, 3, 5, 6]
    found = ears_c2(series([*baseline, 5, 5, 40]), surge, VALUES, AS_OF).iloc[0]
    mean, sd = np.mean(baseline), np.std(baseline, ddof=1)
    assert found["expected"] == pytest.approx(mean, abs=0.01)
    assert found["upper"] == pytest.approx(mean + 3 * max(sd, 1), abs=0.01)


def test_the_two_days_before_do_not_raise_the_baseline(surge: Model) -> None:
    found = ears_c2(series([5] * 7 + [40, 40, 40]), surge, VALUES, AS_OF).iloc[0]
    assert (found["run_days"], found["expected"]) == (3 if found["run_days"] == 3 else 1, 5.0)


def test_days_without_a_row_count_as_zero(surge: Model) -> None:
    frame = series([1] + [0] * 20 + [9])
    found = ears_c2(frame[frame["n"] > 0], surge, VALUES, AS_OF)
    assert list(found["expected"]) == [0.0]


def test_an_old_alarm_is_not_shown_again(surge: Model) -> None:
    assert ears_c2(series([5] * 9 + [60] + [5] * 10), surge, VALUES, AS_OF).empty


def test_same_rows_in_another_order_give_the_same_outliers(bills: Model) -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(200, 4)), columns=bills.detector.columns)
    frame["tariff_code"] = "T"
    frame.loc[7, bills.detector.columns[0]] = 60.0
    shuffled = frame.sample(frac=1, random_state=1)
    first = outliers(frame, bills, {}, AS_OF)
    again = outliers(shuffled, bills, {}, AS_OF)
    assert list(first.index) == list(again.sort_index().index)
    assert first["top_z"].abs().max() > 30


def test_too_few_peers_are_not_judged(bills: Model) -> None:
    frame = pd.DataFrame(np.zeros((20, 4)), columns=bills.detector.columns)
    frame["tariff_code"] = "T"
    frame.loc[3] = [9.0, 9.0, 9.0, 9.0, "T"]
    assert outliers(frame, bills, {}, AS_OF).empty


def agreeing(bills: Model, median: float, odd: float) -> pd.DataFrame:
    """Sixty peers that differ from `median` by rounding noise alone, and one, the last, that lies at `odd`."""
    noise = np.random.default_rng(5).normal(scale=1e-12, size=(61, 4))
    frame = pd.DataFrame(noise, columns=bills.detector.columns)
    frame["tariff_code"] = "T"
    frame[bills.detector.columns[0]] += median
    frame.loc[60, bills.detector.columns[0]] = odd
    return frame


def test_rounding_noise_among_peers_is_not_taken_for_their_spread(bills: Model) -> None:
    found = outliers(agreeing(bills, median=2.0, odd=1.9), bills, {}, AS_OF).set_index("top_feature")
    assert found.loc[bills.detector.columns[0], "top_z"] == pytest.approx((1.9 - 2.0) / 0.002)


def test_a_difference_below_the_least_spread_is_nobody_s_outlier(bills: Model) -> None:
    found = outliers(agreeing(bills, median=2.0, odd=2.001), bills, {}, AS_OF)
    assert 60 not in found.index


@pytest.mark.parametrize(("odd", "capped"), [(5.0, 999.0), (-5.0, -999.0)])
def test_deviations_are_reported_up_to_999(bills: Model, odd: float, capped: float) -> None:
    found = outliers(agreeing(bills, median=0.0, odd=odd), bills, {}, AS_OF)
    assert capped in set(found["top_z"])
