"""Complaints over a year: steady background by topic, then the stages of handling, in working days."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mingjian.sample.city.geography import DISTRICT_NAMES, Geography, line_org
from mingjian.sample.city.workdays import Workdays
from mingjian.sample.context import City, Dates, Numbers

SHARE = 60_000 / 350_000
DAYS = 365
KINDS = ["投诉", "求助", "咨询", "举报", "建议", "表扬"]
KIND_SHARES = [0.42, 0.2, 0.26, 0.06, 0.04, 0.02]
CHANNELS = ["电话", "网页", "APP", "微信", "二维码", "信箱", "随手拍"]
WEEKDAY = np.array([1.15, 1.1, 1.05, 1.0, 1.0, 0.8, 0.75])
LAST_MOMENT = 17 * 3600 + 3000
COLUMNS = ["at", "topic", "village", "who", "kind", "text", "subject", "group", "quick", "close"]
COLUMNS += ["project", "place", "part"]


def rows(
    at: Dates, topic: Numbers | int, village: Numbers, who: Numbers, kind: Any = "投诉", **more: Any
) -> pd.DataFrame:
    """Complaints before handling: moment, topic (position), village (position), complainant (person), kind.

    Optional: text, subject (uscc), group (same matter), quick (working days to finish, 0 for any), close (how ended),
    project, place (code of an address), part (what `process_cases` makes of it).
    """
    blank: dict[str, Any] = {"text": "", "subject": "", "group": "", "quick": 0, "close": ""}
    blank |= {"project": "", "place": "", "part": ""}
    frame = pd.DataFrame({"at": at}).assign(
        topic=topic, village=village, who=who, kind=kind, **{**blank, **more}
    )
    return frame[COLUMNS]


def background(city: City, people: pd.DataFrame, topics: pd.DataFrame) -> pd.DataFrame:
    """Counts by topic are spread evenly over the year (by weekday), so that no month of a topic stands out by chance."""
    rng = city.rng("complaints")
    common = np.flatnonzero(topics["common"])
    weight = rng.uniform(0.6, 1.6, len(common))
    counts = np.round(city.people * SHARE * weight / weight.sum()).astype(int)
    topic = np.repeat(common, counts)
    place = np.arange(len(topic)) - np.repeat(np.cumsum(counts) - counts, counts)
    quantile = (place + rng.random(len(topic))) / counts.repeat(counts)
    days = city.today - np.arange(DAYS - 1, -1, -1).astype("timedelta64[D]")
    load = np.cumsum(WEEKDAY[pd.DatetimeIndex(days).dayofweek])
    day = days[np.minimum(np.searchsorted(load / load[-1], quantile), DAYS - 1)]
    who = rng.integers(0, city.people, len(topic))
    kind = rng.choice(np.array(KINDS, dtype=object), len(topic), p=KIND_SHARES)
    return rows(moment(rng, day), topic, people["village"].to_numpy()[who], who, kind)


def moment(rng: np.random.Generator, day: Dates) -> Dates:
    """A second of the day when people complain; never after the run of `as_of` itself."""
    seconds = np.clip(rng.normal(12.5 * 3600, 3 * 3600, len(day)), 7 * 3600, LAST_MOMENT).astype(int)
    return day.astype("datetime64[s]") + seconds.astype("timedelta64[s]")


def handle(
    city: City, geo: Geography, workdays: Workdays, found: pd.DataFrame, topics: pd.DataFrame
) -> pd.DataFrame:
    """Number the complaints and add dispatch, limits, finish and closing; what is not due yet stays open.

    Everything finishes at least one working day before its limit, and what nobody planted three, so nothing is
    overdue or near its limit by itself.
    """
    rng = city.rng("handling")
    found = found.sort_values(["at", "topic", "who"], kind="stable").reset_index(drop=True)
    found["id"] = "GD" + pd.Series(np.arange(len(found)) + 100_000_000).astype(str)
    at = found["at"].to_numpy().astype("datetime64[s]")
    topic = found["topic"].to_numpy()
    limit = topics["finish_wd"].to_numpy()[topic]
    dispatched = at + rng.integers(600, 5400, len(found)).astype("timedelta64[s]")
    day = dispatched.astype("datetime64[D]")
    found["dispatched"] = dispatched
    found["accept_due"] = _at_six(workdays.after(day, np.full(len(found), 2)))
    found["finish_due"] = _at_six(workdays.after(day, limit))
    quick = found["quick"].to_numpy()
    taken = np.where(
        quick > 0,
        np.minimum(quick, limit - 1),
        1 + (rng.random(len(found)) * np.maximum(limit - 3, 1)).astype(int),
    )
    finished_day = workdays.after(day, taken)
    finished = finished_day.astype("datetime64[s]") + rng.integers(9 * 3600, 17 * 3600, len(found)).astype(
        "timedelta64[s]"
    )
    done = finished_day < city.today
    accepted = np.minimum(
        dispatched + rng.integers(1800, 14_400, len(found)).astype("timedelta64[s]"), finished
    )
    begun = accepted <= city.today.astype("datetime64[s]") + np.timedelta64(18 * 3600, "s")
    nothing = np.datetime64("NaT", "s")
    found["accepted"] = np.where(begun, accepted, nothing)
    found["finished"] = np.where(done, finished, nothing)
    close = rng.choice(
        np.array(["已解决", "已解释", "不合理", "已撤回"], dtype=object),
        len(found),
        p=[0.66, 0.28, 0.03, 0.03],
    )
    found["close"] = np.where(done, np.where(found["close"] != "", found["close"], close), "")
    codes = geo.villages["code"].to_numpy()[found["village"]]
    found["village_code"] = codes
    district = np.array([c[:6] for c in codes], dtype=object)
    found["district"] = district
    line = topics["line"].to_numpy()[topic]
    found["org"] = [line_org(d, x) for d, x in zip(district, line, strict=True)]
    found["channel"] = rng.choice(CHANNELS, len(found), p=[0.55, 0.08, 0.12, 0.12, 0.05, 0.03, 0.05])
    found["secret"] = rng.random(len(found)) < 0.15
    found["extended"] = 0
    return found


def _at_six(day: Dates) -> Dates:
    return day.astype("datetime64[s]") + np.timedelta64(18 * 3600, "s")


def describe(found: pd.DataFrame, topics: pd.DataFrame) -> pd.Series:
    """What the citizen said, where planting has not put other words."""
    l3 = pd.Series(topics["l3"].to_numpy()[found["topic"]], index=found.index)
    place = found["district"].map({str(159901 + i): name for i, name in enumerate(DISTRICT_NAMES)})
    said = "市民反映" + place + "辖区内“" + l3 + "”问题,请有关部门核实处理。"
    return said.where(found["text"] == "", found["text"])
