"""Return visits: a sample of what was finished, and the planted ones that contradict or confirm a closing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mingjian.sample.context import City, Dates
from mingjian.sample.process.closing_rows import LOOKALIKES, RATING_LOOKALIKES, RATINGS
from mingjian.sample.process.handling import closing_hour

SHARE, REACHED, CONTENT = 0.35, 0.82, 0.93
SATISFIED = {"red": 8, "yellow": 15, "falling": 15, "exempt": 8, "small": 3, "backlog": 8, "own": 8}
SATISFIED_BEFORE = {"yellow": 15, "falling": 22}
NOTES = {"red": "高: 满意率低于红线", "yellow": "中: 连续两月低于黄线", "falling": "低: 首次低于黄线且下降"}
DENIED = {"reached": "是", "contacted": "否", "resolved": "否", "mark": 1, "reason": "未办理"}
CONFIRMED = {"reached": "是", "contacted": "是", "resolved": "是", "mark": 5, "reason": ""}
NO_ANSWER = {"reached": "否", "contacted": "", "resolved": "", "mark": np.nan, "reason": ""}
# what the visits to one planted request say, in order
PLANTED: dict[str, list[dict[str, Any]]] = {
    "denied": [DENIED],
    "denied_met": [DENIED | {"contacted": "是", "reason": "未解决"}],
    "settled": [DENIED, CONFIRMED],
    "unreached": [NO_ANSWER],
    "own": [DENIED | {"visitor": "承办单位"}],
    "beyond": [DENIED | {"contacted": "是", "reason": "超出法定范围"}],
    "explained": [DENIED],
    "question": [DENIED],
    "new_matter": [DENIED | {"contacted": "是", "reason": "属新问题"}],
}


def build_visits(city: City, found: pd.DataFrame) -> pd.DataFrame:
    """Columns object (id), at, visitor, reached, contacted, resolved, mark (1 to 5), reason, seconds."""
    rng = city.rng("return visits")
    visits = pd.concat(
        [_everyday(city, rng, found), _planted(rng, found), _rated(city, rng, found)], ignore_index=True
    )
    visits = visits[visits["at"] <= pd.Timestamp(closing_hour(city))].sort_values(
        ["at", "object"], kind="stable"
    )
    visits["seconds"] = np.where(visits["reached"] == "是", rng.integers(40, 400, len(visits)), 0)
    return visits.reset_index(drop=True)


def _everyday(city: City, rng: np.random.Generator, found: pd.DataFrame) -> pd.DataFrame:
    """Every third finished request is visited, but not of the units whose visits are planted."""
    rated = set(found.loc[found["part"].str.startswith("rate:"), "org"])
    drawn = rng.random(len(found)) < SHARE
    mine = found[drawn & found["finished"].notna() & (found["part"] == "") & ~found["org"].isin(rated)]
    count = len(mine)
    reached = rng.random(count) < REACHED
    resolved = mine["close"].to_numpy() == "已解决"
    mark = np.where(rng.random(count) < CONTENT, rng.integers(4, 6, count), rng.integers(1, 4, count))
    frame = pd.DataFrame({"object": mine["id"].to_numpy(), "at": _after(rng, mine["finished"], 1, 10)})
    frame["visitor"] = np.where(rng.random(count) < 0.7, "热线", "第三方")
    frame["reached"] = np.where(reached, "是", "否")
    frame["contacted"] = np.where(reached, "是", "")
    frame["resolved"] = np.where(reached, np.where(resolved, "是", "否"), "")
    frame["mark"] = np.where(reached, mark, np.nan)
    frame["reason"] = np.where(
        reached & ~resolved, "超出法定范围", np.where(reached & (mark < 4), "办理慢", "")
    )
    return frame


def _after(rng: np.random.Generator, finished: pd.Series, low: int, high: int) -> Dates:
    """Some days after the finish, in working hours."""
    day = finished.to_numpy().astype("datetime64[D]") + rng.integers(low, high + 1, len(finished)).astype(
        "timedelta64[D]"
    )
    return day.astype("datetime64[s]") + rng.integers(9 * 3600, 17 * 3600, len(finished)).astype(
        "timedelta64[s]"
    )


def _planted(rng: np.random.Generator, found: pd.DataFrame) -> pd.DataFrame:
    made = []
    for kind, said in PLANTED.items():
        mine = found[found["part"] == f"close:{kind}"]
        for n, words in enumerate(said):
            at = _after(rng, mine["finished"], 2 + 8 * n, 7 + 8 * n)
            made.append(
                pd.DataFrame({"object": mine["id"].to_numpy(), "at": at}).assign(
                    **{"visitor": "热线", **words}
                )
            )
    return pd.concat(made, ignore_index=True)


def _rated(city: City, rng: np.random.Generator, found: pd.DataFrame) -> pd.DataFrame:
    """Many visits to the requests of one unit in the last full month, and in the month before."""
    made = []
    for kind in (*RATINGS, *RATING_LOOKALIKES):
        mine = found[found["part"] == f"rate:{kind}"]
        for org, rows in mine.groupby("org"):
            made.append(_month(city, rng, rows, kind, 0, SATISFIED[kind]))
            if kind in SATISFIED_BEFORE:
                made.append(_month(city, rng, rows, kind, 1, SATISFIED_BEFORE[kind]))
            if kind in NOTES:
                city.plant("process.low_satisfaction_unit", "org", str(org), NOTES[kind])
        assert mine["org"].nunique() == LOOKALIKES  # noqa: S101 - each kind has its own units
    return pd.concat(made, ignore_index=True)


def _month(
    city: City, rng: np.random.Generator, rows: pd.DataFrame, kind: str, back: int, satisfied: int
) -> pd.DataFrame:
    first = (city.today.astype("datetime64[M]") - 1 - back).astype("datetime64[D]")
    day = first + rng.integers(3, 26, len(rows)).astype("timedelta64[D]")
    at = day.astype("datetime64[s]") + rng.integers(9 * 3600, 17 * 3600, len(rows)).astype("timedelta64[s]")
    good = rng.permutation(len(rows)) < satisfied
    frame = pd.DataFrame({"object": rows["id"].to_numpy(), "at": at})
    frame["visitor"] = (
        "承办单位" if kind == "own" else np.where(rng.random(len(rows)) < 0.6, "热线", "第三方")
    )
    frame["mark"] = np.where(good, rng.integers(4, 6, len(rows)), rng.integers(1, 4, len(rows)))
    frame["reason"] = np.where(good, "", "办理慢")
    return frame.assign(reached="是", contacted="是", resolved="是")
