"""Rows held at the gate: kept by number and reason, released by a person or superseded by a new batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select, text, tuple_, update

from mingjian.domain.errors import NotFound, TransitionError
from mingjian.domain.i18n import _
from mingjian.gate.keys import DUPLICATE_KEY, MISSING_KEY
from mingjian.store import audit
from mingjian.store.tables import quarantine

STAGE = "gate"
HELD_COLUMNS = ["source", "batch", "row_no", "column_name", "value_class", "reason", "row_key"]

_INSERT = text("""
    INSERT INTO quarantine (stage, table_name, as_of,
                            source, batch, row_no, column_name, value_class, reason, row_key)
    SELECT 'gate', :table, :as_of, u.*
    FROM unnest(CAST(:source AS text[]), CAST(:batch AS text[]), CAST(:row_no AS bigint[]),
                CAST(:column_name AS text[]), CAST(:value_class AS text[]), CAST(:reason AS text[]),
                CAST(:row_key AS text[])) AS u
    ON CONFLICT (stage, table_name, batch, row_no, column_name, reason)
    DO UPDATE SET status = 'held', as_of = excluded.as_of WHERE quarantine.status = 'superseded'
""")


def released_rows(conn: Connection, table: str, batches: list[str]) -> set[tuple[str, int]]:
    """(batch, row number) of the rows that a person let through."""
    q = quarantine.c
    rows = conn.execute(
        select(q.batch, q.row_no)
        .where(q.stage == STAGE, q.table_name == table, q.status == "released", q.batch.in_(batches))
        .distinct()
    )
    return {(row.batch, row.row_no) for row in rows}


def replace_held(conn: Connection, table: str, as_of: date, held: pd.DataFrame) -> None:
    """Make `held` (HELD_COLUMNS, one line per row and failed check) the rows held at the gate for this table.

    Rows held before and not in `held` become superseded: their batch was replaced or their check changed.
    """
    q = quarantine.c
    conn.execute(
        update(quarantine)
        .where(q.stage == STAGE, q.table_name == table, q.status == "held")
        .values(status="superseded")
    )
    if held.empty:
        return
    unique = held.drop_duplicates(["batch", "row_no", "column_name", "reason"])
    lists = {name: unique[name].tolist() for name in HELD_COLUMNS}
    conn.execute(_INSERT, {"table": table, "as_of": as_of, **lists})


def list_held(
    conn: Connection, table: str | None = None, after_id: int = 0, limit: int = 100
) -> list[dict[str, Any]]:
    """Held rows of both stages, oldest first, paged by id; each dict is a row of `quarantine`."""
    q = quarantine.c
    query = select(quarantine).where(q.status == "held", q.id > after_id).order_by(q.id).limit(limit)
    if table is not None:
        query = query.where(q.table_name == table)
    return [dict(row) for row in conn.execute(query).mappings()]


def count_held(conn: Connection, table: str) -> int:
    """Entries now held for a table, both stages."""
    q = quarantine.c
    query = select(func.count()).select_from(quarantine).where(q.table_name == table, q.status == "held")
    return int(conn.execute(query).scalar_one())


def release(conn: Connection, ids: Sequence[int], actor: str, now: datetime) -> int:
    """Let the rows of these entries through at the next gate; returns how many rows.

    A row may have several entries: all are released with it. One audit row a row, in this transaction.
    Raises NotFound for an unknown id, and TransitionError for an entry that only a corrected file can heal:
    an unread value, a key that is missing or taken, or a row that a newer batch has replaced.
    """
    entries = [_releasable(conn, number) for number in sorted(set(ids))]
    rows = sorted({(e["table_name"], e["batch"], e["row_no"]) for e in entries if e["status"] == "held"})
    if not rows:
        return 0
    q = quarantine.c
    conn.execute(
        update(quarantine)
        .where(q.stage == STAGE, q.status == "held")
        .where(tuple_(q.table_name, q.batch, q.row_no).in_(rows))
        .values(status="released", decided_by=actor, decided_at=now)
    )
    for table, batch, row_no in rows:
        audit.record(
            conn,
            at=now,
            actor=actor,
            action="quarantine.release",
            object_kind="quarantine",
            object_id=f"{table}/{batch}/{row_no}",
            detail={"entries": [e["id"] for e in entries if (e["batch"], e["row_no"]) == (batch, row_no)]},
        )
    return len(rows)


def _releasable(conn: Connection, number: int) -> dict[str, Any]:
    row = (
        conn.execute(select(quarantine).where(quarantine.c.id == number).with_for_update()).mappings().first()
    )
    if row is None:
        raise NotFound(_("隔离区没有编号 {id}", id=number), hint=_("运行 mingjian quarantine list 查看编号"))
    if row["stage"] != STAGE or row["value_class"] in (MISSING_KEY, DUPLICATE_KEY):
        raise TransitionError(
            _("编号 {id} 不能放行：{reason}", id=number, reason=row["reason"]),
            hint=_("请在源系统更正该行后重新拉取"),
        )
    if row["status"] == "superseded":
        raise TransitionError(
            _("编号 {id} 所在批次已被新数据取代", id=number),
            hint=_("运行 mingjian quarantine list 查看现有编号"),
        )
    return dict(row)
