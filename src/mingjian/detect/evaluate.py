"""One model over one set of tables: query → (detector) → levels → evidence → findings."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from mingjian.detect import detectors, members
from mingjian.detect.engine import Engine
from mingjian.detect.evidence import evidence_of, plain
from mingjian.detect.features import features, keep_first
from mingjian.detect.located import Piece, bound, run, standing_at
from mingjian.detect.score import score_parts, total
from mingjian.detect.sql import values_of
from mingjian.domain.errors import MingjianError, RuleError
from mingjian.domain.finding import Finding
from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.domain.model import Model
from mingjian.domain.sector import Table

MOST_FINDINGS = 500_000  # no city can work through more; a rule that finds more has lost a condition


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
    _refuse_gaps(engine, model)
    _grade(engine, model, values)
    rows = engine.rows("SELECT * FROM _f ORDER BY _n").to_pylist()
    with standing_at(_sql_key(model)):
        found = [_finding(model, row, as_of, params, lake or {}) for row in rows]
        _refuse_twins(model, found)
    shown = evidence_of(engine, model, tables, values)
    return [replace(f, evidence=shown[n]) for n, f in enumerate(found)]


def _sql_key(model: Model) -> str:
    return "query" if model.query else "features"


def _hits(engine: Engine, model: Model, values: dict[str, Any], as_of: date) -> None:
    keep_first(engine, model, values)
    if model.detector is None:
        sql = bound(model.sql.rstrip().rstrip(";"), values, _sql_key(model))
        run(lambda text: engine.keep("_hits", text), sql)
        return
    frame = features(engine, model, values)
    with standing_at("detector"):
        hits, whole = members.split(_detected(frame, model, values, as_of), model.subject.column)
    engine.put("_hits", hits)
    engine.put(members.TABLE, whole)


def _detected(frame: pd.DataFrame, model: Model, values: dict[str, Any], as_of: date) -> pa.Table:
    try:
        return detectors.run(frame, model, values, as_of)
    except MingjianError:
        raise
    except Exception as error:
        raise RuleError(
            _("检测器出错：{kind}：{error}", kind=type(error).__name__, error=error),
            hint=_("检查 detector 的设置与 features 给出的列"),
        ) from error


def _refuse_gaps(engine: Engine, model: Model) -> None:
    columns = engine.rows("SELECT * FROM _hits LIMIT 0").column_names
    for loc, column in ((("subject", "column"), model.subject.column), (("period",), model.period)):
        with standing_at(*loc):
            if column not in columns:
                raise RuleError(
                    _("结果中没有列 {c}", c=column), hint=_("现有列:{cols}", cols="、".join(columns))
                )


def _grade(engine: Engine, model: Model, values: dict[str, Any]) -> None:
    subject, period = model.subject.column, model.period
    pieces: list[Piece] = [
        (f'SELECT row_number() OVER (ORDER BY "{subject}", CAST("{period}" AS STRING)) - 1 AS _n, g.*', ()),
        ("FROM (SELECT h.*, CASE", ()),
    ]
    for n, rule in enumerate(model.level):
        pieces.append(("WHEN (", ()))
        pieces.append(bound(rule.when, values, "level", n, "when"))
        pieces.append((f") THEN '{rule.level.value}'", ()))
    pieces.append(("END AS _level", ()))
    for n, adjust in enumerate(model.score.adjust):
        pieces.append((", (", ()))
        pieces.append(bound(adjust.when, values, "score", "adjust", n, "when"))
        pieces.append((f") AS _adj{n}", ()))
    pieces.append((f'FROM _hits h) g WHERE _level IS NOT NULL AND "{subject}" IS NOT NULL', ()))
    run(lambda text: engine.keep("_f", text), *pieces)
    count = engine.rows("SELECT COUNT(*) AS n FROM _f")["n"][0].as_py()
    if count > MOST_FINDINGS:
        with standing_at(_sql_key(model)):
            raise RuleError(
                _("模型 {id} 命中 {n} 条,超过上限 {m}", id=model.id, n=count, m=MOST_FINDINGS),
                hint=_("检查连接条件是否漏写"),
            )


def _finding(
    model: Model, row: dict[str, Any], as_of: date, params: dict[str, Any], lake: dict[str, int]
) -> Finding:
    parts = score_parts(model, row)
    raw = {k: v for k, v in row.items() if not k.startswith("_")}
    for column, value in raw.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise RuleError(
                _("列 {c} 的值不是有限的数", c=column), hint=_("检查除法与溢出:除数用 NULLIF(x, 0)")
            )
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
        measures={k: plain(v) for k, v in raw.items()},
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
