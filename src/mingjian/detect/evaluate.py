"""One model over one set of tables: query → (detector) → levels → evidence → findings."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mingjian.detect import detectors
from mingjian.detect.engine import Engine
from mingjian.detect.score import score_parts, total
from mingjian.detect.sql import bind, values_of
from mingjian.domain.errors import RuleError
from mingjian.domain.finding import Finding
from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.domain.model import Model
from mingjian.domain.sector import Table


def findings_of(
    engine: Engine,
    model: Model,
    tables: dict[str, Table],
    as_of: date,
    lake: dict[str, int] | None = None,
    overrides: dict[str, Any] | None = None,
) -> list[Finding]:
    """All findings of one model, sorted by subject and period; same tables, same result.

    `tables` gives the keys of the evidence tables; `lake` is recorded with each finding.
    Raises RuleError when the SQL fails, passes its limits, or gives two rows for one subject and period.
    """
    params = values_of(model, overrides)
    values = {**params, "as_of": as_of}
    _hits(engine, model, values, as_of)
    _grade(engine, model, values)
    rows = engine.rows("SELECT * FROM _f ORDER BY _n").to_pylist()
    found = [_finding(model, row, as_of, params, lake or {}) for row in rows]
    _refuse_twins(model, found)
    shown = _evidence(engine, model, tables, values)
    return [replace(f, evidence=shown[n]) for n, f in enumerate(found)]


def _hits(engine: Engine, model: Model, values: dict[str, Any], as_of: date) -> None:
    sql = bind(model.sql, values).strip().rstrip(";")
    if model.detector is None:
        engine.do(f"CREATE OR REPLACE TEMP TABLE _hits AS {sql}")
        return
    frame = engine.rows(sql).to_pandas()
    engine.put("_hits", detectors.run(frame, model, values, as_of))


def _grade(engine: Engine, model: Model, values: dict[str, Any]) -> None:
    whens = " ".join(f"WHEN ({bind(r.when, values)}) THEN '{r.level.value}'" for r in model.level)
    extra = "".join(f", ({bind(a.when, values)}) AS _adj{n}" for n, a in enumerate(model.score.adjust))
    subject, period = model.subject.column, model.period
    engine.do(
        f"CREATE OR REPLACE TEMP TABLE _f AS "
        f'SELECT row_number() OVER (ORDER BY "{subject}", CAST("{period}" AS VARCHAR)) - 1 AS _n, * FROM ('
        f"SELECT *, CASE {whens} END AS _level{extra} FROM _hits) "
        f'WHERE _level IS NOT NULL AND "{subject}" IS NOT NULL'
    )


def _finding(
    model: Model, row: dict[str, Any], as_of: date, params: dict[str, Any], lake: dict[str, int]
) -> Finding:
    parts = score_parts(model, row)
    measures = {k: plain(v) for k, v in row.items() if not k.startswith("_")}
    return Finding(
        model=model.id,
        model_version=model.version,
        as_of=as_of,
        subject_kind=model.subject.kind,
        subject_id=str(row[model.subject.column]),
        period=str(plain(row[model.period])),
        region_code=str(row["region_code"]) if row.get("region_code") else None,
        level=Level(row["_level"]),
        score=total(parts),
        score_parts=parts,
        measures=measures,
        params={k: plain(v) for k, v in params.items()},
        lake=lake,
    )


def _refuse_twins(model: Model, found: list[Finding]) -> None:
    seen: set[tuple[str, str]] = set()
    for f in found:
        if (f.subject_id, f.period) in seen:
            raise RuleError(
                _("模型 {id} 对同一对象同一期间给出两行", id=model.id),
                hint=_("在 query 中按 subject 与 period 汇总为一行"),
            )
        seen.add((f.subject_id, f.period))


def _evidence(
    engine: Engine, model: Model, tables: dict[str, Table], values: dict[str, Any]
) -> defaultdict[int, list[dict[str, Any]]]:
    shown: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for item in model.evidence:
        key = tables[item.table].key
        columns = list(dict.fromkeys([*key, *item.columns]))
        picked = ", ".join(f't."{c}"' for c in columns)
        order = ", ".join(f't."{c}"' for c in key)
        found = engine.rows(
            f'SELECT f._n AS _n, {picked} FROM _f f JOIN "{item.table}" t ON ({bind(item.where, values)}) '
            f"QUALIFY row_number() OVER (PARTITION BY f._n ORDER BY {order}) <= {item.limit} ORDER BY f._n, {order}"
        )
        for row in found.to_pylist():
            n = row.pop("_n")
            kept = {k: plain(v) for k, v in row.items()}
            shown[n].append({"table": item.table, "key": {k: kept[k] for k in key}, "row": kept})
    return shown


def plain(value: Any) -> Any:
    """A value as JSON keeps it: dates in ISO form, decimals and floats as numbers rounded to six places."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else round(float(value), 6)
    if isinstance(value, float):
        return None if math.isnan(value) or math.isinf(value) else round(value, 6)
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return value
