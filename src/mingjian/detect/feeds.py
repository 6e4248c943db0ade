"""The service's own feeds as a table of the lake, so that a blocked or late feed is itself found by a rule."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian.content.types import arrow_type
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.reason import GateVerdict
from mingjian.run import Run
from mingjian.store.tables import feed, table_state

TABLE = "data_feed"


def record(run: Run) -> int:
    """Write `data_feed` as a new snapshot unless nothing changed; returns its version."""
    rows = _rows(run)
    spec = run.content.tables[TABLE]
    table = pa.table({c: pa.array([r[c] for r in rows], arrow_type(s.type)) for c, s in spec.columns.items()})
    version = run.lake.version("ready", TABLE)
    if version is None or not _same(run, version, table):
        version = run.lake.replace(TABLE, table, run.as_of)
    values = {
        "as_of": run.as_of,
        "verdict": GateVerdict.OK.value,
        "inputs_hash": f"v{version}",
        "ready_version": version,
        "rows": len(rows),
        "checked_at": run.clock.now(),
    }
    statement = upsert(table_state).values(table_name=TABLE, **values)
    with run.engine.begin() as conn:
        conn.execute(statement.on_conflict_do_update(index_elements=["table_name"], set_=values))
    return version


def _rows(run: Run) -> list[dict[str, object]]:
    known = feed.outerjoin(table_state, feed.c.table_name == table_state.c.table_name)
    query = select(feed, table_state.c.verdict, table_state.c.message).select_from(known)
    with run.engine.connect() as conn:
        found = conn.execute(query.order_by(feed.c.source)).all()
    return [
        {
            "feed_id": row.source,
            "source_org_id": row.org,
            "table_name": row.table_name,
            "expected_days": row.fresh_days,
            "arrived_at": _local(row.pulled_at),
            "row_count": row.rows_kept,
            "quarantined": row.rows_quarantined,
            "verdict": row.verdict or GateVerdict.MISSING.value,
            "failed": row.error is not None,
        }
        for row in found
        if row.source in run.sources
    ]


def _local(moment: datetime, tz: ZoneInfo = CITY_TZ) -> datetime:
    return moment.astimezone(tz).replace(tzinfo=None)


def _same(run: Run, version: int, table: pa.Table) -> bool:
    import pyarrow.parquet as pq

    files = run.lake.uris("ready", TABLE, version)
    before = pa.concat_tables([pq.read_table(f) for f in files]) if files else table.slice(0, 0)
    return before.select(table.column_names).cast(table.schema).equals(table)
