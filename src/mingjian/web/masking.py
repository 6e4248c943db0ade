"""Personal data on the way to a page: short opaque marks for identifiers, nothing else unless allowed.

Which columns are personal is said by the sector manifests; a column no manifest knows is not shown at all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mingjian.content import Content
from mingjian.domain.i18n import _
from mingjian.domain.sector import Column, Table
from mingjian.web.access import Access, Mask

PERSONAL_SUBJECTS = frozenset({"person", "account", "approver", "phone", "complainant", "household"})
COMPLAINANT = "complainant_hash"
_TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{32,64}(?![0-9a-f])")
_IDENTIFIER = ("_id", "_hash")


def mark(value: object) -> str:
    """The first six hex digits of a token; of anything else, of its SM3, so that it cannot be read."""
    text = str(value)
    token = text if _TOKEN.fullmatch(text) else hashlib.new("sm3", text.encode()).hexdigest()
    return f"{token[:6]}…"


@dataclass(frozen=True)
class Masker:
    """Masks for one reader."""

    content: Content
    access: Access

    def subject(self, kind: str, subject_id: str, model_id: str) -> str:
        """The subject as this reader may see it."""
        return mark(subject_id) if self.is_personal(kind, model_id) else shorten_tokens(subject_id)

    def is_personal(self, kind: str, model_id: str) -> bool:
        """Whether this kind of subject may lead to a person; what no manifest knows does."""
        model = self.content.models.get(model_id)
        column = model.subject.column if model else ""
        known = {table.columns[column].personal for table in self._tables() if column in table.columns}
        return kind in PERSONAL_SUBJECTS or not model or True in known

    def cell(self, table_name: str, name: str, row: Mapping[str, Any]) -> Any:
        """The value of one evidence cell: itself, a mark, an age band, or a word that it is hidden."""
        table = self.content.tables.get(table_name)
        column = table.columns.get(name) if table else None
        value = row.get(name)
        if value is None:
            return None
        if table is None or column is None:
            return hidden()
        if not column.personal:
            return shorten_tokens(value)
        return self._personal(table, column, name, row)

    def measure(self, name: str, value: Any) -> Any:
        """One output column of a model: a mark when a manifest calls that name personal."""
        personal = any(table.columns[name].personal for table in self._tables() if name in table.columns)
        if value is not None and (personal or name.endswith("_hash")):
            return mark(value)
        return shorten_tokens(value)

    def _personal(self, table: Table, column: Column, name: str, row: Mapping[str, Any]) -> Any:
        value = row[name]
        if COMPLAINANT in table.columns and not self._may_see_complainant(row):
            return hidden()
        if name.endswith(_IDENTIFIER):
            return mark(value)
        if column.type == "date":
            return _decade(value)
        return value if self.access.mask >= Mask.L2 else hidden()

    def _may_see_complainant(self, row: Mapping[str, Any]) -> bool:
        """A handling unit may be the one complained about: it sees only what is not secret."""
        return self.access.complainant or row.get("is_secret") is False

    def _tables(self) -> list[Table]:
        return list(self.content.tables.values())


def hidden() -> str:
    """What stands where a value is withheld."""
    return _("已隐去")


def shorten_tokens(value: Any) -> Any:
    """A text with every token in it made a mark ; all else as it is."""
    return _TOKEN.sub(lambda found: mark(found[0]), value) if isinstance(value, str) else value


def _decade(value: Any) -> str:
    year = value.year if isinstance(value, date) else int(str(value)[:4])
    return _("{year} 年代", year=year // 10 * 10)
