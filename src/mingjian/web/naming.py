"""Names of tables, columns, models and sectors in the reader's language, from the content files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mingjian.content import Content
from mingjian.domain.i18n import _, language, pick
from mingjian.web import labels

NO_DISTRICT = "-"
KEYS = "|"  # between the keys of a subject that has several


def table_name(content: Content, name: str) -> str:
    """A table's label; its own name when no manifest knows it."""
    table = content.tables.get(name)
    if table is None:
        return name
    return (table.en or _spaced(name)) if language() == "en" else table.zh


def column_name(content: Content, table: str, name: str) -> str:
    """A column's label; its own name when no manifest knows it."""
    known = content.tables.get(table)
    column = known.columns.get(name) if known else None
    if column is None:
        return name
    return (column.en or _spaced(name)) if language() == "en" else column.zh


def model_name(content: Content, model_id: str) -> str:
    """A model's name; its id when the file is gone."""
    model = content.models.get(model_id)
    return pick(model.name) if model else model_id


def sector_name(content: Content, code: str) -> str:
    """A sector's name; its code when the file is gone."""
    sector = content.sectors.get(code)
    return pick(sector.name) if sector else code


def district_name(code: str | None, names: Mapping[str, str]) -> str:
    """A district's name by its 6-digit code; codes ending in 00 are the city itself (GB/T 2260)."""
    if not code or code == NO_DISTRICT:
        return _("未标区县")
    if code.endswith("00"):
        return _("市本级")
    return names.get(code, code)


def unit_name(row: Mapping[Any, Any]) -> str | None:
    """The unit's name in the reader's language, when it has one."""
    english = row["unit_name_en"] if language() == "en" else None
    return english or row["unit_name"]


def subject_name(subject: str, names: Mapping[str, str]) -> str:
    """A subject made of several keys (159903|供水) as its parts, districts by name; any other as it is."""
    if KEYS not in subject:
        return subject
    parts = [part for part in subject.split(KEYS) if part not in ("", NO_DISTRICT)]
    return " · ".join(district_name(p, names) if p in names else labels.label(labels.KEY, p) for p in parts)


def _spaced(name: str) -> str:
    return name.replace("_", " ").capitalize()
