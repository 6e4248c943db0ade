"""EARS C2 for daily counts without weeks of history (Fricker, Hegler and Dunfee 2008)."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from mingjian.detect.detectors.judged import episodes
from mingjian.detect.detectors.series import series_of
from mingjian.detect.surge.chance import short_baseline
from mingjian.detect.surge.ears import ears
from mingjian.detect.surge.result import Alarms
from mingjian.domain.model import Model

BASELINE, LAG = 7, 2
NEEDS = BASELINE + LAG  # days before the first day that can be judged
LEAST_SPREAD = 1.0
COLUMNS = ["series", "region_code", "first_day", "last_day", "n", "expected", "upper", "ratio", "run_days"]


def short_history(counts: np.ndarray, alpha: float) -> Alarms:
    """C2 with a p-value that seven days can bear (`chance.short_baseline`); (n_series, n_times)."""
    found = ears(counts, "C2", baseline=BASELINE, alpha=alpha, min_sigma=LEAST_SPREAD)
    with np.errstate(invalid="ignore"):  # a level of 0 has no line: inf / inf
        spread = (found.upper - found.expected) / norm.isf(alpha)
    pvalue = short_baseline(counts, found.expected, spread, BASELINE)
    return Alarms(found.alarm, found.upper, found.expected, found.score, pvalue)


def ears_c2(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pd.DataFrame:
    """Alarms of the last `lookback` days by C2 alone, one row per series and episode; `surges` tells more.

    `frame` has `series`, `region_code`, `day` (date) and `n` (count; days without a row count 0).
    Alarm where n >= n_min and n > mean + k * max(sd, 1) of days t-9 … t-3. Consecutive alarm days are one episode;
    its first day is the key period, and its measures are those of the day with the largest ratio.
    """
    if frame.empty:
        return pd.DataFrame({c: pd.Series(dtype="object") for c in COLUMNS})
    series = series_of(frame, [], [], as_of)
    counts = series.counts.toarray()
    found = ears(counts, "C2", BASELINE, float(norm.sf(float(values["k"]))), LEAST_SPREAD)
    alarm = found.alarm & (counts >= int(values["n_min"]))
    recent = counts.shape[1] - int(values["lookback"])
    rows = []
    for s in np.flatnonzero(alarm[:, max(0, recent) :].any(axis=1)):
        for start, end in episodes(alarm[s]):
            if end < recent:
                continue
            ratio = counts[s, start : end + 1] / np.maximum(found.expected[s, start : end + 1], 1.0)
            peak = start + int(np.argmax(ratio))
            rows.append(
                {
                    "series": series.names[s],
                    "region_code": series.regions[s],
                    "first_day": series.day(start),
                    "last_day": series.day(end),
                    "n": int(counts[s, peak]),
                    "expected": round(float(found.expected[s, peak]), 2),
                    "upper": round(float(found.upper[s, peak]), 2),
                    "ratio": round(float(ratio.max()), 2),
                    "run_days": end - start + 1,
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)
