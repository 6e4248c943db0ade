"""Requests reported finished: falsely closed, coming back at the same place, and rated badly at the return visit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mingjian.sample.city.geography import DISTRICTS
from mingjian.sample.city.workdays import Workdays
from mingjian.sample.context import Numbers, Texts, levels
from mingjian.sample.hotline.complaint_cases import Planter
from mingjian.sample.hotline.complaints import rows
from mingjian.sample.hotline.topics import SEASONAL
from mingjian.sample.process.process_rows import LOOKALIKES, SHARE, Crew, Days

RESOLVED = "已解决"
DEFAULT_TOPICS = 10  # a place with more than these is nobody's
SITE_TOPICS = ["水管漏水", "供热管网漏水", "燃气报修", "路灯不亮", "井盖破损", "道路破损", "信号灯故障"]
CLOSINGS = {"高": ["denied"], "中": ["denied_met", "week"], "低": ["month", "no_site"]}
# the same rows as the cases above: only the return visit, or the record of steps, tells them apart
CLOSING_LOOKALIKES = ["settled", "unreached", "own", "beyond", "explained", "question", "called"]
RATINGS = {"red": 22, "yellow": 24, "falling": 24}
RATING_LOOKALIKES = {"exempt": 22, "small": 12, "backlog": 22, "own": 22}
RATED_LINES = ["housing", "market", "urban", "transport", "education", "civil_affairs"]


def plant_closings(p: Planter, workdays: Workdays, companies: Texts) -> pd.DataFrame:
    """All rows of these parts, before handling; `companies` are three pairs of companies to complain about."""
    days, crew = Days(p, workdays), Crew(p)
    count = p.city.cases_for(SHARE)
    parts = [*_closings(p, days, crew, count), *_recurrences(p, count), *_no_recurrences(p, companies)]
    return pd.concat([*parts, *_rated(p, days, crew)], ignore_index=True)


def _closings(p: Planter, days: Days, crew: Crew, count: int) -> Iterator[pd.DataFrame]:
    site = np.array([int(np.flatnonzero(p.topics["l3"] == name)[0]) for name in SITE_TOPICS])
    everyday = np.setdiff1d(crew.topics(5), site)
    plan = [CLOSINGS[level][i // 3 % len(CLOSINGS[level])] for i, level in enumerate(levels(count))]
    for i, kind in enumerate([*plan, *CLOSING_LOOKALIKES * LOOKALIKES, *["new_matter"] * LOOKALIKES]):
        topic = int(site[i % len(site)] if kind in ("no_site", "called") else everyday[i % len(everyday)])
        village, ago = p.place(i % DISTRICTS, 1), 30 + i % 12
        more = {"quick": 1, "close": "已解释" if kind == "explained" else RESOLVED, "part": f"close:{kind}"}
        again = {"week": 4, "month": 22, "new_matter": 8}.get(kind)
        if again:
            more["group"] = f"TZF{i:05d}"
            later = days.before(ago - 1) + np.timedelta64(again, "D")
            other = int(everyday[(i + 7) % len(everyday)]) if kind == "new_matter" else topic
            yield rows(
                days.at(later, 9, 15), other, village, p.someone(1), group=more["group"], part="close:again"
            )
        said = "咨询" if kind == "question" else "投诉"
        yield rows(days.at(days.before(ago), 9, 15), topic, village, p.someone(1), said, **more)


def _recurrences(p: Planter, count: int) -> Iterator[pd.DataFrame]:
    """Neighbours raise what was closed: within a month or twice (高), within two (中), within three (低)."""
    everyday = np.flatnonzero(p.topics["common"])
    for i, level in enumerate(levels(count)):
        twice = level == "高" and i // 3 % 2 == 1
        gaps = [40, 45] if twice else [{"高": 18, "中": 46, "低": 75}[level]]
        yield _at_place(p, i, int(everyday[i % len(everyday)]), [sum(gaps[:n]) for n in range(len(gaps) + 1)])


def _no_recurrences(p: Planter, companies: Texts) -> Iterator[pd.DataFrame]:
    """Look-alikes: a topic of the season; another company each time; explained, not resolved; after three months;
    questions; and a default address that stands for every place."""
    everyday = np.flatnonzero(p.topics["common"])
    for i in range(LOOKALIKES):
        topic = int(everyday[(5 * i + 3) % len(everyday)])
        yield _at_place(p, 100 + i, p.topic(SEASONAL), [0, 25], part="season")
        yield _at_place(p, 200 + i, topic, [0, 25], subject=companies[2 * i : 2 * i + 2])
        yield _at_place(p, 300 + i, topic, [0, 25], close="已解释")
        yield _at_place(p, 400 + i, topic, [0, 105])
        yield _at_place(p, 500 + i, topic, [0, 25], kind="咨询")
        yield _at_place(p, 600 + i, topic, [0, 25])
        for other in np.setdiff1d(everyday, [topic])[:DEFAULT_TOPICS]:
            yield _at_place(p, 600 + i, int(other), [0], ago=150 + 9 * i)


def _at_place(
    p: Planter, number: int, topic: int, spread: list[int], ago: int = 0, **more: object
) -> pd.DataFrame:
    """Requests of different people at one place; the last some weeks ago, the others `spread` before it.

    None lies within the last month, where a few more on one topic would make it look like a common problem.
    """
    last = p.city.today - np.timedelta64(ago or 32 + number % 40, "D")
    day = last - np.timedelta64(spread[-1], "D") + np.array(spread).astype("timedelta64[D]")
    at = day.astype("datetime64[s]") + p.rng.integers(9 * 3600, 15 * 3600, len(spread)).astype(
        "timedelta64[s]"
    )
    village, told = p.place(number % DISTRICTS, 1)[0], {"close": RESOLVED, **more}
    return rows(at, topic, village, p.someone(len(spread)), place=f"DZF{number:05d}", quick=1, **told)


def rated_units(p: Planter) -> list[tuple[str, int, str]]:
    """(kind, district, line) of every unit whose return visits are planted; the dice give the same each time."""
    kinds = [k for k in (*RATINGS, *RATING_LOOKALIKES) for _ in range(LOOKALIKES)]
    pairs = [(d, line) for line in RATED_LINES for d in range(DISTRICTS)]
    chosen: Numbers = p.city.rng("rated units").choice(len(pairs), len(kinds), replace=False)
    return [(kind, *pairs[n]) for kind, n in zip(kinds, chosen.tolist(), strict=True)]


def _rated(p: Planter, days: Days, crew: Crew) -> Iterator[pd.DataFrame]:
    """Requests of one unit spread over two months and its topics, all before the month before the last."""
    start = days.last_month(1)
    for kind, district, line in rated_units(p):
        count = {**RATINGS, **RATING_LOOKALIKES}[kind]
        fit = crew.topics(5, line)
        ago = 10 + (np.arange(count) * 50) // count + (150 if kind == "backlog" else 0)
        at = (start - ago.astype("timedelta64[D]")).astype("datetime64[s]")
        at = at + p.rng.integers(9 * 3600, 15 * 3600, count).astype("timedelta64[s]")
        topic, village = fit[np.arange(count) % len(fit)], p.place(district, count)
        yield rows(at, topic, village, p.someone(count), quick=2, close=RESOLVED, part=f"rate:{kind}")
