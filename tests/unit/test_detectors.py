"""EARS C2 against the textbook."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from mingjian.content import load_content
from mingjian.detect.detectors.ears import ears_c2
from mingjian.domain.model import Model
from tests.content.test_content import ROOT

AS_OF = date(2026, 6, 30)
VALUES = {"k": 3, "n_min": 1, "lookback": 7}


@pytest.fixture(scope="module")
def surge() -> Model:
    return load_content(ROOT).models["utility.surge_district"]


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
    assert (found["run_days"], found["expected"]) == (1, 5.0)


def test_days_without_a_row_count_as_zero(surge: Model) -> None:
    frame = series([1] + [0] * 20 + [9])
    found = ears_c2(frame[frame["n"] > 0], surge, VALUES, AS_OF)
    assert list(found["expected"]) == [0.0]


def test_an_old_alarm_is_not_shown_again(surge: Model) -> None:
    assert ears_c2(series([5] * 9 + [60] + [5] * 10), surge, VALUES, AS_OF).empty
