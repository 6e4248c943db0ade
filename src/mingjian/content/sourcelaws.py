"""Laws on source files: they fill tables and columns that exist, and their table's key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mingjian.content import yamlfile
from mingjian.content.laws import Breach
from mingjian.content.loader import CITY_FILES, Content
from mingjian.domain.source import Source


def source_breaches(content: Content) -> list[Breach]:
    """Breaches in every `sources/**/*.yaml` of the checkout."""
    files = sorted((content.root / "sources").glob("**/*.yaml"))
    return [b for path in files if path.name not in CITY_FILES for b in _check(content, path)]


def _check(content: Content, path: Path) -> Iterator[Breach]:
    source, text = yamlfile.read(path, Source), path.read_text(encoding="utf-8")

    def breach(law: str, message: str, *loc: str) -> Breach:
        return Breach(path, yamlfile.line_of(text, loc), message, law)

    if source.name != path.stem:
        yield breach("NameIsPath", f"name is {source.name}, the file {path.stem}", "name")
    table = content.tables.get(source.table)
    if table is None:
        yield breach("TableExists", f"no table {source.table} in sectors/", "table")
        return
    for column in source.columns:
        if column not in table.columns:
            yield breach("ColumnExists", f"table {source.table} has no column {column}", "columns", column)
    for key in table.key:
        if key not in source.columns:
            yield breach("KeyIsFilled", f"key column {key} of {source.table} is not filled", "columns")
    if source.load == "increment" and source.watermark not in source.columns:
        yield breach("WatermarkIsFilled", "an increment needs a watermark among its columns", "watermark")
