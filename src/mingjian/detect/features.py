"""The rows that a detector judges or is fitted on: a model's `first` queries, then its features, in one order."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from mingjian.detect.engine import Engine
from mingjian.detect.located import bound, run
from mingjian.domain.model import Model


def keep_first(engine: Engine, model: Model, values: dict[str, Any]) -> None:
    """Run the queries that the model names under `first`, each kept under its name."""
    for name, text in model.first.items():
        run(partial(engine.keep, name), bound(text.rstrip().rstrip(";"), values, "first", name))


def features(engine: Engine, model: Model, values: dict[str, Any], kept: str = "_features") -> pd.DataFrame:
    """One row per entity, kept under the name `kept`; the `first` queries have run.

    Engines give rows in any order, and a detector's random start would follow it: so the rows are sorted by all columns.
    """
    sql = bound(model.sql.rstrip().rstrip(";"), values, "features")
    run(lambda text: engine.keep(kept, text), sql)
    columns = ", ".join(f'"{c}"' for c in engine.rows(f"SELECT * FROM {kept} LIMIT 0").column_names)
    return engine.rows(f"SELECT * FROM {kept} ORDER BY {columns}").to_pandas()
