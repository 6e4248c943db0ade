"""Increments: ask from the watermark on, and keep of what overlaps only what the lake has not seen."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from mingjian.domain.source import Source
from mingjian.lake.delta import PULLED_AT, ROW, SOURCE
from mingjian.pull.feeds import Known
from mingjian.pull.plan import Plan
from mingjian.pull.shape import Shaped
from mingjian.run import Run


def since(source: Source, known: Known | None) -> datetime | None:
    """The moment (city-local) from which an increment is asked for; None for everything."""
    if source.load != "increment" or not known or not known.watermark:
        return None
    return datetime.fromisoformat(known.watermark)


def watermark(source: Source, rows: pa.Table, known: Known | None, now: datetime) -> str | None:
    """The newest value of the watermark column as ISO text.

    Values after `now` are passed over: one typing error in the year 2099 would stop the feed for good.
    """
    before = known.watermark if known else None
    if source.load != "increment" or not source.watermark:
        return before
    moments = rows.column(source.watermark).cast(pa.timestamp("us"))
    past = moments.filter(pc.less_equal(moments, pa.scalar(now.replace(tzinfo=None), pa.timestamp("us"))))
    newest = pc.max(past).as_py()
    return max(filter(None, [before, newest.isoformat() if newest else None]), default=None)


def only_new(run: Run, source: Source, rows: pa.Table) -> pa.Table:
    """Rows that differ from what the lake last saw under the same key from this source."""
    batches = run.lake.batches(source.table)
    if not batches or not rows.num_rows:
        return rows
    uris = run.lake.batch_uris(source.table, batches)
    key = ", ".join(f'"{k}"' for k in run.content.tables[source.table].key)
    columns = [c for c in rows.column_names if c != ROW]
    same = " AND ".join(f'o."{c}" IS NOT DISTINCT FROM n."{c}"' for c in columns)
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as db:
        db.register("incoming", rows)
        seen = db.read_parquet(uris, union_by_name=True)
        db.register("seen", seen)
        old = ", ".join(f'"{c}"' if c in seen.columns else f'NULL AS "{c}"' for c in columns)
        latest = f"""
            SELECT {old} FROM seen WHERE {SOURCE} = $source
            QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {PULLED_AT} DESC, {ROW} DESC) = 1
        """
        unseen = f"SELECT n.* FROM incoming n WHERE NOT EXISTS (SELECT 1 FROM ({latest}) o WHERE {same})"
        fresh: pa.Table = db.sql(f"{unseen} ORDER BY {ROW}", params={"source": source.name}).to_arrow_table()
        return fresh.cast(rows.schema)


def keys_seen(shaped: Shaped, plan: Plan) -> set[str]:
    """Readable keys of all rows of this pull, kept or not, as quarantine writes them."""
    if not plan.readable_key:
        return set()
    columns = [shaped.rows.column(name).to_pylist() for name in plan.readable_key]
    kept = {"|".join("" if v is None else str(v) for v in row) for row in zip(*columns, strict=True)}
    return kept | set(shaped.problems["row_key"])
