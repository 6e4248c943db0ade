"""Parameters become SQL literals: typed, quoted, and never taken from a user's text as they are."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from mingjian.domain.errors import RuleError
from mingjian.domain.i18n import _
from mingjian.domain.model import Model

_NAME = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_STRING = re.compile(r"('(?:[^']|'')*')")


def literal(value: Any) -> str:
    """One Python value as a SQL literal that DuckDB, PostgreSQL and Spark read alike; lists become `(a, b)`."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, list | tuple):
        return "(" + ", ".join(literal(v) for v in value or [None]) + ")"
    raise TypeError(f"a parameter cannot be a {type(value).__name__}")


def values_of(model: Model, overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """The model's parameter values, with overrides; an unknown override is an error."""
    values = {name: p.value for name, p in model.params.items()}
    for name, value in (overrides or {}).items():
        if name not in values:
            raise RuleError(
                _("模型 {id} 没有参数 {name}", id=model.id, name=name),
                hint=_("可用参数:{names}", names="、".join(values) or "-"),
            )
        values[name] = value
    return values


def bind(sql: str, values: dict[str, Any]) -> str:
    """Put literals in the places `:name`; text inside quotes is left alone. Unknown names raise RuleError."""

    def put(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise RuleError(
                _("SQL 用了没有定义的参数 :{name}", name=name), hint=_("在 params 中定义它,或改正拼写")
            )
        return literal(values[name])

    parts = _STRING.split(sql)
    return "".join(part if i % 2 else _NAME.sub(put, part) for i, part in enumerate(parts))
