"""The rows that made a finding, and any value as a record keeps it."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mingjian.detect.engine import Engine
from mingjian.detect.located import bound, run
from mingjian.detect.members import findings_for
from mingjian.domain.model import Model
from mingjian.domain.sector import Table

AT_ONCE = 10_000  # rows made into Python values at once


def evidence_of(
    engine: Engine, model: Model, tables: dict[str, Table], values: dict[str, Any]
) -> defaultdict[int, list[dict[str, Any]]]:
    """The rows behind each finding, by the finding's number in `_f`; at most as many as the model shows."""
    shown: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for number, item in enumerate(model.evidence):
        key = tables[item.table].key
        columns = [f't."{c}"' for c in dict.fromkeys([*key, *item.columns])]
        picked = ", ".join(columns)
        subjects = findings_for(item.where, model.subject.column)
        # The key comes first and says it all, unless a test leaves it empty. WHERE and not ON: Spark allows
        # subqueries only there, and both engines make a join of it all the same.
        found = run(
            engine.rows,
            (f"SELECT * FROM (SELECT f._n AS _n, {picked},", ()),
            (f"row_number() OVER (PARTITION BY f._n ORDER BY {picked}) AS _rank", ()),
            (f'FROM {subjects} CROSS JOIN "{item.table}" t', ()),
            bound(item.via, values, "evidence", number, "via"),
            ("WHERE (", ()),
            bound(item.where, values, "evidence", number, "where"),
            (f")) e WHERE _rank <= {item.limit} ORDER BY _n, _rank", ()),
        )
        # A night's evidence is millions of values: a batch at a time, and equal texts kept once.
        same: dict[Any, Any] = {}
        for batch in found.drop_columns(["_rank"]).to_batches(max_chunksize=AT_ONCE):
            for row in batch.to_pylist():
                n = row.pop("_n")
                kept = {k: _once(same, plain(v)) for k, v in row.items()}
                shown[n].append({"table": item.table, "key": {k: kept[k] for k in key}, "row": kept})
    return shown


def _once(same: dict[Any, Any], value: Any) -> Any:
    return same.setdefault(value, value) if isinstance(value, str) else value


def plain(value: Any) -> Any:
    """A value as JSON keeps it: dates in ISO form, decimals and floats as numbers rounded to six places.

    A whole number is an int whatever type the engine gave it, since engines differ in that.
    """
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | float):
        if not math.isfinite(value):
            return None
        near = value if value == int(value) else round(float(value), 6)
        return int(near) if near == int(near) else near
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return value
