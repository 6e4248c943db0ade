"""The training rows of a recorded fit, read again from the lake's versions that the record names."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from mingjian.detect.duck import open_duck
from mingjian.detect.features import features, keep_first
from mingjian.detect.outliers.records import Record
from mingjian.detect.tables import reads, show
from mingjian.domain.model import Model
from mingjian.domain.sector import Table
from mingjian.lake import Lake


def frame(lake: Lake, tables: dict[str, Table], spill: Path, model: Model, record: Record) -> pd.DataFrame:
    """The features of the record's day on the record's snapshots.

    Always on DuckDB: a Spark session has one set of names, and the models that are running need them.
    """
    return on_snapshot(
        lake, tables, spill, model, record.lake, record.params, date.fromisoformat(record.trained_on)
    )


def on_snapshot(
    lake: Lake,
    tables: dict[str, Table],
    spill: Path,
    model: Model,
    versions: dict[str, int],
    params: dict[str, Any],
    as_of: date,
) -> pd.DataFrame:
    """The model's features on the snapshots `versions` (table to version); tables not named are empty."""
    spill.mkdir(parents=True, exist_ok=True)
    engine = open_duck(spill, threads=1)
    try:
        show(engine, lake, tables, versions, set(reads(model)) - set(versions))
        values = {**params, "as_of": as_of}
        keep_first(engine, model, values)
        return features(engine, model, values, "_training")
    finally:
        engine.close()
