"""The repository of listed exceptions: subjects whose matter is in order by a document, for a time."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.silence import ListedException
from mingjian.store import audit
from mingjian.store.tables import listed_exception

OBJECT = "exception"


def exceptions_at(conn: Connection, as_of: date) -> list[ListedException]:
    """The entries that hold on this day, in the order in which they were listed."""
    c = listed_exception.c
    rows = select(listed_exception).where(c.valid_from <= as_of, c.valid_to >= as_of).order_by(c.id)
    return [_entry(row) for row in conn.execute(rows).mappings()]


def _entry(row: RowMapping) -> ListedException:
    return ListedException(**{f.name: row[f.name] for f in fields(ListedException)})


def all_entries(conn: Connection) -> list[ListedException]:
    """Every entry, past ones too."""
    rows = select(listed_exception).order_by(listed_exception.c.id)
    return [_entry(row) for row in conn.execute(rows).mappings()]


def add(conn: Connection, at: datetime, **entry: Any) -> int:
    """List an exception, with its audit row, in the caller's transaction; returns its number.

    `entry` holds the fields of ListedException but the number.
    """
    row = {**entry, "created_at": at}
    made = conn.execute(insert(listed_exception).values(row).returning(listed_exception.c.id)).scalar_one()
    detail = {k: v.isoformat() if isinstance(v, date) else v for k, v in entry.items()}
    audit.record(
        conn,
        at=at,
        actor=entry["actor"],
        action="list_exception",
        object_kind=OBJECT,
        object_id=str(made),
        detail=detail,
    )
    return int(made)


def end(conn: Connection, entry_id: int, from_day: date, actor: str, at: datetime) -> None:
    """Let an entry hold no longer from this day on."""
    c = listed_exception.c
    held = conn.execute(select(c.valid_to).where(c.id == entry_id).with_for_update()).scalar()
    if held is None:
        raise NotFound(_("没有编号为 {id} 的例外", id=entry_id), hint=_("用 mingjian except list 查看编号"))
    last = min(from_day - timedelta(days=1), held)
    conn.execute(update(listed_exception).where(c.id == entry_id).values(valid_to=last))
    audit.record(
        conn,
        at=at,
        actor=actor,
        action="end_exception",
        object_kind=OBJECT,
        object_id=str(entry_id),
        detail={"valid_to": last.isoformat()},
    )
