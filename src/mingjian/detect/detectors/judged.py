"""The alarms of one step (day or week) over all nodes, told as episodes: what a finding says and its picture shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from mingjian.detect.detectors.series import Series
from mingjian.detect.surge.chance import by_chance, once_in
from mingjian.detect.surge.events import touching
from mingjian.detect.surge.hierarchy import outermost, unusual
from mingjian.detect.surge.many import within_budget

POINT = [("t", pa.string()), ("n", pa.float64()), ("expected", pa.float64()), ("upper", pa.float64())]
EVENT = pa.struct([(name, pa.string()) for name in ("from", "to", "zh", "en")])
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("series", "region_code", "step")),
        *((name, pa.date32()) for name in ("first_day", "last_day")),
        ("n", pa.int64()),
        *((name, pa.float64()) for name in ("expected", "upper", "ratio")),
        ("run", pa.int64()),
        ("chance", pa.float64()),
        *((name, pa.int64()) for name in ("chance_every", "judged", "waiting", "growing")),
        ("curve", pa.list_(pa.struct([*POINT, ("alarm", pa.bool_())]))),
        ("events", pa.list_(EVENT)),
        ("_members", pa.list_(pa.string())),
    ]
)


@dataclass(frozen=True)
class Judged:
    """Counts, thresholds and p-values of some nodes over the last steps judged; all (n_nodes, steps).

    `ends` is the last day of each step; `late` are the counts of later steps, still growing and therefore not judged.
    """

    counts: np.ndarray
    expected: np.ndarray
    upper: np.ndarray
    pvalue: np.ndarray
    ends: list[date]
    late: np.ndarray

    def above(self, least: int) -> np.ndarray:
        """Where the count passes its alarm line, and is not too small to speak of."""
        with np.errstate(invalid="ignore"):
            return np.asarray((self.counts > self.upper) & (self.counts >= least))


@dataclass(frozen=True)
class Watch:
    """How all nodes are watched at one step: their newest counts, which cells have the history to be judged, and how.

    `counts` and `able` give (n_nodes, steps) for a number of steps, `judge` answers for some nodes and steps.
    """

    step: Literal["day", "week"]
    counts: Callable[[int], np.ndarray]
    able: Callable[[int], np.ndarray]
    judge: Callable[[np.ndarray, int], Judged]


def told(
    series: Series, watch: Watch, values: dict[str, Any], recent: int, most_run: int, shown: int
) -> pa.Table:
    """One row per series and episode that reaches into the `recent` steps; SCHEMA says the columns.

    All nodes are one family of tests each step. An episode are the steps above the alarm line that hold one told;
    it is followed back for `most_run` steps. The picture of a series has its last `shown` steps.
    """
    least = int(values["n_min"])
    pvalue, excess = _family(watch, recent, least)
    q, alpha = share(values, "q"), share(values, "alpha_" + watch.step)
    marked = unusual(pvalue, series.hierarchy, q, alpha)
    alarm = outermost(marked & (pvalue < 1), series.hierarchy, near=1)
    kept = within_budget(alarm, pvalue, excess, int(values["budget"]))
    tests = (watch.able(most_run) & series.hierarchy.distinct[:, None]).sum(axis=0)
    nodes = np.flatnonzero(kept.any(axis=1))
    if not len(nodes):
        return SCHEMA.empty_table()
    picture = watch.judge(nodes, shown)
    above = picture.above(least)
    above[:, -recent:] |= kept[nodes]
    window = len(tests)
    kept = np.pad(kept[nodes], ((0, 0), (window - recent, 0)))
    waiting = np.pad((alarm.sum(axis=0) - kept[:, -recent:].sum(axis=0)), (window - recent, 0))
    rows = []
    for i, node in enumerate(nodes):
        about = _about(series, int(node), picture, i, values, above[i])
        for first, last in episodes(above[i, -window:]):
            newest = np.flatnonzero(kept[i, : last + 1])
            if len(newest) and newest[-1] >= first:
                figures = _figures(picture, i, watch.step, first - window, last - window, tests)
                rows.append({**figures, "waiting": int(waiting[newest[-1]]), **about})
                about = {**about, "_members": []}  # once a series: the evidence joins on its name
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def share(values: dict[str, Any], name: str) -> float:
    """A parameter given in per cent, as a share."""
    return float(values[name]) / 100


def _family(watch: Watch, recent: int, least: int) -> tuple[np.ndarray, np.ndarray]:
    """P-values and excess of all nodes; a count below the least is no alarm whatever it is, so it is not fitted."""
    counts = watch.counts(recent)
    pvalue, excess = np.where(watch.able(recent), 1.0, np.nan), np.zeros(counts.shape)
    large = counts >= least
    nodes = np.flatnonzero(large.any(axis=1))
    if len(nodes):
        seen = watch.judge(nodes, recent)
        pvalue[nodes] = np.where(large[nodes] & np.isfinite(seen.pvalue), seen.pvalue, pvalue[nodes])
        excess[nodes] = np.nan_to_num(seen.counts - seen.expected)
    return pvalue, excess


def frame_of(table: pa.Table) -> pd.DataFrame:
    """The rows for the registry, with their types kept though there may be none."""
    return table.to_pandas(types_mapper=pd.ArrowDtype)


def _figures(
    picture: Judged, row: int, step: str, first: int, last: int, tests: np.ndarray
) -> dict[str, Any]:
    """An episode's measures: those of its step with the largest count for what was expected.

    `first` and `last` count from the newest step, -1.
    """
    span = slice(first, last + 1 or None)
    ratio = picture.counts[row, span] / np.maximum(picture.expected[row, span], 1.0)
    peak = first + int(np.argmax(ratio))
    length = {"day": 1, "week": 7}[step]
    chance = (picture.pvalue[row, peak], tests[peak])
    return {
        "step": step,
        "first_day": picture.ends[first] - timedelta(days=length - 1),
        "last_day": picture.ends[last],
        "n": int(picture.counts[row, peak]),
        "expected": round(float(picture.expected[row, peak]), 2),
        "upper": round(float(picture.upper[row, peak]), 2),
        "ratio": round(float(ratio.max()), 2),
        "run": last - first + 1,
        "chance": round(float(by_chance(*chance)), 6),
        "chance_every": int(once_in(*chance)),
        "judged": int(tests[peak]),
        "growing": picture.late.shape[1],
    }


def _about(
    series: Series, node: int, picture: Judged, row: int, values: dict[str, Any], above: np.ndarray
) -> dict[str, Any]:
    """What belongs to the series whatever the episode: its place, its picture, the known events, its members."""
    region, leaves = series.regions[node], series.hierarchy.members[[node]].indices
    first_leaf = len(series.names) - series.hierarchy.members.shape[1]
    return {
        "series": series.names[node],
        "region_code": region,
        "curve": _curve(picture, row, above),
        "events": touching(
            values.get("events") or [],
            str(values.get("calendar") or "none"),
            picture.ends[0],
            picture.ends[-1],
            str(region or ""),
            series.topics[node],
        ),
        "_members": sorted(series.names[first_leaf + leaves]),
    }


def _curve(picture: Judged, row: int, above: np.ndarray) -> list[dict[str, Any]]:
    n, upper, expected = picture.counts[row], picture.upper[row], picture.expected[row]
    # Steps still growing are shown without a band: their counts say little yet.
    after = picture.ends[-1].toordinal() + 1
    late = [
        {"t": date.fromordinal(after + i).isoformat(), "n": float(x), "alarm": False}
        for i, x in enumerate(picture.late[row])
    ]
    return [
        {
            "t": day.isoformat(),
            "n": float(n[i]),
            "expected": round(float(expected[i]), 2) if np.isfinite(expected[i]) else None,
            "upper": round(float(upper[i]), 2) if np.isfinite(upper[i]) else None,
            "alarm": bool(above[i]),
        }
        for i, day in enumerate(picture.ends)
    ] + late


def episodes(mask: np.ndarray) -> list[tuple[int, int]]:
    """First and last step of each run of alarms."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
