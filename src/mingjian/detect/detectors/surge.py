"""Surges of daily and of weekly counts, by place and topic, each judged by the method its history allows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mingjian.detect.detectors.drift import drifts
from mingjian.detect.detectors.ears import NEEDS, short_history
from mingjian.detect.detectors.farrington import weeks_told
from mingjian.detect.detectors.judged import SCHEMA, Judged, Watch, frame_of, share, told
from mingjian.detect.detectors.series import Series, options_of, series_of
from mingjian.detect.surge.daily import daily
from mingjian.detect.surge.events import days_off
from mingjian.detect.surge.late import completeness, settled_after, still_growing, triangle
from mingjian.domain.model import Model, detector_of

MOST_RUN = 28  # days over which an alarm is followed back
SHOWN = 60
BASELINE = 84 + 10  # days that `daily` looks back: its history, and the gap before the day judged
LONGEST_DELAY = 30
BLOCK = 4_096


def surges(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pd.DataFrame:
    """Daily and weekly alarms, one row per series and episode; `step` says which, `run` counts days or weeks.

    `frame` has `series`, `region_code`, `day`, `n`, the columns of places and topics that the detector's `options`
    name, and, where it is known, `arrived`, the day on which the rows counted came in. Days by the daily model (EARS
    C2 below eight weeks of history), full weeks by farrington_flexible. Each day's (week's) p-values are one family
    over all nodes of the hierarchy; of an alarm the most specific node is told, at most `budget` a day.
    With the option `step: month` the totals are monthly, and their drift is told both ways (see `drift.drifts`).
    A weekly alarm of a series that also has a daily one is the same matter and is left out: the daily one is newer.
    """
    if detector_of(model).options.get("step") == "month":
        return frame_of(drifts(frame, values, as_of))
    if frame.empty:
        return frame_of(SCHEMA.empty_table())
    places, topics = options_of(model)
    growing = still_growing_days(frame, values, as_of)
    by_day = days_told(series_of(frame, places, topics, as_of), growing, values)
    complete = as_of - timedelta(days=growing)
    sunday = complete - timedelta(days=(complete.weekday() + 1) % 7)
    if pd.to_datetime(frame["day"]).min() > pd.Timestamp(sunday):
        return frame_of(by_day)
    by_week = weeks_told(series_of(frame, places, topics, sunday), values)
    known = pa.array(by_day["series"].to_pylist(), pa.string())
    fresh = pa.compute.invert(pa.compute.is_in(by_week["series"], value_set=known))
    return frame_of(pa.concat_tables([by_day, by_week.filter(fresh)]))


def still_growing_days(frame: pd.DataFrame, values: dict[str, Any], as_of: date) -> int:
    """How many of the newest days are reported to less than 80 %: by their delays, else by `settle_days`."""
    share = settled_after(int(values.get("settle_days", 0)))
    first = pd.to_datetime(frame["day"]).min()
    today = (pd.Timestamp(as_of) - first).days
    if "arrived" in frame:
        event = (pd.to_datetime(frame["day"]) - first).dt.days.to_numpy()
        arrival = (pd.to_datetime(frame["arrived"]) - first).dt.days.fillna(0).to_numpy().astype(int)
        share = completeness(triangle(event, arrival, frame["n"].to_numpy(), today, LONGEST_DELAY))
    marked = still_growing(today + 1, share)
    settled = np.flatnonzero(~marked)
    return int(len(marked) - 1 - settled[-1]) if len(settled) else len(marked)


def days_told(series: Series, growing: int, values: dict[str, Any]) -> pa.Table:
    """The daily alarms as a table; the last `growing` days of the series are shown and not judged."""
    until = series.days - growing
    off = days_off(values.get("events") or [], str(values.get("calendar") or "none"))
    alpha = share(values, "alpha_day")

    def judge(nodes: np.ndarray, steps: int) -> Judged:
        steps = min(steps, until)
        length = min(until, steps + BASELINE)
        days = [series.day(c) for c in range(until - length, until)]
        seen = np.full((4, len(nodes), steps), np.nan)
        for first in range(0, len(nodes), BLOCK):
            some = slice(first, first + BLOCK)
            counts = series.window(nodes[some], length, until)
            seen[0, some] = counts[:, length - steps :]
            counts[np.arange(until - length, until) < series.begun[nodes[some], None]] = np.nan
            found = daily(counts, days, holidays=off, alpha=alpha, last=steps)
            short = short_history(counts, alpha)
            known = np.isfinite(found.expected)
            for i, name in enumerate(("expected", "upper", "pvalue")):
                either = np.where(known, getattr(found, name), getattr(short, name))
                seen[i + 1, some] = either[:, length - steps :]
        ends = days[length - steps :]
        return Judged(
            seen[0], seen[1], seen[2], seen[3], ends=ends, late=series.window(nodes, growing, series.days)
        )

    if until <= 0:
        return SCHEMA.empty_table()
    recent = min(int(values["lookback"]), MOST_RUN, until)
    watch = Watch(
        step="day",
        counts=lambda steps: series.window(np.arange(len(series.names)), min(steps, until), until),
        able=lambda steps: np.arange(max(0, until - steps), until) >= series.begun[:, None] + NEEDS,
        judge=judge,
    )
    return told(series, watch, values, recent=recent, most_run=MOST_RUN, shown=SHOWN)
