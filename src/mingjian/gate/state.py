"""What the gate last said of a table: its state, its results, and whether anything changed since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.reason import GateVerdict
from mingjian.store import audit
from mingjian.store.tables import gate_result, table_state

COUNTS = "row_counts"
_COPIED = ["expectation", "column_name", "action", "outcome", "unexpected", "observed"]


@dataclass(frozen=True)
class Ruling:
    """All that is written about one table in one transaction. `results` are rows of `gate_result`."""

    table: str
    as_of: date
    verdict: GateVerdict
    inputs_hash: str
    message: str = ""
    raw_version: int | None = None
    ready_version: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    results: list[dict[str, Any]] = field(default_factory=list)


def of_table(conn: Connection, table: str) -> RowMapping | None:
    """The row of `table_state`, or None when this table was never gated."""
    return conn.execute(select(table_state).where(table_state.c.table_name == table)).mappings().first()


def write(conn: Connection, ruling: Ruling, now: datetime) -> None:
    """Store a ruling. A table that is not let through keeps the ready version and row count it had."""
    row: dict[str, Any] = {
        "table_name": ruling.table,
        "as_of": ruling.as_of,
        "verdict": ruling.verdict.value,
        "inputs_hash": ruling.inputs_hash,
        "raw_version": ruling.raw_version,
        "checked_at": now,
        "message": ruling.message,
    }
    if ruling.ready_version is not None:
        row["ready_version"] = ruling.ready_version
        row["rows"] = ruling.counts["rows_ready"]
        row["rows_quarantined"] = ruling.counts["rows_quarantined"]
    conn.execute(
        upsert(table_state).values(row).on_conflict_do_update(index_elements=["table_name"], set_=row)
    )
    _forget_results(conn, ruling.table, ruling.as_of)
    keys = {"table_name": ruling.table, "as_of": ruling.as_of}
    if ruling.results:
        conn.execute(insert(gate_result), [{**keys, **result} for result in ruling.results])


def carry_over(conn: Connection, known: RowMapping, as_of: date, now: datetime) -> dict[str, int]:
    """Nothing changed since `known`: the ruling holds for this day too. Returns its counts."""
    table, r = known["table_name"], gate_result.c
    if known["as_of"] != as_of:
        _forget_results(conn, table, as_of)
        old = select(r.table_name, literal(as_of), *(r[name] for name in _COPIED))
        conn.execute(
            insert(gate_result).from_select(
                ["table_name", "as_of", *_COPIED],
                old.where(r.table_name == table, r.as_of == known["as_of"]),
            )
        )
    conn.execute(
        update(table_state).where(table_state.c.table_name == table).values(as_of=as_of, checked_at=now)
    )
    counted = select(r.observed).where(r.table_name == table, r.as_of == as_of, r.expectation == COUNTS)
    return dict(conn.execute(counted).scalar_one())


def accept_size(conn: Connection, table: str, actor: str, now: datetime) -> None:
    """A person confirms that a table which shrank is right: the next gate compares with no earlier size.

    Writes one audit row. Raises NotFound for a table that was never gated.
    """
    known = of_table(conn, table)
    if known is None:
        raise NotFound(_("表 {table} 还没有检查过", table=table), hint=_("先运行 mingjian run"))
    conn.execute(update(table_state).where(table_state.c.table_name == table).values(rows=0, inputs_hash=""))
    audit.record(
        conn,
        at=now,
        actor=actor,
        action="gate.accept_size",
        object_kind="table",
        object_id=table,
        detail={"rows_before": known["rows"]},
    )


def inputs_hash(**inputs: Any) -> str:
    """SHA-256 over everything a ruling depends on, first 16 hex digits."""
    form = json.dumps(inputs, sort_keys=True, default=str)
    return hashlib.sha256(form.encode()).hexdigest()[:16]


def _forget_results(conn: Connection, table: str, as_of: date) -> None:
    r = gate_result.c
    conn.execute(delete(gate_result).where(r.table_name == table, r.as_of == as_of))
