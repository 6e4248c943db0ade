"""From outcomes to words and rows: why a table is blocked, which rows are held, what the store keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mingjian.domain.i18n import _, pick
from mingjian.domain.sector import Table
from mingjian.gate.check import ERROR, FAILED, PASSED, Outcome
from mingjian.gate.hold import HELD_COLUMNS
from mingjian.gate.keys import DUPLICATE_KEY, MISSING_KEY, KeyCheck
from mingjian.gate.raw import Intake
from mingjian.gate.state import COUNTS
from mingjian.gate.suite import Action
from mingjian.lake.delta import BATCH, ROW, SOURCE

# Reasons are stored in Chinese whatever the language of the run, so that a row keeps one entry per reason.
WHY_MISSING_KEY = "主键为空，无法确认是哪一条记录。请在源系统补全后重新拉取"
WHY_DUPLICATE_KEY = "主键与同批次前一行相同而内容不同。请在源系统更正后重新拉取"
WHAT_TO_DO = "。请更正后重新拉取，或核实无误后放行"
EXAMPLES = 20


@dataclass(frozen=True)
class Judged:
    """One table after all checks. `held` are positions in `checked`, the rows whose key is in order."""

    table: str
    shape: Table
    taken: Intake
    rows: pa.Table
    keyed: KeyCheck
    checked: pa.Table
    outcomes: list[Outcome]
    held: np.ndarray


def blocking(judged: Judged, rows_ready: int) -> list[str]:
    """Why the table as a whole is stopped; empty when it is not."""
    reasons = [
        _("检查程序自身出错，不是数据问题：{fault}", fault=o.fault)
        for o in judged.outcomes
        if o.outcome == ERROR
    ]
    for o in judged.outcomes:
        if o.outcome == FAILED and (o.check.action is Action.BLOCK or o.too_many):
            reasons.append(pick(o.check.why) + _count(o))
    if judged.rows.num_rows and not rows_ready and not reasons:
        reasons.append(_("没有一行通过检查"))
    return reasons


def message(judged: Judged, counts: dict[str, int], blocked: list[str]) -> str:
    """One sentence for table lists and for the warning that a blocked feed is; empty when all is well."""
    if blocked:
        hint = _("依赖它的模型已停用，请更正后重新拉取")
        return _("表 {table} 被拦下：", table=judged.table) + "；".join(blocked) + "。" + hint
    parts = []
    if counts["rows_quarantined"]:
        parts.append(_("{n} 行在隔离区", n=counts["rows_quarantined"]))
    for said, sources in (
        (_("没有来数的数据源：{sources}"), judged.taken.absent),
        (_("最近一次拉取失败的数据源：{sources}"), judged.taken.failing),
        (_("逾期未更新的数据源：{sources}"), judged.taken.late),
    ):
        if sources:
            parts.append(said.format(sources="、".join(sources)))
    return _("表 {table} 不完整：", table=judged.table) + "；".join(parts) if parts else ""


def held_rows(judged: Judged) -> pd.DataFrame:
    """HELD_COLUMNS, one line for each held row and each check that it failed."""
    keyed, key = judged.keyed, "/".join(judged.shape.key)
    parts = [
        _lines(judged.rows, keyed.missing, key, MISSING_KEY, WHY_MISSING_KEY, judged.shape),
        _lines(judged.rows, keyed.conflicting, key, DUPLICATE_KEY, WHY_DUPLICATE_KEY, judged.shape),
    ]
    for o in judged.outcomes:
        rows = o.rows[np.isin(o.rows, judged.held)]
        column = o.check.columns[0] if o.check.columns else ""
        reason = o.check.why["zh"] + WHAT_TO_DO
        parts.append(_lines(judged.checked, rows, column, o.check.short_name, reason, judged.shape))
    return pd.concat(parts, ignore_index=True)


def result_rows(judged: Judged, counts: dict[str, int]) -> list[dict[str, Any]]:
    """Rows of `gate_result`: what was counted, what the key said, and every expectation of the suite."""
    keyed, key = judged.keyed, "/".join(judged.shape.key)
    return [
        _result(COUNTS, "", Action.NOTE, PASSED, 0, dict(counts)),
        _key_result(MISSING_KEY, key, keyed.missing.size, {}),
        _key_result(
            DUPLICATE_KEY,
            key,
            keyed.conflicting.size,
            {"repeated": keyed.repeated, "superseded": keyed.superseded},
        ),
        *(_outcome_result(judged, o) for o in judged.outcomes),
    ]


def _outcome_result(judged: Judged, o: Outcome) -> dict[str, Any]:
    observed: dict[str, Any] = {**o.observed, "why": o.check.why}
    if o.check.mostly is not None:
        observed["mostly"] = o.check.mostly
    if o.fault:
        observed["fault"] = o.fault
    if o.rows.size:
        some = judged.checked.select([SOURCE, BATCH, ROW]).take(o.rows[:EXAMPLES])
        observed["examples"] = [
            {"source": e[SOURCE], "batch": e[BATCH], "row": e[ROW]} for e in some.to_pylist()
        ]
    column = "/".join(o.check.columns)
    return _result(o.check.expect, column, o.check.action, o.outcome, o.unexpected, observed)


def _key_result(name: str, key: str, unexpected: int, observed: dict[str, Any]) -> dict[str, Any]:
    outcome = FAILED if unexpected else PASSED
    return _result(name, key, Action.QUARANTINE, outcome, int(unexpected), observed)


def _result(
    name: str, column: str, action: Action, outcome: str, unexpected: int, observed: dict[str, Any]
) -> dict[str, Any]:
    return {
        "expectation": name,
        "column_name": column,
        "action": action.value,
        "outcome": outcome,
        "unexpected": unexpected,
        "observed": observed,
    }


def _lines(
    rows: pa.Table, positions: np.ndarray, column: str, value_class: str, reason: str, shape: Table
) -> pd.DataFrame:
    taken = rows.take(positions)
    lines = taken.select([SOURCE, BATCH, ROW]).to_pandas()
    lines.columns = pd.Index(["source", "batch", "row_no"])
    said = {"column_name": column, "value_class": value_class, "reason": reason}
    return lines.assign(**said, row_key=_row_keys(taken, shape))[HELD_COLUMNS]


def _row_keys(rows: pa.Table, shape: Table) -> list[str]:
    """The key as people write it; empty when part of it is personal."""
    if any(shape.columns[name].personal for name in shape.key):
        return [""] * rows.num_rows
    parts = zip(*(rows.column(name).to_pylist() for name in shape.key), strict=True)
    return ["/".join("" if part is None else str(part) for part in row) for row in parts]


def _count(o: Outcome) -> str:
    if "observed_value" in o.observed:
        return _("（实际 {value}）", value=o.observed["observed_value"])
    return _("（{n} 行不符）", n=o.unexpected)
