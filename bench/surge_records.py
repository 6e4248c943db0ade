"""The public records of `shared/data` as count series, for the surge benches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).parents[2] / "shared" / "data"


def salmonella(data: Path) -> tuple[np.ndarray, str]:
    """Weekly cases (1, 365) and the date of the first week."""
    table = pd.read_csv(data / "counts" / "salmonella_train.csv", index_col=0)
    return table["n_cases"].to_numpy()[None, :], str(table.index[0])


def taxi(data: Path) -> np.ndarray:
    """Taxi trips by day, in thousands rounded (1, 215)."""
    table = pd.read_csv(data / "counts" / "nyc_taxi.csv", parse_dates=["timestamp"])
    days = table.set_index("timestamp")["value"].resample("D").sum()
    return (days.to_numpy()[None, :] / 1000).round().astype(int)


def chicago(data: Path, step: str, fewest: int) -> tuple[np.ndarray, str]:
    """Complaints of Chicago by ward and kind, each `step` ("D", or "W-SUN" for full weeks), and the first day."""
    table = pd.read_parquet(data / "complaints_chicago311_2011_2013.parquet")
    return _series(
        pd.to_datetime(table["Creation_Date"]),
        [table["Ward"], table["What_is_the_Nature_of_this_Code_Violation"]],
        step, fewest,
    )  # fmt: skip


def boston(data: Path, step: str, fewest: int) -> tuple[np.ndarray, str]:
    """Complaints of Boston by ward and type, as for Chicago."""
    table = pd.read_parquet(data / "complaints_boston311_2011q3.parquet")
    return _series(pd.to_datetime(table["open_dt"]), [table["ward"], table["type"]], step, fewest)


def _series(day: pd.Series, keys: list[pd.Series], step: str, fewest: int) -> tuple[np.ndarray, str]:
    """Counts of each combination with at least `fewest` records; incomplete weeks at either end are dropped."""
    period = day.dt.to_period(step)
    spans = pd.period_range(period.min(), period.max(), freq=step)
    whole = spans[(spans.start_time >= day.min().normalize()) & (spans.end_time.normalize() <= day.max())]
    table = pd.crosstab(keys, period)
    table = table[table.sum(axis=1) >= fewest].reindex(columns=whole, fill_value=0)
    return table.to_numpy(), str(whole[0].start_time.date())
