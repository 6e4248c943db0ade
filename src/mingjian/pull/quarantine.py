"""Rows that could not be read go to the store's quarantine, in bulk and only once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, and_, select, text, update

from mingjian.domain.source import Source
from mingjian.pull.reasons import stored_reason
from mingjian.store.tables import quarantine

STAGE = "pull"
_LIST = "stage, source, table_name, batch, file, row_no, column_name, value_class, reason, row_key, as_of"
_SAME = "stage, table_name, batch, row_no, column_name, reason"
# A batch that comes back (a file restored from a backup) finds its old rows superseded: they are held again.
_MERGE = f"""
    INSERT INTO quarantine ({_LIST}) SELECT DISTINCT ON ({_SAME}) {_LIST} FROM pull_problem
    ON CONFLICT ({_SAME}) DO UPDATE SET status = 'held' WHERE quarantine.status = 'superseded'
"""


def hold(conn: Connection, source: Source, batch: str, as_of: date, problems: pd.DataFrame) -> None:
    """Store `problems` (shape.PROBLEM_COLUMNS) of one batch in the caller's transaction."""
    if problems.empty:
        return
    conn.execute(
        text(f"CREATE TEMP TABLE pull_problem ON COMMIT DROP AS SELECT {_LIST} FROM quarantine LIMIT 0")
    )
    raw: Any = conn.connection.cursor()
    with raw.copy(f"COPY pull_problem ({_LIST}) FROM STDIN") as copy:
        for file, row_no, column, header, value_class, row_key in problems.itertuples(index=False, name=None):
            reason = stored_reason(file, row_no, header, value_class)
            origin = (STAGE, source.name, source.table, batch, file, row_no)
            copy.write_row((*origin, column, value_class, reason, row_key, as_of))
    raw.close()
    conn.execute(text(_MERGE))


def supersede(conn: Connection, source: Source, batch: str, seen_keys: set[str] | None) -> None:
    """Close held rows of earlier batches: all of them (None), or those whose key this pull has seen again."""
    held = and_(
        quarantine.c.stage == STAGE,
        quarantine.c.source == source.name,
        quarantine.c.batch != batch,
        quarantine.c.status == "held",
    )
    if seen_keys is not None:
        rows = conn.execute(select(quarantine.c.id, quarantine.c.row_key).where(held)).all()
        held = and_(quarantine.c.id.in_([r.id for r in rows if r.row_key and r.row_key in seen_keys]))
    conn.execute(update(quarantine).where(held).values(status="superseded"))
