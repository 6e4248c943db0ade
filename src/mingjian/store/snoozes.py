"""The repository of snoozes: one model about one subject, silent up to a day, with who and why."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, RowMapping, insert, select, update

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.silence import Snooze
from mingjian.store import audit
from mingjian.store.tables import snooze, warning

OBJECT = "warning"


def snoozes_at(conn: Connection, as_of: date) -> list[Snooze]:
    """The snoozes that hold on this day, in the order in which they were set."""
    rows = select(snooze).where(snooze.c.valid_from <= as_of, snooze.c.valid_to >= as_of)
    return [_snooze(row) for row in conn.execute(rows.order_by(snooze.c.id)).mappings()]


def all_snoozes(conn: Connection) -> list[Snooze]:
    """Every snooze, past ones too."""
    return [_snooze(row) for row in conn.execute(select(snooze).order_by(snooze.c.id)).mappings()]


def _snooze(row: RowMapping) -> Snooze:
    return Snooze(**{f.name: row[f.name] for f in fields(Snooze)})


def add(
    conn: Connection,
    warning_id: str,
    valid_from: date,
    valid_to: date,
    reason: str,
    actor: str,
    at: datetime,
) -> int:
    """Snooze the model of this warning about its subject, with the audit row, in the caller's transaction."""
    w = warning.c
    found = (
        conn.execute(select(w.model, w.subject_kind, w.subject_id).where(w.id == warning_id))
        .mappings()
        .first()
    )
    if found is None:
        raise NotFound(_("没有预警 {id}", id=warning_id), hint=_("用 mingjian warnings list 查看编号"))
    row = {
        **found,
        "warning_id": warning_id,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "reason": reason,
        "actor": actor,
        "created_at": at,
    }
    made = conn.execute(insert(snooze).values(row).returning(snooze.c.id)).scalar_one()
    audit.record(
        conn,
        at=at,
        actor=actor,
        action="snooze",
        object_kind=OBJECT,
        object_id=warning_id,
        detail={"from": valid_from.isoformat(), "to": valid_to.isoformat(), "reason": reason},
    )
    return int(made)


def end(conn: Connection, warning_id: str, from_day: date, actor: str, at: datetime) -> int:
    """Let every snooze of this warning hold no longer from this day on; returns how many there were."""
    last = from_day - timedelta(days=1)
    held = (snooze.c.warning_id == warning_id) & (snooze.c.valid_to > last)
    ended = conn.execute(update(snooze).where(held).values(valid_to=last)).rowcount
    if not ended:
        raise NotFound(
            _("预警 {id} 没有生效中的暂缓", id=warning_id), hint=_("用不带编号的 mingjian snooze 查看全部")
        )
    audit.record(
        conn,
        at=at,
        actor=actor,
        action="end_snooze",
        object_kind=OBJECT,
        object_id=warning_id,
        detail={"to": last.isoformat()},
    )
    return int(ended)
