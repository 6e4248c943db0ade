"""Laws over dashboards/: the committed JSON is the code's, and every query finds the city's data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from mingjian.domain.clock import CITY_TZ
from mingjian.report.grafana import committed, dashboards
from mingjian.report.panels import DATASOURCE_TYPE, DATASOURCE_UID
from tests.dash_rows import add_city, sectors_only
from tests.grafana_macros import expand

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (ROOT / "dashboards").glob("*.py"))
SINCE = datetime(2026, 2, 1, tzinfo=CITY_TZ)
UNTIL = datetime(2026, 3, 31, tzinfo=CITY_TZ)


def panels(lang: str = "zh") -> list[Any]:
    boards = dashboards(sectors_only(), lang)
    return [
        pytest.param(panel, id=f"{name}:{panel['title']}")
        for name, board in boards.items()
        for panel in board["panels"]
    ]


@pytest.fixture
def city(conn: Connection) -> Iterator[Connection]:
    add_city(conn)
    conn.exec_driver_sql("SET LOCAL ROLE mingjian_dash")
    yield conn
    conn.exec_driver_sql("RESET ROLE")


def choices(conn: Connection, board: dict[str, Any]) -> dict[str, list[str]]:
    """What "All" means: every value that the variables' own queries give."""
    found = {}
    for variable in board["templating"]["list"]:
        rows = conn.exec_driver_sql(expand(variable["query"], {}, SINCE, UNTIL)).mappings().all()
        assert rows, f"variable {variable['name']} offers nothing"
        found[variable["name"]] = [row["__value"] for row in rows]
    return found


@pytest.mark.parametrize("panel", panels())
def test_every_panels_query_runs_as_the_role_and_returns_rows(
    city: Connection, panel: dict[str, Any]
) -> None:
    chosen = choices(city, dashboards(sectors_only())["overview"])
    for target in panel["targets"]:
        rows = city.exec_driver_sql(expand(target["rawSql"], chosen, SINCE, UNTIL)).all()
        assert rows
        assert any(value is not None for row in rows for value in row)


def test_all_districts_include_warnings_without_one(city: Connection) -> None:
    board = dashboards(sectors_only())["overview"]
    chosen = choices(city, board)
    sql = board["panels"][0]["targets"][0]["rawSql"]
    assert tuple(city.exec_driver_sql(expand(sql, chosen, SINCE, UNTIL)).one()) == (1, 1, 1)
    assert tuple(
        city.exec_driver_sql(expand(sql, {**chosen, "district": ["150103"]}, SINCE, UNTIL)).one()
    ) == (0, 1, 0)


def test_new_warnings_follow_the_dashboards_time(city: Connection) -> None:
    board = dashboards(sectors_only())["overview"]
    sql = next(p for p in board["panels"] if p["type"] == "timeseries")["targets"][0]["rawSql"]
    chosen = choices(city, board)
    march = datetime(2026, 3, 1, tzinfo=CITY_TZ)
    found = city.exec_driver_sql(expand(sql, chosen, march, UNTIL)).mappings().all()
    assert {(row["metric"], row["warnings"]) for row in found} == {("subsidy", 2), ("utility", 1)}
    assert {datetime.fromtimestamp(float(row["time"]), CITY_TZ).date().isoformat() for row in found} == {
        "2026-03-02"
    }


@pytest.mark.parametrize("panel", panels())
def test_every_panel_has_our_source_words_and_place(panel: dict[str, Any]) -> None:
    assert panel["datasource"] == {"type": DATASOURCE_TYPE, "uid": DATASOURCE_UID}
    assert panel["title"] and "\n\n" in panel["description"]
    place = panel["gridPos"]
    assert place.get("x", 0) >= 0 and place.get("x", 0) + place["w"] <= 24


def test_english_titles_hold_no_chinese() -> None:
    titles = [param.values[0]["title"] for param in panels("en")]
    assert all(title.isascii() for title in titles)


def test_every_chosen_column_is_one_that_the_query_returns(city: Connection) -> None:
    board = dashboards(sectors_only())["overview"]
    chosen = choices(city, board)
    for panel in board["panels"]:
        if panel["type"] == "timeseries":
            continue
        columns = set(
            city.exec_driver_sql(expand(panel["targets"][0]["rawSql"], chosen, SINCE, UNTIL)).keys()
        )
        named = {o["matcher"]["options"] for o in panel["fieldConfig"].get("overrides", [])}
        assert named <= columns, panel["title"]


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_json_is_what_the_code_makes(name: str) -> None:
    written = (ROOT / "dashboards" / f"{name}.json").read_text(encoding="utf-8")
    assert written == committed(sectors_only())[name], "write the texts of committed(content) again"
    json.loads(written)
