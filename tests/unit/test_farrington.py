"""Weekly surges: the same season of earlier years decides, full weeks alone are judged, and daily alarms come first."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from mingjian.content import load_content
from mingjian.detect.detectors.farrington import farrington_flexible
from mingjian.detect.detectors.surge import surges
from mingjian.detect.sql import values_of
from mingjian.domain.model import Model
from tests.content.test_content import ROOT

AS_OF = date(2026, 6, 30)
SUNDAY = date(2026, 6, 28)


@pytest.fixture(scope="module")
def surge() -> Model:
    return load_content(ROOT).models["utility.surge_district"]


def weekly(counts: list[int]) -> pd.DataFrame:
    """One row a week on its Wednesday; the last count is that of the last full week."""
    days = [SUNDAY - timedelta(days=4 + 7 * (len(counts) - 1 - i)) for i in range(len(counts))]
    about = {"series": "D|T", "region_code": "150102", "district": "D", "topic_l1": "L", "topic_l2": "T"}
    return pd.DataFrame({**about, "day": days, "n": counts})


def by_week(frame: pd.DataFrame, model: Model, as_of: date = AS_OF) -> pd.DataFrame:
    return farrington_flexible(frame, model, values_of(model), as_of)


def test_only_the_same_season_of_earlier_years_counts(surge: Model) -> None:
    season = [40 if i % 52 in range(20, 30) else 8 for i in range(52 * 3 + 25)]
    found = by_week(weekly([*season, 75]), surge)
    assert list(found["series"]) == ["D|T"]
    assert found["expected"].between(30, 45).all()
    assert by_week(weekly([*season, 42]), surge).empty


def test_less_than_three_years_and_three_weeks_are_not_judged(surge: Model) -> None:
    enough = 52 * 3 + 3 + 1  # the series begins on a Wednesday, so its first week is not full
    assert by_week(weekly([10] * (enough - 1) + [60]), surge).empty
    assert len(by_week(weekly([10] * enough + [60]), surge)) == 1


def test_alarm_weeks_that_follow_each_other_are_one_matter_from_its_first_monday(surge: Model) -> None:
    row = by_week(weekly([10] * 170 + [60, 70]), surge).iloc[0]
    assert (row["run"], row["first_day"], row["last_day"]) == (2, date(2026, 6, 15), SUNDAY)
    assert row["n"] == 70


def test_the_week_under_way_is_not_judged(surge: Model) -> None:
    frame = weekly([10] * 171)
    today = frame.tail(1).assign(day=[AS_OF], n=[90])
    assert by_week(pd.concat([frame, today]), surge).empty
    both = surges(pd.concat([frame, today]), surge, values_of(surge), AS_OF)
    assert list(both["step"]) == ["day"]


def test_a_series_with_a_daily_alarm_has_no_second_row_for_the_week(surge: Model) -> None:
    found = surges(weekly([10] * 170 + [70]), surge, values_of(surge), AS_OF)
    assert list(found["step"]) == ["day"]


def test_the_last_week_waits_until_its_counts_are_complete(surge: Model) -> None:
    waits = {**values_of(surge), "settle_days": 3}
    frame = weekly([10] * 170 + [60])
    assert farrington_flexible(frame, surge, waits, AS_OF).empty
    assert len(farrington_flexible(frame, surge, waits, AS_OF + timedelta(days=1))) == 1
