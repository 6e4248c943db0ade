"""A sector: its tables, columns, labels, units, and who owns what is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from mingjian.domain.i18n import language
from mingjian.domain.source import Strict

Names = dict[Literal["zh", "en"], str]
MONTH_UNIT = "first day"


class Column(Strict):
    """One column of a canonical table; `personal` columns are shown masked.

    `values` lists the allowed codes, or maps each to its Chinese label. A date with unit `first day` is a month.
    """

    type: str
    zh: str
    en: str = ""
    unit: str | None = None
    values: list[str] | dict[str, str] | None = None
    personal: bool = False

    @property
    def codes(self) -> list[str] | None:
        """The allowed codes in the manifest's order; None when any value may stand."""
        return None if self.values is None else list(self.values)

    @property
    def is_month(self) -> bool:
        """Whether the date stands for its whole month."""
        return self.type == "date" and self.unit == MONTH_UNIT

    def shown(self, value: object) -> str:
        """A value as its readers know it: the label of a code (the code itself in English), a month, or as is."""
        text = str(value)
        if self.is_month:
            return _month(text)
        if isinstance(self.values, dict) and language() == "zh":
            return self.values.get(text, text)
        return text


class History(Strict):
    """How a table's past is read back from a later snapshot, so that a backtest cannot look ahead.

    `known_from` is SQL over the table's columns: the day from which a row was known (no day: the row is left out);
    `always` for registers whose rows do not come with time. `events` are columns that were empty until that day;
    `state` are columns that an event overwrote, so that before the event their value is not known.
    """

    known_from: str
    events: list[str] = Field(default_factory=list)
    state: list[str] = Field(default_factory=list)


class Table(Strict):
    """One canonical table; `key` makes a row unique. `en` and labels come from the catalogue's schema.

    Without `history` only real snapshots tell how the table stood on an earlier day.
    """

    zh: str
    en: str = ""
    key: list[str]
    history: History | None = None
    columns: dict[str, Column]


class Owner(Strict):
    """A department type that models name as owner; `line` finds the unit in `org_unit.line_code`."""

    zh: str
    en: str
    line: str


class Sector(Strict):
    """One sector manifest, `sectors/<sector>.yaml`."""

    sector: str
    name: Names
    order: int = 100
    owners: dict[str, Owner] = Field(default_factory=dict)
    tables: dict[str, Table] = Field(default_factory=dict)


def owner_named(sectors: Mapping[str, Sector], sector: str, name: str) -> Owner:
    """The manifest's owner of this name, the sector's own first; one that no manifest knows is a line of its name."""
    own = [sectors[sector]] if sector in sectors else []
    for manifest in [*own, *sectors.values()]:
        if name in manifest.owners:
            return manifest.owners[name]
    return Owner(zh=name, en=name, line=name)


def _month(day: str) -> str:
    """2026-02-01 as 2026年2月, in English 2026-02."""
    if language() == "en":
        return day[:7]
    return f"{day[:4]}年{int(day[5:7])}月"
