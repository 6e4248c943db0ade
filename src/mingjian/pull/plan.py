"""What to do with each column of a source, settled and checked before the first row is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from mingjian.content.types import arrow_type
from mingjian.domain.errors import ContentError, MingjianError
from mingjian.domain.i18n import _
from mingjian.domain.sector import Column, Table
from mingjian.domain.source import TOKENS, ParseAs, Source, SourceColumn
from mingjian.pull.clean import tidy_one
from mingjian.pull.parse import PARSERS, Parser, Target
from mingjian.pull.tokens import KINDS, Kind

_NUMBERS = {ParseAs.INTEGER, ParseAs.DECIMAL, ParseAs.MONEY}
_MOMENTS = {ParseAs.DATE, ParseAs.MONTH, ParseAs.TIMESTAMP}
_FITS: list[tuple[Callable[[pa.DataType], bool], set[ParseAs], ParseAs]] = [
    (pa.types.is_string, {ParseAs.TEXT, ParseAs.USCC, *TOKENS}, ParseAs.TEXT),
    (pa.types.is_integer, _NUMBERS, ParseAs.INTEGER),
    (pa.types.is_floating, _NUMBERS, ParseAs.DECIMAL),
    (pa.types.is_decimal, _NUMBERS, ParseAs.DECIMAL),
    (pa.types.is_date, _MOMENTS, ParseAs.DATE),
    (pa.types.is_timestamp, _MOMENTS, ParseAs.TIMESTAMP),
    (pa.types.is_boolean, {ParseAs.BOOLEAN}, ParseAs.BOOLEAN),
]


@dataclass(frozen=True)
class Fill:
    """How one canonical column is filled. `codes` maps tidy foreign text to our value, already typed."""

    name: str
    names: tuple[str, ...]
    parser: Parser
    target: Target
    token: Kind | None
    codes: dict[str, Any] | None
    const: Any
    default: Any
    required: bool
    is_key: bool

    @property
    def needed(self) -> bool:
        """True when a source without this column cannot be pulled at all."""
        return self.required or self.is_key


@dataclass(frozen=True)
class Plan:
    """All columns of the table in manifest order; `fills` only those that the source fills."""

    table: str
    types: dict[str, pa.DataType]
    fills: dict[str, Fill]
    readable_key: tuple[str, ...]


def make_plan(source: Source, tables: dict[str, Table]) -> Plan:
    """Check a source against its table; raises ContentError naming the source and the column."""
    if source.table not in tables:
        raise _wrong(source, _("没有表 {table}", table=source.table))
    table = tables[source.table]
    types = {name: arrow_type(column.type) for name, column in table.columns.items()}
    for name in [*source.columns, *([source.watermark] if source.watermark else [])]:
        if name not in table.columns:
            raise _wrong(source, _("表 {table} 没有列 {column}", table=source.table, column=name))
    for name in table.key:
        if name not in source.columns:
            raise _wrong(source, _("没有填充主键列 {column}", column=name))
    fills = {
        name: _fill(source, name, column, table.columns[name], types[name], name in table.key)
        for name, column in source.columns.items()
    }
    readable = tuple(k for k in table.key if not table.columns[k].personal and fills[k].token is None)
    return Plan(source.table, types, fills, readable)


def _fill(
    source: Source, name: str, column: SourceColumn, ours: Column, kind: pa.DataType, is_key: bool
) -> Fill:
    if column.from_ is None and column.const is None and column.default is None:
        raise _wrong(source, _("列 {column} 既没有 from 也没有 const", column=name))
    parse_as = _parse_as(source, name, column, kind)
    target = Target(kind, column.unit, ours.unit)
    names = [column.from_] if isinstance(column.from_, str) else column.from_ or []
    try:
        PARSERS[parse_as](pd.Series([], dtype="str"), target)
        codes = column.values and {tidy_one(k): as_type(v, kind) for k, v in column.values.items()}
        const, default = as_type(column.const, kind), as_type(column.default, kind)
    except MingjianError as error:
        raise _wrong(source, f"{name}: {error.message}") from None
    return Fill(
        name=name,
        names=tuple(names),
        parser=PARSERS[parse_as],
        target=target,
        token=KINDS.get(parse_as),
        codes=codes,
        const=const,
        default=default,
        required=column.required,
        is_key=is_key,
    )


def _parse_as(source: Source, name: str, column: SourceColumn, kind: pa.DataType) -> ParseAs:
    """The declared reading; `text`, the default, becomes what the column's type calls for."""
    for is_kind, allowed, natural in _FITS:
        if is_kind(kind):
            if column.type is ParseAs.TEXT:
                return natural
            if column.type in allowed:
                return column.type
    raise _wrong(source, _("列 {column} 不能按 {type} 读取", column=name, type=column.type.value))


def as_type(value: Any, kind: pa.DataType) -> Any:
    """A value written in a content file (const, default, code) as the column's type; raises ContentError."""
    if value is None:
        return None
    try:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return pa.scalar(text, pa.string()).cast(kind).as_py()
    except pa.ArrowException:
        raise ContentError(_("值 {value} 不是 {type}", value=value, type=kind)) from None


def _wrong(source: Source, what: str) -> ContentError:
    return ContentError(
        _("数据源 {source}：{what}", source=source.name, what=what),
        hint=_("对照 sectors/ 中的表结构修改该数据源文件"),
    )
