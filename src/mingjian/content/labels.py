"""What the names in a model's SQL mean to a reader: measures, parameters, columns of the tables it reads."""

from __future__ import annotations

from collections.abc import Mapping

from mingjian.content.conditions import Namer
from mingjian.domain.i18n import language, pick
from mingjian.domain.model import Model
from mingjian.domain.sector import Table


def namer(model: Model, tables: Mapping[str, Table]) -> Namer:
    """A function from an output column to its label, in the reader's language; an unknown name stays as it is."""

    def name(column: str) -> str:
        if column in model.measures:
            measure = model.measures[column]
            return measure.zh if language() == "zh" else measure.en
        for table in model.inputs:
            known = tables[table].columns.get(column) if table in tables else None
            if known is not None:
                return known.zh if language() == "zh" else known.en or column.replace("_", " ")
        return column.replace("_", " ")

    return name


def unit_of(model: Model, tables: Mapping[str, Table], column: str) -> str:
    """The unit of an output column as this reader sees it; empty where none is known."""
    if column in model.measures:
        return unit_shown(model.measures[column].unit)
    specs = (tables[t].columns.get(column) for t in model.inputs if t in tables)
    return unit_shown(next((str(s.unit) for s in specs if s is not None and s.unit), ""))


def unit_shown(unit: str) -> str:
    """A unit for this reader: Chinese measure words are left out of English, where the label carries them."""
    return "" if language() == "en" and not unit.isascii() else unit


def table_label(tables: Mapping[str, Table], name: str) -> str:
    """A table's own words; its name where no manifest describes it."""
    if name not in tables or language() == "en":
        return name.replace("_", " ")
    return tables[name].zh


def param_label(model: Model, name: str) -> str:
    """A parameter's own words."""
    param = model.params[name]
    return pick({"zh": param.zh, "en": param.en})
