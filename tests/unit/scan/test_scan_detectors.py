"""From rows to findings: a common problem is one row, a point problem another; scope, curve, members, subjects."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.content.test_content import ROOT

from mingjian.content import load_content
from mingjian.detect.detectors.scan import hotspots, tree_clusters
from mingjian.detect.scan import COMMON, POINT, spread
from mingjian.domain.model import Model

AS_OF = date(2026, 6, 30)


Given = tuple[Model, dict[str, Any]]


@pytest.fixture(scope="module")
def models() -> dict[str, Model]:
    return load_content(ROOT).models


def given(models: dict[str, Model], name: str) -> Given:
    return models[name], {key: param.value for key, param in models[name].params.items()}


@pytest.fixture(scope="module")
def tree(models: dict[str, Model]) -> Given:
    return given(models, "utility.common_surge")


@pytest.fixture(scope="module")
def circle(models: dict[str, Model]) -> Given:
    return given(models, "utility.hotspot_scan")


def daily(risen: list[str], n: int = 6) -> pd.DataFrame:
    """Two topics in two towns of each of five districts for 63 days; 停水 is up by n in some towns for three days."""
    towns = [f"15010{d}{t:03d}" for d in range(1, 6) for t in (1, 2)]
    rows = [
        {"place": town, "topic": topic, "day": AS_OF - timedelta(days=age), "n": usual}
        for town in towns
        for topic, usual in (("停水", 1), ("噪音", 3))
        for age in range(63)
    ]
    rows += [
        {"place": town, "topic": "停水", "day": AS_OF - timedelta(days=age), "n": n}
        for town in risen
        for age in range(3)
    ]
    frame = pd.DataFrame(rows).groupby(["place", "topic", "day"], as_index=False)["n"].sum()
    return frame.assign(topic_group="供水", place_name=None, district_name="区" + frame["place"].str[5])


def test_a_rise_in_many_districts_is_one_common_problem(tree: Given) -> None:
    found = tree_clusters(daily(["150101001", "150103001", "150105002"]), *tree, AS_OF)
    row = found.iloc[0]
    assert (row["cluster"], row["scope"], row["place_name"]) == ("*|停水", COMMON, "区1、区3、区5")
    assert list(row["places"]) == ["150101", "150103", "150105"]
    assert (row["n"], row["days"], row["districts"], row["all_districts"]) == (72, 3, 3, 5)
    assert list(found["cluster"]).count("*|停水") == 1


def test_a_rise_in_one_town_is_a_point_problem(tree: Given) -> None:
    row = tree_clusters(daily(["150102001"], 10), *tree, AS_OF).iloc[0]
    assert (row["cluster"], row["scope"], row["region_code"]) == ("150102001|停水", POINT, "150102001")
    assert (row["first_day"], row["n"]) == (date(2026, 6, 28), 33)
    assert row["week"] == date(2026, 6, 22)
    assert list(row["_members"]) == ["150102001|停水"]
    assert row["recurrence"] == round(1 / row["p"])


def test_the_curve_ends_today_and_marks_the_cluster(tree: Given) -> None:
    curve = list(tree_clusters(daily(["150102001"], 10), *tree, AS_OF).iloc[0]["curve"])
    assert len(curve) == 60
    assert [point["alarm"] for point in curve[-4:]] == [False, True, True, True]
    assert (curve[-1]["t"], curve[-1]["n"]) == ("2026-06-30", 11)
    assert curve[0]["n"] == 1 <= curve[0]["upper"] < 11


def test_order_of_rows_does_not_matter(tree: Given) -> None:
    frame = daily(["150102001", "150104001"])
    turned = frame.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(tree_clusters(frame, *tree, AS_OF), tree_clusters(turned, *tree, AS_OF))


def requests(n: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    cell = np.append(rng.integers(0, 30, 300), np.repeat(7, n))
    age = np.append(rng.integers(0, 60, 300), np.repeat([0, 1], [n - n // 2, n // 2]))
    return pd.DataFrame(
        {
            "service_request_id": [f"R{k:04d}" for k in range(len(cell))],
            "topic": "停水",
            "cell": [f"G{c:02d}" for c in cell],
            "lat": 40 + cell * 0.01,
            "long": 113.0,
            "region_code": np.where(cell < 15, "150102", "150103"),
            "day": [AS_OF - timedelta(days=int(a)) for a in age],
        }
    )


def test_a_hotspot_is_told_by_its_busiest_cell_and_its_requests(circle: Given) -> None:
    row = hotspots(requests(), *circle, AS_OF).iloc[0]
    assert (row["cluster"], row["region_code"], row["scope"]) == ("停水|G07", "150102", POINT)
    assert (row["days"], row["n"], len(row["_members"])) == (2, row["n"], row["n"])
    assert "G07" in list(row["places"])
    assert abs(row["lat"] - 40.07) <= 0.02
    assert sum(point["n"] for point in row["curve"] if point["alarm"]) == row["n"]


def test_hotspots_do_not_depend_on_row_order(circle: Given) -> None:
    frame = requests(10)
    turned = frame.sample(frac=1, random_state=5)
    pd.testing.assert_frame_equal(hotspots(frame, *circle, AS_OF), hotspots(turned, *circle, AS_OF))


def test_no_rows_give_typed_columns(tree: Given, circle: Given) -> None:
    for detect, given, frame in ((tree_clusters, tree, daily([])), (hotspots, circle, requests())):
        assert detect(frame.iloc[:0], *given, AS_OF).dtypes["p"].pyarrow_dtype == "double"


def test_three_of_ten_risen_places_are_common_and_two_or_small_rises_are_not() -> None:
    usual = np.full(10, 4.0)
    up = np.array([12, 12, 12, 4, 4, 4, 4, 4, 4, 4])
    assert spread(up, usual).scope == COMMON
    assert spread(np.where(np.arange(10) < 2, up, 4), usual).scope == POINT
    assert spread(np.where(up > 4, 7, 4), usual).risen.sum() == 0
    assert spread(up, usual, dispersion=20.0).scope == POINT
    assert spread(up, usual, least_share=0.4).scope == POINT
