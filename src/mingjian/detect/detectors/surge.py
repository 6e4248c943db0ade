"""Surges of daily counts (EARS C2) and, where a series has years of history, of weekly counts (Farrington)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from mingjian.detect.detectors.ears import ears_c2
from mingjian.detect.detectors.farrington import COLUMNS, farrington_flexible
from mingjian.domain.model import Model


def surges(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pd.DataFrame:
    """Daily and weekly alarms, one row per series and episode; `step` says which, `run` counts days or weeks.

    A weekly alarm of a series that also has a daily one is the same matter and is left out: the daily one is newer.
    """
    daily = (
        ears_c2(frame, model, values, as_of).rename(columns={"run_days": "run"})[COLUMNS].assign(step="day")
    )
    if frame.empty:
        return daily
    weekly = farrington_flexible(frame, model, values, as_of).assign(step="week")
    weekly = weekly[~weekly["series"].isin(daily["series"])]
    return pd.concat([part for part in (daily, weekly) if len(part)] or [daily], ignore_index=True)
