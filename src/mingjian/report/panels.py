"""What our dashboards are made of: SQL targets, two-language words and value names for Grafana's builders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import dashboard as grafana

from mingjian.content import Content
from mingjian.domain.i18n import pick
from mingjian.domain.typeset import chinese_marks

DATASOURCE_UID = "mingjian-dash"
DATASOURCE_TYPE = "grafana-postgresql-datasource"
SOURCE = grafana.DataSourceRef(type_val=DATASOURCE_TYPE, uid=DATASOURCE_UID)

RED, ORANGE, YELLOW, BLUE, GREEN = "#b3261e", "#c77700", "#d9a400", "#2f5d8c", "#3b7d4f"


@dataclass(frozen=True)
class Words:
    """One text of a dashboard in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Speech:
    """In which language a dashboard speaks, and the content files whose names it uses."""

    lang: str
    content: Content

    def say(self, words: Words) -> str:
        return words.en if self.lang == "en" else chinese_marks(words.zh)

    def sectors(self) -> dict[str, str]:
        """Names of the sectors that have owners, thus warnings, by code."""
        ordered = sorted(self.content.sectors.values(), key=lambda s: s.order)
        return {s.sector: pick(dict(s.name), self.lang) for s in ordered if s.owners}

    def models(self) -> dict[str, str]:
        return {i: pick(dict(m.name), self.lang) for i, m in sorted(self.content.models.items())}


class SqlTarget(Builder[Dataquery], Dataquery):
    """One SQL query of a panel; the SDK has no builder for SQL data sources. `form`: table or time_series."""

    def __init__(self, sql: str, form: str = "table") -> None:
        self.sql, self.form = sql, form

    def build(self) -> Dataquery:
        return self

    def to_json(self) -> dict[str, object]:
        return {
            "refId": "A",
            "datasource": SOURCE,
            "editorMode": "code",
            "format": self.form,
            "rawQuery": True,
            "rawSql": self.sql,
        }


def both(about: Words) -> str:
    """The text behind a panel's ⓘ: always in both languages, so that nobody has to switch to understand."""
    return f"{chinese_marks(about.zh)}\n\n{about.en}"


def thresholds(*steps: tuple[float | None, str]) -> Builder[grafana.ThresholdsConfig]:
    """Colours from these values on; the first value is None."""
    return _Built(
        grafana.ThresholdsConfig(steps=[grafana.Threshold(value, colour) for value, colour in steps])
    )


def value_names(names: Mapping[str, str], colours: Mapping[str, str] | None = None) -> grafana.ValueMap:
    """Show stored values (the keys) under these names, in these colours."""
    return grafana.ValueMap(
        options={
            value: grafana.ValueMappingResult(text=text, color=(colours or {}).get(value), index=n)
            for n, (value, text) in enumerate(names.items())
        }
    )


def shown_as(
    name: str,
    *,
    colour: str | None = None,
    unit: str | None = None,
    values: grafana.ValueMap | None = None,
    coloured: bool = False,
) -> list[grafana.DynamicConfigValue]:
    """How one column is shown; `coloured` gives its text the colour of the value's name."""
    found = [grafana.DynamicConfigValue("displayName", name)]
    if colour:
        found.append(grafana.DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour}))
    if unit:
        found.append(grafana.DynamicConfigValue("unit", unit))
    if values:
        found.append(grafana.DynamicConfigValue("mappings", [values]))
    if coloured:
        found.append(grafana.DynamicConfigValue("custom.cellOptions", {"type": "color-text"}))
    return found


def sql_table(
    title: str, about: Words, sql: str, columns: Mapping[str, list[grafana.DynamicConfigValue]]
) -> table.Panel:
    """A table panel over one query; `columns` says how each is shown."""
    panel = table.Panel().title(title).description(both(about)).datasource(SOURCE).with_target(SqlTarget(sql))
    for column, properties in columns.items():
        panel = panel.override_by_name(column, properties)
    return panel


class _Built(Builder[grafana.ThresholdsConfig]):
    def __init__(self, made: grafana.ThresholdsConfig) -> None:
        self.made = made

    def build(self) -> grafana.ThresholdsConfig:
        return self.made
