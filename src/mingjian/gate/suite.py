"""A suite file: what must hold of one table, and what happens when it does not."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from mingjian.content import Content, yamlfile
from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _
from mingjian.domain.sector import Names
from mingjian.domain.source import Strict

AS_OF = "$as_of"
HALF_OF_LAST = "$half_of_last"
VARIABLES = frozenset({AS_OF, HALF_OF_LAST})

_ROW_WISE = (
    "expect_column_values_to_",
    "expect_column_value_lengths_to_",
    "expect_column_pair_values_",
    "expect_select_column_values_",
    "expect_multicolumn_",
)
_PREFIXES = ("expect_column_values_to_", "expect_column_", "expect_")


class Action(StrEnum):
    """What a failed expectation does: stops the table, holds its bad rows, or is only written down."""

    BLOCK = "block"
    QUARANTINE = "quarantine"
    NOTE = "note"


class Check(Strict):
    """One expectation by its Great Expectations name.

    `mostly` is the share of rows (0-1) that must pass. Below it a `block` check stops the table, and so does
    a `quarantine` check: when most rows are bad it is the file that is wrong, not its rows.
    """

    expect: str
    column: str | None = None
    args: dict[str, Any] = Field(default_factory=dict)
    mostly: float | None = Field(default=None, gt=0, le=1)
    action: Action
    why: Names

    @model_validator(mode="after")
    def _rows_can_be_named(self) -> Check:
        if self.action is Action.QUARANTINE and not self.expect.startswith(_ROW_WISE):
            raise ValueError(
                f"{self.expect} judges the whole table: it can block or note, not quarantine rows"
            )
        unknown = sorted({v for v in self.args.values() if _is_variable(v)} - VARIABLES)
        if unknown:
            raise ValueError(f"unknown variable {unknown[0]}; known: {', '.join(sorted(VARIABLES))}")
        if "zh" not in self.why:
            raise ValueError("why needs a zh text")
        return self

    @property
    def short_name(self) -> str:
        """The expectation's name without its standing beginning: `not_be_null`, `be_between`."""
        for prefix in _PREFIXES:
            if self.expect.startswith(prefix):
                return self.expect.removeprefix(prefix)
        return self.expect

    @property
    def columns(self) -> list[str]:
        """Columns it looks at, the one it is about first."""
        named = [self.column, self.args.get("column_A"), self.args.get("column_B")]
        return [c for c in [*named, *self.args.get("column_list", [])] if c]


class Suite(Strict):
    """One file `expectations/<sector>/<table>.yaml`."""

    table: str
    expectations: list[Check] = Field(default_factory=list)

    def uses(self, variable: str) -> bool:
        """Does any argument depend on this variable?"""
        return any(
            variable == v for check in self.expectations for v in check.args.values() if _is_variable(v)
        )


def suite_path(content: Content, table: str) -> Path:
    """Where the suite of a canonical table lies: in the folder of the sector that owns the table."""
    owner = next(name for name, sector in content.sectors.items() if table in sector.tables)
    return content.root / "expectations" / owner / f"{table}.yaml"


def load_suite(content: Content, table: str) -> tuple[Suite, str]:
    """The suite of a table and its file's hash; an empty suite when there is no file.

    Raises ContentError (path:line) when the file breaks its format or names another table.
    """
    path = suite_path(content, table)
    if not path.exists():
        return Suite(table=table), ""
    suite = yamlfile.read(path, Suite)
    if suite.table != table:
        raise ContentError(
            f"{path}:1: " + _("文件名是 {file}，table 却写的是 {table}", file=table, table=suite.table),
            hint=_("让文件名与 table 一致"),
        )
    return suite, yamlfile.content_hash(path)


def arguments(check: Check, types: dict[str, str], *, as_of: date, last_rows: int) -> dict[str, Any]:
    """The expectation's arguments: variables filled, days turned into the numbers of `frame.py`.

    `types` maps column to manifest type. In a timestamp column `$as_of` is the last moment of that day.
    """
    kind = types.get(check.columns[0], "text") if check.columns else "text"
    filled = {name: _value(value, kind, as_of, last_rows) for name, value in check.args.items()}
    extra = {"column": check.column, "mostly": check.mostly}
    return {**{k: v for k, v in extra.items() if v is not None}, **filled}


def day_number(value: date | datetime, kind: str) -> int:
    """Days since 1970 for a date column, microseconds since 1970 for a timestamp column."""
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    since = moment - datetime(1970, 1, 1)  # noqa: DTZ001 - the lake's timestamps are naive city time
    return since.days if kind == "date" else since.days * 86_400_000_000 + since.seconds * 1_000_000


def _value(value: Any, kind: str, as_of: date, last_rows: int) -> Any:
    if _is_variable(value) and value == HALF_OF_LAST:
        return max(1, last_rows // 2)
    if _is_variable(value) and value == AS_OF:
        return day_number(datetime.combine(as_of, time(23, 59, 59)), kind)
    if isinstance(value, date):
        return day_number(value, kind)
    return value


def _is_variable(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("$")
