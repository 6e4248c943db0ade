"""The pipe tables of a model's tests become columns of the types its sector manifest says."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from mingjian.content.types import arrow_type
from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _
from mingjian.domain.sector import Table

_MANY = re.compile(r"^([A-Za-z_]+)(\d+)\.\.\1(\d+)$")
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")


def parse(name: str, text: str, table: Table) -> pa.Table:
    """One pipe table as a typed Arrow table with all the table's columns; an empty cell is NULL.

    A first cell `A1..A40` stands for 40 rows; a numeric or date cell `a..b` in it is spread evenly, `{i}` in a
    text cell becomes the running number from 1. Raises ContentError naming table and row.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    header = _cells(lines[0])
    unknown = [c for c in header if c not in table.columns]
    if unknown:
        raise ContentError(
            _("测试表 {name} 没有列 {cols}", name=name, cols="、".join(unknown)),
            hint=_("列名须与 sectors/*.yaml 一致"),
        )
    columns: dict[str, list[Any]] = {c: [] for c in table.columns}
    for number, line in enumerate(lines[1:], start=1):
        cells = _cells(line)
        if len(cells) != len(header):
            raise ContentError(
                _(
                    "测试表 {name} 第 {row} 行有 {n} 格,应为 {m} 格",
                    name=name,
                    row=number,
                    n=len(cells),
                    m=len(header),
                ),
                hint=_("补齐或删去多余的 | 分格"),
            )
        for row in _expanded(cells, [table.columns[c].type for c in header]):
            given = dict(zip(header, row, strict=True))
            for c, spec in table.columns.items():
                columns[c].append(_value(name, number, c, given.get(c, ""), spec.type))
    return pa.table({c: pa.array(v, arrow_type(table.columns[c].type)) for c, v in columns.items()})


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def _expanded(cells: list[str], types: list[str]) -> list[list[str]]:
    many = _MANY.match(cells[0])
    if not many:
        return [cells]
    first, last = int(many[2]), int(many[3])
    count = last - first + 1
    return [
        [f"{many[1]}{first + i}"]
        + [_spread(c, t, i, count) for c, t in zip(cells[1:], types[1:], strict=True)]
        for i in range(count)
    ]


def _spread(cell: str, kind: str, i: int, count: int) -> str:
    if ".." not in cell or kind in ("text", "boolean"):
        return cell.replace("{i}", str(i + 1))
    low, high = cell.split("..")
    share = i / max(count - 1, 1)
    if kind == "date":
        span = (date.fromisoformat(high) - date.fromisoformat(low)).days
        return (date.fromisoformat(low) + timedelta(days=round(span * share))).isoformat()
    if kind == "timestamp":
        span_s = datetime.fromisoformat(high) - datetime.fromisoformat(low)
        return (datetime.fromisoformat(low) + span_s * share).isoformat()
    value = float(low) + (float(high) - float(low)) * share
    return str(round(value)) if kind == "integer" else f"{value:.4f}"


def _value(name: str, row: int, column: str, cell: str, kind: str) -> Any:
    if cell == "":
        return None
    try:
        if kind == "text":
            return cell
        if kind == "boolean":
            return {"true": True, "false": False}[cell]
        if kind == "date":
            return date.fromisoformat(cell)
        if kind == "timestamp":
            return datetime.fromisoformat(cell)
        if found := _DECIMAL.fullmatch(kind):
            return round(Decimal(cell), int(found[2]))
        return int(cell) if kind == "integer" else float(cell)
    except (ValueError, KeyError, ArithmeticError):
        raise ContentError(
            _(
                "测试表 {name} 第 {row} 行的 {column} 不是 {kind}:{cell}",
                name=name,
                row=row,
                column=column,
                kind=kind,
                cell=cell,
            ),
            hint=_("日期写 2026-03-01,布尔写 true 或 false"),
        ) from None
