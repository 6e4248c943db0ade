"""`data_feed`: what arrived, when, and what the gate said, so that a blocked or late feed is found by a rule."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from mingjian.detect.own.moments import local
from mingjian.domain.reason import GateVerdict
from mingjian.run import Run
from mingjian.store.tables import feed, table_state


def rows(run: Run) -> Iterator[dict[str, object]]:
    """One row for each source of this run."""
    known = feed.outerjoin(table_state, feed.c.table_name == table_state.c.table_name)
    query = select(feed, table_state.c.verdict, table_state.c.message).select_from(known)
    with run.engine.connect() as conn:
        found = conn.execute(query.order_by(feed.c.source)).all()
    for row in found:
        if row.source in run.sources:
            yield {
                "feed_id": row.source,
                "source_org_id": row.org,
                "table_name": row.table_name,
                "expected_days": row.fresh_days,
                "arrived_at": local(row.pulled_at),
                "row_count": row.rows_kept,
                "quarantined": row.rows_quarantined,
                "verdict": row.verdict or GateVerdict.MISSING.value,
                "failed": row.error is not None,
            }
