"""The training rows of a recorded fit, read again from the lake's versions that the record names."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from mingjian.detect.duck import open_duck
from mingjian.detect.engine import Engine
from mingjian.detect.located import bound, run
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
        return features(engine, model, {**params, "as_of": as_of})
    finally:
        engine.close()


def features(engine: Engine, model: Model, values: dict[str, Any]) -> pd.DataFrame:
    """One row per entity, in the order of the columns whatever order the engine gives."""
    for name, text in model.first.items():
        run(partial(engine.keep, name), bound(text.rstrip().rstrip(";"), values, "first", name))
    sql = bound(model.sql.rstrip().rstrip(";"), values, "features")
    run(lambda text: engine.keep("_training", text), sql)
    columns = ", ".join(f'"{c}"' for c in engine.rows("SELECT * FROM _training LIMIT 0").column_names)
    return engine.rows(f"SELECT * FROM _training ORDER BY {columns}").to_pandas()
