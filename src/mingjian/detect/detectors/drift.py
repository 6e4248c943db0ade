"""Drift of monthly totals against the same month of the year before, both ways: payees and money of a programme."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats

from mingjian.detect.detectors.judged import POINT, episodes
from mingjian.detect.surge.chance import by_chance, once_in

YEAR = 12
NEEDS = 2 * YEAR  # months before the first that can be judged: a year, and the year that it is compared with
MOST_RUN = 6  # months over which a drift is followed back
SHOWN = 36
LEAST_SPREAD = 0.01  # of a logarithm: about one per cent
MOST_Z = 99.0
FREEDOM = 4  # of Student's t: what a median deviation of twelve values is worth
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("series", "region_code", "programme_id", "what")),
        *((name, pa.date32()) for name in ("first_month", "last_month", "last_day")),
        *((name, pa.float64()) for name in ("n", "expected", "change", "z")),
        *((name, pa.int64()) for name in ("people", "entries", "exits", "run")),
        *((name, pa.float64()) for name in ("rate", "rate_before", "chance")),
        *((name, pa.int64()) for name in ("chance_every", "judged")),
        ("curve", pa.list_(pa.struct([*POINT, ("alarm", pa.bool_())]))),
    ]
)


@dataclass(frozen=True)
class Drift:
    """Expected totals and robust z of each month, (n_series, months); NaN where there is too little history."""

    expected: np.ndarray
    z: np.ndarray
    spread: np.ndarray


def drift(totals: np.ndarray, people: np.ndarray) -> Drift:
    """Each month's total against that of a year ago, grown as the last twelve months grew over theirs.

    `totals` and `people` are (n_series, months), NaN before a series begins. With d the difference of the logarithms over twelve
    months, z = (d - median of the twelve d before) / (1.4826 times their median absolute deviation). The spread is at
    least the median spread of all series that month, since twelve values alone promise too much, and at least one
    per cent and one payee of a year ago, below which nothing is a movement.
    """
    logs = np.log(totals + 0.5)
    found = [np.full(totals.shape, np.nan) for _ in range(3)]
    months = totals.shape[1]
    if months > NEEDS:
        change = logs[:, YEAR:] - logs[:, :-YEAR]
        before = np.lib.stride_tricks.sliding_window_view(change[:, :-1], YEAR, axis=1)
        middle = np.median(before, axis=2)
        spread = 1.4826 * np.median(np.abs(before - middle[..., None]), axis=2)
        judged = np.isfinite(spread)
        typical = np.array(
            [np.median(s[ok]) if ok.any() else 0.0 for s, ok in zip(spread.T, judged.T, strict=True)]
        )
        least = LEAST_SPREAD + 1 / np.maximum(people[:, YEAR:-YEAR], 1.0)
        spread = np.where(judged, np.maximum(np.maximum(spread, typical), least), np.nan)
        found[0][:, NEEDS:] = np.maximum(np.exp(logs[:, YEAR:-YEAR] + middle) - 0.5, 0.0)
        found[1][:, NEEDS:] = np.clip((change[:, YEAR:] - middle) / spread, -MOST_Z, MOST_Z)
        found[2][:, NEEDS:] = spread
    return Drift(*found)


def drifts(frame: pd.DataFrame, values: dict[str, Any], as_of: date) -> pa.Table:
    """Series whose last complete month drifted from what was expected, one row each; SCHEMA says the columns.

    `frame` has a row per series and month with payments: `series`, `region_code`, `programme_id`, `month` (its first
    day), `people`, `amount`, `entries` (payees not paid the month before) and `new_standard` (1 where a rate of
    the programme began that month). A month is complete `settle_days` after its end. The payees are tested, and the
    money too unless a new standard of the last year explains it; `what` says which drifted, `run` for how long.
    """
    last = pd.Timestamp(as_of - timedelta(days=int(values["settle_days"])) + timedelta(days=1))
    newest = last.to_period("M") - 1
    month = pd.PeriodIndex(pd.to_datetime(frame["month"]), freq="M")
    kept = frame[month <= newest].assign(at=month[month <= newest])
    if kept.empty:
        return SCHEMA.empty_table()
    whole = pd.period_range(kept["at"].min(), newest, freq="M")
    people = _matrix(kept, "people", whole)
    changed = np.nan_to_num(_matrix(kept, "new_standard", whole)[:, -YEAR:]).any(axis=1)
    tested = {"people": people, "amount": _matrix(kept, "amount", whole)}
    found = {what: drift(totals, people) for what, totals in tested.items()}
    z_min = float(values["z_min"])
    far = {what: np.abs(d.z) >= z_min for what, d in found.items()}
    far["amount"] &= ~changed[:, None]
    enough = np.fmax(people[:, -1], found["people"].expected[:, -1]) >= int(values["n_min"])
    now = {what: mask[:, -1] & enough for what, mask in far.items()}
    about = kept.groupby("series", sort=True)[["region_code", "programme_id"]].first()
    entries = np.nan_to_num(_matrix(kept, "entries", whole)[:, -1])
    rows = []
    for i in np.flatnonzero(now["people"] | now["amount"]).tolist():
        what = "people" if now["people"][i] else "amount"
        told = _told(tested[what], found[what], far[what], whole, i, z_min)
        told |= _taken_apart(people, tested["amount"], entries, i)
        region, programme = about.iloc[i]
        named = {"series": about.index[i], "region_code": region, "programme_id": programme, "what": what}
        rows.append({**named, **told})
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _matrix(frame: pd.DataFrame, column: str, months: pd.PeriodIndex) -> np.ndarray:
    """Totals by series (sorted) and month; NaN before the series' first month, 0 where it pauses or has ended."""
    wide = frame.pivot_table(index="series", columns="at", values=column, aggfunc="sum", sort=True)
    dense = wide.reindex(columns=months).to_numpy(dtype=float)
    begun = np.maximum.accumulate(np.isfinite(dense), axis=1)
    return np.where(begun, np.nan_to_num(dense), np.nan)


