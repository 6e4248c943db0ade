"""Outages of power, water and gas by grid over a year, with repeated ones, late notices and their look-alikes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mingjian.sample.city.companies import GAS, GAS_SUPPLIERS, POWER, WATER, codes_of
from mingjian.sample.city.geography import DISTRICTS, Geography
from mingjian.sample.context import City, Dates

REPEATED, LATE = "utility.outage_repeat", "utility.outage_notice"
KINDS = {"power": "电", "water": "水", "gas": "气"}
AHEAD_H = {"power": 7 * 24, "water": 24, "gas": 48}
CAUSES = {"power": "线路故障跳闸", "water": "管道爆裂", "gas": "阀门故障"}
WORKS = {"power": "配电设备检修", "water": "水厂清洗检修", "gas": "管线碰口作业"}
HOUR = np.timedelta64(3600, "s")
COLUMNS = ["kind", "village", "grid", "planned", "notice", "start", "end", "users", "cause"]

# (days before the day of the run, hours, note) of repeated outages, all unplanned unless `planned` says how many are not
REPEATS = [
    *[([55, 44, 33, 22, 11, 3], 3, "", 0, "高")] * 3,
    *[([40, 25, 9], 4, "，波及区人民医院", 0, "高")] * 2,
    *[([50, 30, 8], 2, "", 1, "中")] * 2,
    *[([50, 41, 30, 19, 6], 2, "", 0, "中")] * 2,
    *[([34, 12], 14, "", 0, "低")] * 3,
]
# (kind, hours of notice or none, households, cause, level)
NOTICES: list[tuple[str, float | None, int, str, str]] = [
    ("water", None, 320, "水厂清洗检修", "高"),
    ("power", None, 75, "配电设备检修", "高"),
    ("gas", None, 900, "管线碰口作业", "高"),
    ("power", 100, 6200, "变电站检修", "高"),
    ("water", 20, 5400, "主干管检修", "高"),
    ("power", 150, 880, "配电设备检修", "中"),
    ("gas", 30, 640, "管线碰口作业", "中"),
    ("water", 10, 720, "水厂清洗检修", "中"),
    ("power", 20, 90, "临时检修", "低"),
    ("gas", 40, 120, "管线碰口作业", "低"),
    ("water", -2, 60, "水厂清洗检修", "低"),
    ("power", 166, 210, "配电设备检修", "低"),
]
TIMELY: list[tuple[str, float | None, int, str]] = [
    *[
        (kind, None, 800, cause)
        for kind, cause in zip(KINDS, ["紧急抢修", "爆管抢险", "泄漏紧急处置"], strict=True)
    ],
    *[(kind, 2, 30, WORKS[kind]) for kind in KINDS],
    *[(kind, AHEAD_H[kind], 900, WORKS[kind]) for kind in KINDS],
    *[("power", 26, 400, "临时检修")] * 3,
]


@dataclass
class Grids:
    """Hands out grids one by one: a village and its number, no grid twice."""

    city: City
    geo: Geography

    def __post_init__(self) -> None:
        self.rng = self.city.rng("outages")
        self.free = list(self.rng.permutation(len(self.geo.villages)))
        self.round = 1

    def next(self) -> tuple[int, str]:
        """Position of the village and the grid's code, three digits behind the village's."""
        if not self.free:
            self.free, self.round = list(self.rng.permutation(len(self.geo.villages))), self.round + 1
        village = int(self.free.pop())
        return village, f"{self.geo.villages['code'].iloc[village]}{self.round:03d}"


def build_outages(city: City, geo: Geography) -> pd.DataFrame:
    """One row an outage, by start: id, kind, supplier, region, grid, planned, notice, start, end, users, cause."""
    grids = Grids(city, geo)
    parts = [*_repeats(grids), *_repeat_lookalikes(grids), *_notices(grids), _background(grids)]
    found = pd.concat(parts, ignore_index=True).sort_values("start", kind="stable", ignore_index=True)
    found["id"] = "TG" + pd.Series(np.arange(len(found)) + 100_000).astype(str)
    found["supplier"] = _suppliers(geo, found)
    found["region"] = geo.villages["town"].to_numpy()[found["village"]]
    for level in "高中低":
        late = found.loc[found["level"] == level, "id"]
        city.plant(LATE, "outage", late, f"{level}: 停供公告不足规定提前量")
    return found


def _rows(kind: str, grid: tuple[int, str], start: Dates, hours: float | Dates, **more: Any) -> pd.DataFrame:
    village, code = grid
    end = start + (np.asarray(hours) * 3600).astype("timedelta64[s]")
    blank: dict[str, Any] = {
        "planned": False,
        "notice": np.datetime64("NaT", "s"),
        "users": 180,
        "cause": CAUSES[kind],
        "level": "",
    }
    frame = pd.DataFrame({"start": start, "end": end}).assign(kind=kind, village=village, grid=code)
    return frame.assign(**{**blank, **more})


def _days_ago(city: City, days: list[int] | np.ndarray, hour: int = 9) -> Dates:
    return (city.today - np.asarray(days).astype("timedelta64[D]")).astype("datetime64[s]") + hour * HOUR


def _repeats(g: Grids) -> Iterator[pd.DataFrame]:
    """Six times (高), a hospital hit (高), three to five times (中), two long ones (低)."""
    kinds = list(KINDS)
    for i, (days, hours, note, planned, level) in enumerate(REPEATS):
        kind, grid = kinds[i % 3], g.next()
        start = _days_ago(g.city, days)
        cause = np.array([CAUSES[kind]] * len(days), dtype=object)
        cause[-1] += note
        cause[:planned] = WORKS[kind]
        notice = np.where(
            np.arange(len(days)) < planned, start - (AHEAD_H[kind] + 12) * HOUR, np.datetime64("NaT", "s")
        )
        yield _rows(
            kind, grid, start, hours, cause=cause, notice=notice, planned=np.arange(len(days)) < planned
        )
        g.city.plant(REPEATED, "grid", f"{grid[1]}|{kind}", f"{level}: 60 日内停供 {len(days)} 次")


def _repeat_lookalikes(g: Grids) -> Iterator[pd.DataFrame]:
    """Announced renewal; mostly planned; one outage reported twice; twice and short; three times in half a year."""
    for kind in KINDS:
        works = _days_ago(g.city, [50, 40, 30, 20, 10])
        told = works - (AHEAD_H[kind] + 24) * HOUR
        yield _rows(
            kind,
            g.next(),
            works,
            10,
            planned=True,
            notice=told,
            cause="老旧管线改造" if kind != "power" else "线路迁改",
        )
        mixed = np.arange(5) < 3
        notice = np.where(mixed, told, np.datetime64("NaT", "s"))
        yield _rows(kind, g.next(), works, 3, planned=mixed, notice=notice,
                    cause=np.where(mixed, WORKS[kind], CAUSES[kind]))  # fmt: skip
        yield _rows(kind, g.next(), _days_ago(g.city, [16, 16, 16]), 5)
        yield _rows(kind, g.next(), _days_ago(g.city, [48, 21]), 4)
        yield _rows(kind, g.next(), _days_ago(g.city, [170, 90, 15]), 6)


def _notices(g: Grids) -> Iterator[pd.DataFrame]:
    """Planned outages announced late or never, and those that were in time, small or emergencies."""
    plan = [*NOTICES, *[(*row, "") for row in TIMELY]]
    for kind, ahead, users, cause, level in plan:
        start = _days_ago(g.city, g.rng.integers(3, 55, 1), 8)
        notice = (
            np.datetime64("NaT", "s")
            if ahead is None
            else (start - np.timedelta64(int(ahead * 3600), "s"))[0]
        )
        yield _rows(
            kind, g.next(), start, 4, planned=True, notice=notice, users=users, cause=cause, level=level
        )


def _background(g: Grids) -> pd.DataFrame:
    """One or two short outages a grid in a year, months apart; the planned ones announced a day too early."""
    count = len(g.geo.villages)
    grids = [g.next() for _ in range(count)]
    kinds = g.rng.choice(list(KINDS), count)
    parts = []
    for grid, kind in zip(grids, kinds, strict=True):
        first = int(g.rng.integers(5, 150))
        days = [first, first + int(g.rng.integers(80, 200))][: int(g.rng.integers(1, 3))]
        start, planned = _days_ago(g.city, days, int(g.rng.integers(6, 20))), g.rng.random(len(days)) < 0.5
        notice = np.where(planned, start - (AHEAD_H[kind] + 24) * HOUR, np.datetime64("NaT", "s"))
        cause = np.where(planned, WORKS[kind], CAUSES[kind])
        hours = g.rng.uniform(0.5, 8, len(days)).round(1)
        users = g.rng.integers(20, 2000, len(days))
        parts.append(
            _rows(kind, grid, start, hours, planned=planned, notice=notice, cause=cause, users=users)
        )
    return pd.concat(parts, ignore_index=True)


def _suppliers(geo: Geography, found: pd.DataFrame) -> np.ndarray:
    district = geo.villages["district"].to_numpy()[found["village"]] % DISTRICTS
    gas = codes_of(geo, GAS, GAS_SUPPLIERS)[district]
    power, water = codes_of(geo, POWER, 1)[0], codes_of(geo, WATER, 1)[0]
    return np.where(found["kind"] == "gas", gas, np.where(found["kind"] == "power", power, water))
