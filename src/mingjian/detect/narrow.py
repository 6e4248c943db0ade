"""One scan serves many rules: the rows of a big table that several models need are read once and shared."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from mingjian.detect.engine import Engine
from mingjian.detect.located import Piece, bound, run
from mingjian.domain.errors import RuleError
from mingjian.domain.model import Model
from mingjian.domain.sector import Table

LEAST_ROWS = int(
    os.environ.get("MINGJIAN_NARROW_ROWS", "1000000")
)  # below this a scan of its own costs nothing
# Measured on 20 million payouts: sharing 1 % made four rules three times as fast, sharing half of it twice as slow.
MOST_SHARE = 0.2
PROBE_ROWS = 200_000
Wanted = tuple[Model, list[dict[str, Any]]]  # a model with every set of parameter values it will be run with


def share_scans(
    engine: Engine,
    wanted: list[Wanted],
    specs: dict[str, Table],
    rows: dict[str, int],
    failed: Callable[[Model, RuleError], None],
) -> dict[str, dict[str, str]]:
    """By model: which shared table stands in for which of its tables (see `Model.narrow`).

    Only for tables that are big and of which two or more models need little. A model whose condition fails
    reads the whole table, and `failed` is told.
    """
    users: defaultdict[str, list[Wanted]] = defaultdict(list)
    for model, sets in wanted:
        for table in model.narrow:
            if rows.get(table, 0) >= LEAST_ROWS and _needs_little(engine, table, (model, sets), failed):
                users[table].append((model, sets))
    stands: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for table, members in sorted(users.items()):
        if len(members) < 2:
            continue
        name = f"{table}__needed"
        try:
            share(engine, name, table, members, specs[table])
        except RuleError as error:  # a limit passed: each model still has the whole table
            failed(members[0][0], error)
            continue
        for model, _sets in members:
            stands[model.id][table] = name
    return stands


def _needs_little(
    engine: Engine, table: str, member: Wanted, failed: Callable[[Model, RuleError], None]
) -> bool:
    """Whether the condition keeps few of the table's first rows: a guess, on which only the speed depends."""
    first = f'SELECT COUNT(*) AS n FROM (SELECT * FROM "{table}" LIMIT {PROBE_ROWS}) t WHERE FALSE'
    try:
        count = run(engine.rows, (first, ()), *_conditions(table, [member]))["n"][0].as_py()
    except RuleError as error:
        failed(member[0], error)
        return False
    return bool(count <= PROBE_ROWS * MOST_SHARE)


def _conditions(table: str, members: list[Wanted]) -> list[Piece]:
    pieces: list[Piece] = []
    for model, sets in members:
        for values in sets:
            pieces += [("OR (", ()), bound(model.narrow[table], values, "narrow", table), (")", ())]
    return pieces


def share(engine: Engine, name: str, table: str, members: list[Wanted], spec: Table) -> None:
    """Keep as `name` the rows of `table` that any member needs, with the columns that any member reads."""
    needed = {column for model, _sets in members for column in _columns(model, table)} | set(spec.key)
    columns = ", ".join(f'"{c}"' for c in spec.columns if c in needed)
    start = f'SELECT {columns} FROM "{table}" WHERE FALSE'
    run(lambda sql: engine.share(name, sql), (start, ()), *_conditions(table, members))


def _columns(model: Model, table: str) -> set[str]:
    shown = [c for e in model.evidence if e.table == table for c in e.columns]
    return {*model.inputs.get(table, []), *shown}
