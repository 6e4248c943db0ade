"""Weekly counts against the same season of earlier years (Noufaily et al. 2013), for series with such years."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mingjian.detect.detectors.judged import SCHEMA, Judged, Watch, frame_of, share, told
from mingjian.detect.detectors.series import Series, options_of, series_of, weekly
from mingjian.detect.surge.farrington_flexible import farrington_flexible as farrington
from mingjian.domain.model import Model

YEAR = 52
MOST_RUN = 8  # weeks over which an alarm is followed back
SHOWN = 60
BLOCK = 4_096


def farrington_flexible(
    frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date
) -> pd.DataFrame:
    """Nodes whose last full week (Monday to Sunday) stands above its bound; `judged.SCHEMA` says the columns.

    `frame` and the hierarchy are as for `surges`. A week is judged against `b` years, `w` weeks to either side of
    the same week; a node whose places have reported for less than that is not judged. `run` counts the alarm weeks
    up to the last one (at most eight), whose first Monday is the key period.
    """
    last = as_of - timedelta(days=int(values.get("settle_days", 0)))
    series = series_of(frame, *options_of(model), last - timedelta(days=(last.weekday() + 1) % 7))
    return frame_of(weeks_told(series, values))


def weeks_told(series: Series, values: dict[str, Any]) -> pa.Table:
    """The weekly alarms as a table; `series` ends on a Sunday."""
    counts = weekly(series)
    weeks = counts.shape[1]
    if not weeks:
        return SCHEMA.empty_table()
    # A week counts once the place reported on all its days: columns of `weekly` hold the last days.
    begun = -(-np.maximum(series.begun - series.days % 7, 0) // 7)
    b, w = int(values["b"]), int(values["w"])
    # So many of the last weeks have all the years they need.
    able = np.maximum(weeks - begun - (YEAR * b + w), 0)

    def judge(nodes: np.ndarray, steps: int) -> Judged:
        steps = min(steps, weeks)
        seen = np.full((4, len(nodes), steps), np.nan)
        seen[0] = counts[nodes][:, weeks - steps :].toarray()
        many = np.minimum(able[nodes], steps)
        for last in np.unique(many[many > 0]):  # nodes alike in their history are judged together
            alike = np.flatnonzero(many == last)
            for first in range(0, len(alike), BLOCK):
                some = alike[first : first + BLOCK]
                dense = counts[nodes[some]].toarray()
                found = farrington(dense, b=b, w=w, alpha=share(values, "alpha_week"), last=int(last))
                for i, name in enumerate(("expected", "upper", "pvalue")):
                    seen[i + 1, some] = getattr(found, name)[:, weeks - steps :]
        ends = [series.last - timedelta(days=7 * i) for i in range(steps - 1, -1, -1)]
        return Judged(seen[0], seen[1], seen[2], seen[3], ends=ends, late=np.zeros((len(nodes), 0)))

    watch = Watch(
        step="week",
        counts=lambda steps: counts[:, max(0, weeks - steps) :].toarray(),
        able=lambda steps: able[:, None] >= np.arange(min(steps, weeks), 0, -1),
        judge=judge,
    )
    return told(series, watch, values, recent=1, most_run=MOST_RUN, shown=SHOWN)
