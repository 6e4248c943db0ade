"""Planted complaints: repeats, common problems, surges, forced prepayment, overdue ones, and their look-alikes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mingjian.sample.city.geography import DISTRICTS, Geography
from mingjian.sample.context import City, Numbers, Texts, levels
from mingjian.sample.hotline.complaints import moment, rows
from mingjian.sample.hotline.topics import COMMON, PREPAY, QUIET, SEASONAL, SURGE

REPEAT_SHARE = 1 / 1500
OVERDUE_SHARE = 1 / 1200
# requests by days before the day of the run: 高, 中, 低
SURGE_SIZES = [{1: 62, 0: 57}, {1: 19, 0: 17}, {2: 16}]
SURGES = 9


class Planter:
    """Helps to place complaints: villages of a district, people to complain, topics by name."""

    def __init__(self, city: City, geo: Geography, people: pd.DataFrame, topics: pd.DataFrame) -> None:
        self.city, self.geo, self.topics = city, geo, topics
        self.rng = city.rng("complaint cases")
        self.by_district = [np.flatnonzero(geo.villages["district"] == d) for d in range(DISTRICTS)]
        self.people = self.rng.permutation(np.flatnonzero(people["age"] >= 18))

    def topic(self, name: tuple[str, str]) -> int:
        """Position of (l2, l3)."""
        return int(np.flatnonzero((self.topics["l2"] == name[0]) & (self.topics["l3"] == name[1]))[0])

    def someone(self, count: int) -> Numbers:
        """Grown-up people nobody has asked for yet."""
        chosen, self.people = self.people[:count], self.people[count:]
        return chosen

    def place(self, district: int, count: int) -> Numbers:
        """Villages of a district."""
        return self.rng.choice(self.by_district[district], count)

    def ago(self, low: int, high: int, count: int) -> np.ndarray:
        """Moments between `low` and `high` days before the day of the run."""
        day = self.city.today - self.rng.integers(low, high + 1, count).astype("timedelta64[D]")
        return moment(self.rng, day)


def plant_complaints(planter: Planter, gas: Texts) -> pd.DataFrame:
    """All planted rows and look-alikes, before handling."""
    parts = [
        *_repeats(planter),
        *_repeat_lookalikes(planter),
        *_common(planter),
        *_common_lookalikes(planter),
    ]
    parts += [*_surges(planter), *_prepayments(planter, gas)]
    return pd.concat(parts, ignore_index=True)


def _repeats(p: Planter) -> Iterator[pd.DataFrame]:
    """One person on one matter after it was finished: five times or finished twice before (高), 3 (中), 2 (低)."""
    plans = {
        "高": [(80, 1), (62, 1), (45, 1), (28, 1), (9, 1)],
        "中": [(60, 1), (20, 4), (19, 4)],
        "低": [(50, 1), (14, 3)],
    }
    common = np.flatnonzero(p.topics["common"])
    for i, level in enumerate(levels(p.city.cases_for(REPEAT_SHARE))):
        who, group = p.someone(1)[0], f"TZ{i:06d}"
        topic = common[i % len(common)]
        village = p.place(i % DISTRICTS, 1)[0]
        days = np.array([d for d, _ in plans[level]])
        at = moment(p.rng, p.city.today - days.astype("timedelta64[D]"))
        quick = np.array([q for _, q in plans[level]])
        yield rows(at, topic, village, who, group=group, quick=quick, close="已解决")
        p.city.plant(
            "utility.repeat_same_issue", "complaint_group", group, f"{level}: 办结后重复反映共{len(days)}次"
        )


def _repeat_lookalikes(p: Planter) -> Iterator[pd.DataFrame]:
    """Urging before anything is finished; different people on one matter; months apart; repeated questions."""
    common = np.flatnonzero(p.topics["common"] & (p.topics["finish_wd"] >= 10))
    for i in range(3):
        topic, village = common[i % len(common)], p.place(i, 1)[0]
        one, many = p.someone(1)[0], p.someone(3)
        day = p.city.today - np.timedelta64(30, "D")
        urging = day + np.array([0, 1, 1]).astype("timedelta64[D]")
        yield rows(moment(p.rng, urging), topic, village, one, group=f"TZU{i:05d}", quick=7)
        others = p.city.today - np.array([60, 40, 20]).astype("timedelta64[D]")
        yield rows(moment(p.rng, others), topic, village, many, group=f"TZD{i:05d}", quick=2)
        apart = p.city.today - np.array([220, 125, 15]).astype("timedelta64[D]")
        yield rows(moment(p.rng, apart), topic, village, one, group=f"TZA{i:05d}", quick=2)
        yield rows(moment(p.rng, others), topic, village, one, "咨询", group=f"TZC{i:05d}", quick=2)


def _common(p: Planter) -> Iterator[pd.DataFrame]:
    """A topic hardly known before appears in three districts (低) or in four to eight (高) within a month."""
    for i, name in enumerate(COMMON):
        districts = p.rng.permutation(DISTRICTS)[: 3 if i % 2 else int(p.rng.integers(4, 9))]
        topic = p.topic(name)
        for d in districts:
            count = int(p.rng.integers(4, 7))
            yield rows(p.ago(2, 26, count), topic, p.place(d, count), p.someone(count))
        yield rows(p.ago(31, 115, 3), topic, p.place(int(districts[0]), 3), p.someone(3))
        level = "低" if len(districts) == 3 else "高"
        p.city.plant("utility.common_problem", "topic", name[1], f"{level}: {len(districts)} 个区县同时反映")


def _common_lookalikes(p: Planter) -> Iterator[pd.DataFrame]:
    """Two districts only; one busy person a district; as many before as now; a season's questions everywhere."""
    two, busy, steady = (p.topic(name) for name in QUIET)
    for d in (0, 1):
        yield rows(p.ago(2, 26, 6), two, p.place(d, 6), p.someone(6))
    for d in range(4):
        yield rows(p.ago(2, 26, 5), busy, p.place(d, 5), p.someone(1)[0])
        yield rows(p.ago(1, 26, 4), steady, p.place(d, 4), p.someone(4))
        yield rows(p.ago(33, 115, 14), steady, p.place(d, 14), p.someone(14))
    for d in range(DISTRICTS):
        yield rows(p.ago(1, 28, 6), p.topic(SEASONAL), p.place(d, 6), p.someone(6), "咨询", quick=1)


