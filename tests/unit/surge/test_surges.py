"""The detector of surges: one row a matter at its most specific place, with its picture, its events and its chance."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from mingjian.content import load_content
from mingjian.detect import detectors
from mingjian.detect.detectors.surge import still_growing_days, surges
from mingjian.detect.duck import open_duck
from mingjian.detect.evidence import plain
from mingjian.detect.sql import values_of
from mingjian.domain.model import Model
from tests.content.test_content import ROOT

AS_OF = date(2026, 6, 30)


@pytest.fixture(scope="module")
def surge() -> Model:
    return load_content(ROOT).models["utility.surge_district"]


def frame_of(counts: np.ndarray, last: date = AS_OF) -> pd.DataFrame:
    """Counts of (districts, topics, days); topics 0 and 1 belong to L0, 2 and 3 to L1, and so on."""
    d, t, day = (part.ravel() for part in np.indices(counts.shape))
    age = counts.shape[2] - 1 - day
    return pd.DataFrame(
        {
            "series": [f"15010{i}|T{j}" for i, j in zip(d, t, strict=True)],
            "region_code": [f"15010{i}" for i in d],
            "district": [f"15010{i}" for i in d],
            "topic_l1": [f"L{j // 2}" for j in t],
            "topic_l2": [f"T{j}" for j in t],
            "day": [last - timedelta(days=int(a)) for a in age],
            "n": counts.ravel(),
        }
    )


def quiet(days: int = 160, mean: float = 6.0, seed: int = 3, districts: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).poisson(mean, (districts, 4, days))


def found(counts: np.ndarray, model: Model, **values: object) -> pd.DataFrame:
    return surges(frame_of(counts), model, {**values_of(model), **values}, AS_OF)


@pytest.mark.parametrize("days", [30, 160], ids=["a month of history", "five months"])
def test_a_surge_is_told_once_at_its_own_series(surge: Model, days: int) -> None:
    counts = quiet(days)
    counts[2, 1, -2:] = [60, 55]
    rows = found(counts, surge)
    assert list(rows["series"]) == ["150102|T1"]
    row = rows.iloc[0]
    assert (row["step"], row["run"], row["n"], row["region_code"]) == ("day", 2, 60, "150102")
    assert (row["first_day"], row["last_day"]) == (AS_OF - timedelta(days=1), AS_OF)
    assert list(row["_members"]) == ["150102|T1"]


def test_a_rise_of_one_topic_everywhere_is_told_for_the_city_when_no_district_shows_it(surge: Model) -> None:
    counts = quiet(districts=9)
    counts[:, 3, -1] = 10
    rows = found(counts, surge)
    assert list(rows["series"]) == ["全市|L1/T3"]
    assert rows["region_code"].isna().all()
    assert list(rows.iloc[0]["_members"]) == [f"15010{i}|T3" for i in range(9)]


def test_the_picture_holds_sixty_days_and_leaves_young_ones_without_a_band(surge: Model) -> None:
    counts = quiet()
    counts[1, 0, -3] = 70
    row = found(counts, surge, settle_days=2).iloc[0]
    curve = list(row["curve"])
    assert [set(point) for point in curve] == [{"t", "n", "expected", "upper", "alarm"}] * 62
    assert [p["t"] for p in curve if p["alarm"]] == [(AS_OF - timedelta(days=2)).isoformat()]
    assert [p["n"] for p in curve] == counts[1, 0, -62:].tolist()
    assert [p["upper"] is None for p in curve[-3:]] == [False, True, True]
    assert row["growing"] == 2


def test_a_surge_on_a_day_that_is_still_growing_waits(surge: Model) -> None:
    counts = quiet()
    counts[1, 0, -1] = 70
    assert found(counts, surge, settle_days=1).empty
    assert len(found(counts, surge)) == 1


def test_delays_that_are_known_say_which_days_are_still_growing(surge: Model) -> None:
    counts = quiet(120, mean=40)
    rows = frame_of(counts)
    ontime = rows.assign(n=rows["n"] // 2, arrived=rows["day"])
    late = rows.assign(n=rows["n"] - rows["n"] // 2, arrived=rows["day"] + pd.Timedelta(days=2))
    known = pd.concat([ontime, late[pd.to_datetime(late["arrived"]) <= pd.Timestamp(AS_OF)]])
    assert still_growing_days(known, {}, AS_OF) == 2
    assert still_growing_days(rows, {"settle_days": 1}, AS_OF) == 1
    assert surges(known, surge, values_of(surge), AS_OF).empty


def test_what_is_over_the_budget_is_counted_and_said(surge: Model) -> None:
    counts = quiet()
    counts[0, :3, -1] = [50, 90, 70]
    rows = found(counts, surge, budget=2)
    assert sorted(rows["series"]) == ["150100|T1", "150100|T2"]
    assert rows["waiting"].tolist() == [1, 1]


def test_chance_is_told_over_all_series_judged_that_day(surge: Model) -> None:
    counts = quiet()
    counts[0, 0, -1] = 60
    row = found(counts, surge).iloc[0]
    assert row["judged"] == 5 * (4 + 2 + 1)
    assert row["chance"] < 0.01 and row["chance_every"] > 100


def test_known_events_are_shown_and_silence_nothing(surge: Model) -> None:
    counts = quiet()
    counts[2, 1, -1] = 60
    storm = {
        "kind": "storm",
        "zh": "暴雨",
        "en": "rain",
        "topics": [],
        "from": "2026-06-29",
        "to": "2026-06-30",
    }
    events = [{**storm, "places": ["150102"]}, {**storm, "places": ["150103"], "en": "elsewhere"}]
    row = found(counts, surge, events=events, calendar="none").iloc[0]
    assert [dict(e) for e in row["events"]] == [
        {"from": "2026-06-29", "to": "2026-06-30", "zh": "暴雨", "en": "rain"}
    ]


def test_quiet_cities_hear_little(surge: Model) -> None:
    counts = quiet(120, mean=8.0, seed=4, districts=12)
    told = found(counts, surge, lookback=14)
    assert len(told) <= 3  # of 14 days at the level q = 0.05, three or more have a chance of 3 in 100


def test_a_place_that_begins_to_report_is_no_surge_of_the_city(surge: Model) -> None:
    counts = quiet(mean=20.0)
    rows = frame_of(counts)
    begins = pd.Timestamp(AS_OF - timedelta(days=5))
    rows = rows[(rows["district"] != "150103") | (pd.to_datetime(rows["day"]) >= begins)]
    assert surges(rows, surge, values_of(surge), AS_OF).empty


@pytest.mark.parametrize("loud", [True, False], ids=["with an alarm", "without any"])
def test_lists_of_points_and_events_survive_the_engine(
    surge: Model, loud: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    counts = quiet()
    if loud:
        counts[1, 0, -1] = 70
    table = detectors.run(frame_of(counts), surge, values_of(surge), AS_OF)
    engine = open_duck(tmp_path_factory.mktemp("spill"))
    try:
        engine.put("_hits", table)
        kept = engine.rows("SELECT h.*, n >= 50 AS high FROM _hits h").to_pylist()
    finally:
        engine.close()
    assert [{k: plain(v) for k, v in row.items()} for row in kept] == [
        {**{k: plain(v) for k, v in row.items()}, "high": True} for row in table.to_pylist()
    ]
    assert len(kept) == int(loud)
