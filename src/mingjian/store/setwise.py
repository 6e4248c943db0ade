"""Rows of Python as a table in a statement: one statement for a whole batch, whatever its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Text, bindparam, cast, column, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import TableValuedAlias


def as_table(
    name: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[Column[Any]]
) -> TableValuedAlias:
    """`rows` as `unnest(…) AS name(…)`, with the names and types of `columns`; every row has all of them.

    One array travels for each column, so the statement's text stays the same and is planned once.
    """
    arrays = [cast(bindparam(f"{name}_{c.name}", _values(rows, c)), ARRAY(c.type)) for c in columns]
    shown = [column(c.name, c.type) for c in columns]
    return func.unnest(*arrays).table_valued(*shown).render_derived(name=name)


def _values(rows: Sequence[Mapping[str, Any]], wanted: Column[Any]) -> list[Any]:
    """Enums of a text column become plain text: an array holds values of one type."""
    values = [row[wanted.name] for row in rows]
    if isinstance(wanted.type, Text):
        return [None if v is None else str(v) for v in values]
    return values