def _surges(p: Planter) -> Iterator[pd.DataFrame]:
    """A burst main (高), a smaller one of two days (中), one day only (低); no topic surges in three districts."""
    for i in range(SURGES):
        name, sizes, district = SURGE[i % len(SURGE)], SURGE_SIZES[i % 3], (2 + 3 * i + i // 3) % DISTRICTS
        for ago, count in sizes.items():
            yield rows(p.ago(ago, ago, count), p.topic(name), p.place(district, count), p.someone(count))
        series = f"{p.geo.district_codes[district]}|{name[0]}"
        note = f"{'高中低'[i % 3]}: {len(sizes)} 日内 {sum(sizes.values())} 件"
        p.city.plant("utility.surge_district", "series", series, note)


def _prepayments(p: Planter, gas: Texts) -> Iterator[pd.DataFrame]:
    """Four people name suppliers 3 to 5 (中), one names 6 to 8 (低). Look-alikes: two people; questions only."""
    topic = p.topic(PREPAY)
    text = "商户反映燃气公司要求先交预存费才予通气,请核实。"
    plan = [(i, 4, "投诉") for i in (3, 4, 5)] + [(i, 1, "投诉") for i in (6, 7, 8)]
    plan += [(i, 2, "投诉") for i in (9, 10, 11)] + [(i, 5, "咨询") for i in (12, 13, 14)]
    for supplier, count, kind in plan:
        district = supplier % DISTRICTS
        at, where, who = p.ago(40, 300, count), p.place(district, count), p.someone(count)
        yield rows(at, topic, where, who, kind, subject=gas[supplier], text=text)


def plant_overdue(city: City, found: pd.DataFrame) -> None:
    """Take the finish from complaints whose limit has passed: by more than 10 working days (高), 4 to 9 (中), 1 or 2 (低).

    Look-alikes: an extension moved the limit; the limit is today; merged, withdrawn or exempt ones.
    """
    rng = city.rng("overdue")
    due = found["finish_due"].to_numpy().astype("datetime64[D]")
    late = np.busday_count(due, city.today)
    plain = (
        (found["group"] == "")
        & (found["subject"] == "")
        & (found["part"] == "")
        & (due < city.today)
        & found["finished"].notna()
    )
    count = city.cases_for(OVERDUE_SHARE)
    for level, (low, high) in {"高": (11, 25), "中": (4, 9), "低": (1, 2)}.items():
        wanted = int((levels(count) == level).sum())
        free = np.flatnonzero(plain & (late >= low) & (late <= high))
        chosen = rng.choice(free, min(wanted, len(free)), replace=False)
        _reopen(found, chosen)
        plain[chosen] = False
        city.plant("process.finish_overdue", "complaint", found.loc[chosen, "id"], f"{level}: 超期未办结")
    _overdue_lookalikes(city, rng, found, np.flatnonzero(plain & (late >= 1) & (late <= 12)))


def _overdue_lookalikes(city: City, rng: np.random.Generator, found: pd.DataFrame, free: Numbers) -> None:
    extended, today = np.split(rng.choice(free, 8, replace=False), 2)
    six = np.timedelta64(18 * 3600, "s")
    for chosen, ahead, times in ((extended, 6, 1), (today, 0, 1)):
        found.loc[chosen, "finish_due"] = (city.today + ahead).astype("datetime64[s]") + six
        _reopen(found, chosen)
        found.loc[chosen, "extended"] = times


def _reopen(found: pd.DataFrame, chosen: Numbers) -> None:
    found.loc[chosen, "finished"] = pd.NaT
    found.loc[chosen, "close"] = ""