def _told(
    totals: np.ndarray, found: Drift, far: np.ndarray, months: pd.PeriodIndex, i: int, z_min: float
) -> dict[str, Any]:
    same_way = far[i] & (np.sign(found.z[i]) == np.sign(found.z[i, -1]))
    first, last = episodes(same_way[-MOST_RUN:])[-1]
    tests = np.isfinite(found.z[:, -1]).sum()
    chance = (2 * stats.t.sf(abs(found.z[i, -1]), FREEDOM), tests)
    n, expected = float(totals[i, -1]), float(found.expected[i, -1])
    return {
        "first_month": months[-min(MOST_RUN, len(months)) :][first].to_timestamp().date(),
        "last_month": months[-1].to_timestamp().date(),
        "last_day": months[-1].to_timestamp(how="end").date(),
        "n": round(n, 2),
        "expected": round(expected, 2),
        "change": round(100 * (n / max(expected, 1.0) - 1), 1),
        "z": round(float(found.z[i, -1]), 2),
        "run": last - first + 1,
        "chance": round(float(by_chance(*chance)), 6),
        "chance_every": int(once_in(*chance)),
        "judged": int(tests),
        "curve": _curve(totals[i], found, far[i], months, i, z_min),
    }


def _taken_apart(people: np.ndarray, amount: np.ndarray, entries: np.ndarray, i: int) -> dict[str, Any]:
    """The last month taken apart: payees who came and went since the month before, and money a head."""
    now, before = float(people[i, -1]), float(people[i, -2])
    return {
        "people": int(now),
        "entries": int(entries[i]),
        "exits": int(before + entries[i] - now),
        "rate": round(float(amount[i, -1]) / max(now, 1.0), 2),
        "rate_before": round(float(amount[i, -2]) / max(before, 1.0), 2),
    }


def _curve(
    totals: np.ndarray, found: Drift, far: np.ndarray, months: pd.PeriodIndex, i: int, z_min: float
) -> list[dict[str, Any]]:
    upper = found.expected[i] * np.exp(z_min * found.spread[i])
    points = []
    for k in range(max(0, len(months) - SHOWN), len(months)):
        known = np.isfinite(upper[k])
        points.append(
            {
                "t": months[k].to_timestamp().date().isoformat(),
                "n": float(totals[k]) if np.isfinite(totals[k]) else None,
                "expected": round(float(found.expected[i, k]), 2) if known else None,
                "upper": round(float(upper[k]), 2) if known else None,
                "alarm": bool(far[k]),
            }
        )
    return points
