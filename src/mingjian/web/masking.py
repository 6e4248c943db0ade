"""Personal data on the way to a page: short opaque marks for identifiers, nothing else unless allowed.

Which columns are personal is said by the sector manifests; a column no manifest knows is not shown at all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mingjian.content import Content
from mingjian.domain import complainant
from mingjian.domain.i18n import _
from mingjian.domain.sector import Column, Table
from mingjian.domain.unmask import Field, Sight
from mingjian.store.vault import Original
from mingjian.web.access import Access, Mask

PERSONAL_SUBJECTS = frozenset({"person", "account", "approver", "phone", "complainant", "household"})
_TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{32,64}(?![0-9a-f])")
_IDENTIFIER = ("_id", "_hash")


def mark(value: object) -> str:
    """The first six hex digits of a token; of anything else, of its SM3, so that it cannot be read."""
    text = str(value)
    token = text if _TOKEN.fullmatch(text) else hashlib.new("sm3", text.encode()).hexdigest()
    return f"{token[:6]}…"


@dataclass(frozen=True)
class Shown:
    """What an approved request shows of one warning: the level, the kinds of data, and what tokens stand for."""

    sight: Sight
    fields: frozenset[Field]
    originals: Mapping[str, Original] = field(default_factory=dict)

    def identifier(self, value: object) -> str:
        """What the token stands for, at L2 only the end of a number; its mark where the vault does not know it."""
        original = self.originals.get(str(value)) if Field.IDENTITY in self.fields else None
        if original is None:
            return mark(value)
        in_full = self.sight is Sight.L3 or original.kind == "name"
        return original.value if in_full else f"…{original.value[-4:]}"


@dataclass(frozen=True)
class Masker:
    """Masks for one reader; `shown` is what an approved request opens of the one warning it was given for."""

    content: Content
    access: Access
    shown: Shown | None = None

    def subject(self, kind: str, subject_id: str, model_id: str) -> str:
        """The subject as this reader may see it."""
        if self.hides_subject(kind, subject_id):
            return hidden()
        personal = self.is_personal(kind, model_id)
        return self._identifier(subject_id) if personal else shorten_tokens(subject_id)

    def is_personal(self, kind: str, model_id: str) -> bool:
        """Whether this kind of subject may lead to a person; what no manifest knows does."""
        model = self.content.models.get(model_id)
        column = model.subject.column if model else ""
        known = {table.columns[column].personal for table in self._tables() if column in table.columns}
        return kind in PERSONAL_SUBJECTS or not model or True in known

    def hides_subject(self, kind: str, subject_id: str) -> bool:
        """Whether the subject itself would lead this reader to who complained."""
        return not self.access.complainant and complainant.names_one(kind, subject_id)

    def cell(self, table_name: str, name: str, row: Mapping[str, Any]) -> Any:
        """The value of one evidence cell: itself, a mark, an age band, or a word that it is hidden."""
        table = self.content.tables.get(table_name)
        column = table.columns.get(name) if table else None
        value = row.get(name)
        if value is None:
            return None
        if table is None or column is None:
            return hidden()
        to_complainant = complainant.leads_to_one(table.columns, row, name, personal=column.personal)
        if to_complainant and not (self.access.complainant or complainant.is_no_secret(row)):
            return hidden()
        return self._personal(column, name, value) if column.personal else shorten_tokens(value)

    def measure(self, name: str, value: Any) -> Any:
        """One output column of a model: a mark when a manifest calls that name personal."""
        if not self.access.complainant and (name == complainant.COLUMN or name in complainant.LEAD_TO_A_HOME):
            return hidden()
        personal = any(table.columns[name].personal for table in self._tables() if name in table.columns)
        if value is not None and (personal or name.endswith("_hash")):
            return self._identifier(value)
        return shorten_tokens(value)

    def _personal(self, column: Column, name: str, value: Any) -> Any:
        if name.endswith(_IDENTIFIER):
            return self._identifier(value)
        if column.type == "date":
            return value if self._opens(Field.BIRTH_DATE) else _decade(value)
        free = self.access.mask >= Mask.L2 or (
            self.shown is not None and Field.FREE_TEXT in self.shown.fields
        )
        return value if free else hidden()

    def _identifier(self, value: Any) -> str:
        return self.shown.identifier(value) if self.shown else mark(value)

    def _opens(self, asked: Field) -> bool:
        """Whether a request for everything of this kind was approved."""
        return self.shown is not None and self.shown.sight is Sight.L3 and asked in self.shown.fields

    def _tables(self) -> list[Table]:
        return list(self.content.tables.values())


def tokens_in(values: Iterable[Any]) -> set[str]:
    """Every value that is a token as a whole."""
    return {str(value) for value in values if isinstance(value, str) and _TOKEN.fullmatch(value)}


def hidden() -> str:
    """What stands where a value is withheld."""
    return _("已隐去")


def shorten_tokens(value: Any) -> Any:
    """A text with every token in it made a mark ; all else as it is."""
    return _TOKEN.sub(lambda found: mark(found[0]), value) if isinstance(value, str) else value


def _decade(value: Any) -> str:
    year = value.year if isinstance(value, date) else int(str(value)[:4])
    return _("{year} 年代", year=year // 10 * 10)
