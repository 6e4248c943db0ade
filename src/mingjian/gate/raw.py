"""What the gate reads: the raw batches that count today, as one Arrow table in canonical types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.dataset as ds
from sqlalchemy import Connection, select

from mingjian.content.types import arrow_type
from mingjian.domain.errors import GateError
from mingjian.domain.i18n import _
from mingjian.domain.sector import Table
from mingjian.lake.delta import BATCH, PULLED_AT, ROW, SOURCE
from mingjian.run import Run
from mingjian.store.tables import feed

_SYSTEM = {SOURCE: pa.string(), BATCH: pa.string(), PULLED_AT: pa.timestamp("us"), ROW: pa.int64()}
_HIVE = ds.partitioning(pa.schema([(BATCH, pa.string())]), flavor="hive")


@dataclass(frozen=True)
class Intake:
    """Which sources fill a table today. `snapshots` maps source to its one batch that counts."""

    snapshots: dict[str, str]
    increments: list[str]
    absent: list[str]
    failing: list[str]
    late: list[str]

    @property
    def fed(self) -> bool:
        """Has any source ever delivered?"""
        return bool(self.snapshots or self.increments)


def intake(conn: Connection, run: Run, table: str) -> Intake:
    """Look up the feeds of one table. A source this run does not know counts as a snapshot."""
    rows = conn.execute(select(feed).where(feed.c.table_name == table).order_by(feed.c.source)).all()
    snapshots: dict[str, str] = {}
    increments, failing, late = [], [], []
    for row in rows:
        source = run.sources.get(row.source)
        never_came = row.batch is None and row.error is not None
        if source is not None and source.load == "increment" and not never_came:
            increments.append(row.source)
        elif not never_came:
            snapshots[row.source] = row.batch or ""
        if row.error is not None:
            failing.append(row.source)
        if _days(run.as_of, row.as_of) > row.fresh_days:
            late.append(row.source)
    expected = {name for name, source in run.sources.items() if source.table == table}
    absent = sorted(expected - {row.source for row in rows})
    return Intake(snapshots, increments, absent, failing, late)


def batches(run: Run, table: str, taken: Intake) -> list[str]:
    """Ids of the batches that count, sorted: a snapshot's last one, all of an increment's."""
    wanted = {b for b in taken.snapshots.values() if b}
    if taken.increments:
        scan = _dataset(run, table, run.lake.batches(table), pa.schema(_SYSTEM))
        of_source = ds.field(SOURCE).isin(taken.increments)
        found = scan.to_table(columns=[BATCH], filter=of_source).column(BATCH)
        wanted |= set(found.unique().to_pylist())
    return sorted(wanted & set(run.lake.batches(table)))


def read(run: Run, table: str, shape: Table, wanted: list[str]) -> pa.Table:
    """Rows of these batches, all canonical and system columns, in the order source, row.

    Raises GateError when the raw zone does not fit the manifest's types.
    """
    schema = pa.schema([*arrow_schema(shape), *pa.schema(_SYSTEM)])
    if not wanted:
        return schema.empty_table()
    try:
        rows = _dataset(run, table, wanted, schema).to_table()
    except (pa.ArrowException, OSError) as error:
        raise GateError(
            _("表 {table} 的原始区无法按目录类型读取：{error}", table=table, error=error),
            hint=_("若刚改过 sectors/ 中的列类型，请重新拉取该表的数据源"),
        ) from error
    return rows.sort_by([(SOURCE, "ascending"), (BATCH, "ascending"), (ROW, "ascending")])


def arrow_schema(shape: Table) -> pa.Schema:
    """The canonical columns of a manifest table as Arrow types."""
    return pa.schema([(name, arrow_type(column.type)) for name, column in shape.columns.items()])


def _dataset(run: Run, table: str, wanted: list[str], schema: pa.Schema) -> ds.Dataset:
    uris = sorted(run.lake.batch_uris(table, wanted)) if wanted else []
    return ds.dataset(uris, schema=schema, format="parquet", partitioning=_HIVE)


def _days(later: date, earlier: date) -> int:
    return (later - earlier).days
