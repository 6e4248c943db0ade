"""Laws on the tables and columns that a model names."""

from __future__ import annotations

from collections.abc import Iterator

from mingjian.content.laws import Breach, Law, ModelFile


class InputsExist(Law):
    """Every input table and column is in a sector manifest, so no model reads what nobody described."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        for table, columns in file.model.inputs.items():
            spec = file.content.tables.get(table)
            if spec is None:
                yield file.breach(f"no table {table} in sectors/", "inputs", table)
                continue
            for column in columns:
                if column not in spec.columns:
                    yield file.breach(f"table {table} has no column {column}", "inputs", table)


class FirstNamesAreNew(Law):
    """What a model keeps first has a name of its own: a table's name would hide the table from the query."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        for name in file.model.first:
            if name in file.content.tables:
                yield file.breach(f"{name} is a table in sectors/; choose another name", "first", name)


class EvidenceExists(Law):
    """Evidence tables and columns are in a sector manifest, so every value shown has a label."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        for n, item in enumerate(file.model.evidence):
            spec = file.content.tables.get(item.table)
            if spec is None:
                yield file.breach(f"no table {item.table} in sectors/", "evidence", n, "table")
                continue
            for column in item.columns:
                if column not in spec.columns:
                    yield file.breach(f"table {item.table} has no column {column}", "evidence", n)


class EvidenceIsShown(Law):
    """A warning shows the rows it was made from."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        if not file.model.evidence:
            yield file.breach("name at least one evidence table", "evidence")
