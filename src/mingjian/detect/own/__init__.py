"""The service's own tables as snapshots in the lake, so that the platform watches itself like anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian.content.types import arrow_type
from mingjian.detect.own import feeds, model_runs, orders, scores, warnings
from mingjian.domain.reason import GateVerdict
from mingjian.run import Run
from mingjian.store.tables import table_state

Row = dict[str, object]
ROWS: dict[str, Callable[[Run], Iterator[Row]]] = {
    "data_feed": feeds.rows,
    "model_run": model_runs.rows,
    "model_scores": scores.rows,
    "supervision_order": orders.rows,
    "warning": warnings.rows,
}
OWN_TABLES = frozenset(ROWS)
CHUNK = 20_000


def record_own_tables(run: Run, tables: Iterable[str]) -> dict[str, int]:
    """Write those of `tables` that are the service's own as they stand now; returns their versions.

    A table in which nothing changed keeps its version, so models that read it need not run again.
    """
    return {table: _record(run, table) for table in sorted(OWN_TABLES & set(tables))}


def _record(run: Run, name: str) -> int:
    rows = _arrow(run, name)
    version = run.lake.version("ready", name)
    if version is None or not _same(run, name, version, rows):
        version = run.lake.replace(name, rows, run.as_of)
    values = {
        "as_of": run.as_of,
        "verdict": GateVerdict.OK.value,
        "inputs_hash": f"v{version}",
        "ready_version": version,
        "rows": rows.num_rows,
        "checked_at": run.clock.now(),
    }
    statement = upsert(table_state).values(table_name=name, **values)
    with run.engine.begin() as conn:
        conn.execute(statement.on_conflict_do_update(index_elements=["table_name"], set_=values))
    return version


def _arrow(run: Run, name: str) -> pa.Table:
    """The rows in the manifest's columns and types; what the store does not know is empty."""
    spec = run.content.tables[name]
    schema = pa.schema([(c, arrow_type(s.type)) for c, s in spec.columns.items()])
    made = ROWS[name](run)
    chunks = []
    while chunk := list(islice(made, CHUNK)):
        picked = [{c: row.get(c) for c in schema.names} for row in chunk]
        chunks.append(pa.RecordBatch.from_pylist(picked, schema))
    return pa.Table.from_batches(chunks, schema)


def _same(run: Run, name: str, version: int, rows: pa.Table) -> bool:
    files = run.lake.uris("ready", name, version)
    before = pa.concat_tables([pq.read_table(f) for f in files]) if files else rows.slice(0, 0)
    if before.num_rows != rows.num_rows or set(rows.column_names) - set(before.column_names):
        return False
    return before.select(rows.column_names).cast(rows.schema).equals(rows)
