"""EARS C2 for daily counts (Fricker, Hegler and Dunfee 2008): a seven-day baseline that ends two days before."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from mingjian.domain.model import Model

BASELINE = 7
LAG = 2
COLUMNS = ["series", "region_code", "first_day", "last_day", "n", "expected", "upper", "ratio", "run_days"]


def ears_c2(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pd.DataFrame:
    """Alarms of the last `lookback` days, one row per series and episode.

    `frame` has `series`, `region_code`, `day` (date) and `n` (count; days without a row count 0).
    Alarm on day t when n(t) >= n_min and n(t) > mean + k * max(sd, 1) of days t-9 … t-3, with the sample
    standard deviation. Consecutive alarm days are one episode; its first day is the key period, so that an
    episode that goes on is the same warning. Measures are those of the episode's day with the largest ratio.
    """
    if frame.empty:
        return pd.DataFrame({c: pd.Series(dtype="object") for c in COLUMNS})
    counts, region = _matrix(frame, as_of)
    expected, spread = _baseline(counts)
    upper = expected + float(values["k"]) * np.maximum(spread, 1.0)
    with np.errstate(invalid="ignore"):
        alarm = (counts > upper) & (counts >= int(values["n_min"]))
    first_shown = counts.shape[1] - int(values["lookback"])
    rows = []
    for s, name in enumerate(region.index):
        for start, end in _episodes(alarm[s]):
            if end < first_shown:
                continue
            ratios = counts[s, start : end + 1] / np.maximum(expected[s, start : end + 1], 1.0)
            peak = start + int(np.argmax(ratios))
            rows.append(
                {
                    "series": name,
                    "region_code": region[name],
                    "first_day": _day(as_of, counts, start),
                    "last_day": _day(as_of, counts, end),
                    "n": int(counts[s, peak]),
                    "expected": round(float(expected[s, peak]), 2),
                    "upper": round(float(upper[s, peak]), 2),
                    "ratio": round(float(ratios.max()), 2),
                    "run_days": end - start + 1,
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def _matrix(frame: pd.DataFrame, as_of: date) -> tuple[np.ndarray, pd.Series]:
    days = pd.to_datetime(frame["day"])
    span = (pd.Timestamp(as_of) - days.min()).days + 1
    column = (days - days.min()).dt.days
    codes, names = pd.factorize(frame["series"], sort=True)
    counts = np.zeros((len(names), span))
    np.add.at(counts, (codes, column.to_numpy()), frame["n"].to_numpy(dtype=float))
    region = frame.groupby("series")["region_code"].first().reindex(names)
    return counts, region


def _baseline(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = np.full(counts.shape, np.nan)
    spread = np.full(counts.shape, np.nan)
    first = BASELINE + LAG
    if counts.shape[1] > first:
        windows = np.lib.stride_tricks.sliding_window_view(counts, BASELINE, axis=1)
        usable = windows[:, : counts.shape[1] - first]
        mean[:, first:] = usable.mean(axis=2)
        spread[:, first:] = usable.std(axis=2, ddof=1)
    return mean, spread


def _episodes(alarm: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], alarm.astype(int), [0]])))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _day(as_of: date, counts: np.ndarray, column: int) -> date:
    return (pd.Timestamp(as_of) - pd.Timedelta(days=counts.shape[1] - 1 - column)).date()
