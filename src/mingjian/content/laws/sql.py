"""Laws on a model's SQL: portable, fully parametrised, and free of features that may never be used."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlglot
from sqlglot.errors import ParseError

from mingjian.content.laws import Breach, Law, ModelFile

BUILT_IN = {"as_of"}
_NAME = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_ENGINE_ONLY = re.compile(
    r"\bQUALIFY\b|::|\bLATERAL\b|\bDISTINCT\s+ON\b|\bGROUP\s+BY\s+ALL\b|\bstring_agg\b|\blist_\w+\(|\bdaterange\b",
    re.I,
)
_FORBIDDEN = re.compile(r"ethnic|religio|nationality|race\b|民族|宗教|国籍", re.I)


def _all_sql(file: ModelFile) -> Iterator[tuple[str, tuple[int | str, ...]]]:
    model = file.model
    for name, sql in model.first.items():
        yield sql, ("first", name)
    yield model.sql, ("query" if model.query else "features",)
    for n, rule in enumerate(model.level):
        yield rule.when, ("level", n)
    for n, adjust in enumerate(model.score.adjust):
        yield adjust.when, ("score", "adjust", n)
    for n, item in enumerate(model.evidence):
        yield item.where, ("evidence", n)
        yield item.via, ("evidence", n)


class SqlParses(Law):
    """Each query is one SELECT that parses; a half-written rule must not reach the night's run."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        model = file.model
        queries = [(sql, ("first", name)) for name, sql in model.first.items()]
        for sql, loc in [*queries, (model.sql, ("query" if model.query else "features",))]:
            plain = _NAME.sub("NULL", re.sub(r"\bIN\s+:[a-z_]+", "IN (NULL)", sql))
            try:
                statements = sqlglot.parse(plain, read="duckdb")
            except ParseError as error:
                fault = error.errors[0] if error.errors else {}
                yield file.breach(f"SQL line {fault.get('line')}: {fault.get('description')}", *loc)
                continue
            if len(statements) != 1:
                yield file.breach("one SELECT only", *loc)


class SqlIsPortable(Law):
    """The SQL keeps to what DuckDB and Spark both run unchanged."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        for sql, loc in _all_sql(file):
            if found := _ENGINE_ONLY.search(sql):
                yield file.breach(f"{found[0]} does not run unchanged on every engine", *loc)


class ParamsAreUsed(Law):
    """Every parameter is used and every `:name` is defined: a threshold nobody reads misleads the reviewer."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        used: set[str] = set()
        for sql, loc in _all_sql(file):
            names = set(_NAME.findall(sql))
            used |= names
            for name in sorted(names - set(file.model.params) - BUILT_IN):
                yield file.breach(f":{name} is not defined in params", *loc)
        detector_reads = set(file.model.params) if file.model.detector else set()
        spoken = {n for n in file.model.params if f"params.{n}" in file.model.explanation.get("zh", "")}
        for name in sorted(set(file.model.params) - used - detector_reads - spoken):
            yield file.breach(f"parameter {name} is used nowhere", "params", name)


class NoForbiddenFeature(Law):
    """No model uses ethnicity, religion or nationality."""

    def check(self, file: ModelFile) -> Iterator[Breach]:
        for sql, loc in _all_sql(file):
            if found := _FORBIDDEN.search(sql):
                yield file.breach(f"{found[0]} may never be a feature", *loc)
