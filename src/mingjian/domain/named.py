"""Values that have a name in both languages: states, reasons, outcomes."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from mingjian.domain.i18n import pick


class Named(StrEnum):
    """A value with its names: `MEMBER = "code", "中文", "English"`. It is stored and compared as its code.

    Names may be left out only where a value is looked up by its code: `State("open")`.
    """

    _value_: str
    zh: str
    en: str

    def __new__(cls, code: str, zh: str = "", en: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_, member.zh, member.en = code, zh, en
        return member

    @property
    def names(self) -> dict[str, str]:
        """Both names by language."""
        return {"zh": self.zh, "en": self.en}

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return pick(self.names)
