"""The repository of supervision orders, their steps and the state of the warnings they carry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    bindparam,
    func,
    insert,
    select,
    true,
    update,
)

from mingjian.store.tables import order_step, supervision_order, warning

WARNING = "warning"
ORDER = "order"


def order_id_of(warning_id: str) -> str:
    """The id of a warning's order."""
    return f"D{warning_id}"


@dataclass(frozen=True)
class Step:
    """One line of a warning's or an order's history, without its number."""

    object_kind: str
    object_id: str
    action: str
    from_state: str
    to_state: str
    actor: str
    at: datetime
    reason: str = ""
    note: str = ""


def add_steps(conn: Connection, steps: Sequence[Step]) -> None:
    """Append steps, numbered on from each object's last; the callers hold the objects' locks."""
    if not steps:
        return
    last = _last_seqs(conn, {(s.object_kind, s.object_id) for s in steps})
    rows = []
    for step in steps:
        key = (step.object_kind, step.object_id)
        last[key] = last.get(key, 0) + 1
        rows.append({**vars(step), "seq": last[key]})
    conn.execute(insert(order_step), rows)


def _last_seqs(conn: Connection, keys: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for kind in {k for k, _ in keys}:
        ids = [object_id for k, object_id in keys if k == kind]
        rows = conn.execute(
            select(order_step.c.object_id, func.max(order_step.c.seq).label("seq"))
            .where(order_step.c.object_kind == kind, order_step.c.object_id.in_(ids))
            .group_by(order_step.c.object_id)
        )
        found.update({(kind, row.object_id): row.seq for row in rows})
    return found


def steps_of(conn: Connection, warning_id: str) -> Sequence[RowMapping]:
    """The whole history of a warning and its order, in the order in which it happened."""
    ids = (warning_id, order_id_of(warning_id))
    rows = (
        select(order_step).where(order_step.c.object_id.in_(ids)).order_by(order_step.c.at, order_step.c.id)
    )
    return conn.execute(rows).mappings().all()


def claim_due(conn: Connection, now: datetime, limit: int) -> Sequence[RowMapping]:
    """Lock orders whose next check has come, earliest first, passing over those another sweep holds.

    Each row also carries the warning's `level` and `sector`.
    """
    due = (
        select(supervision_order, warning.c.level, warning.c.sector)
        .join(warning, warning.c.id == supervision_order.c.warning_id)
        .where(supervision_order.c.next_check <= now)
        .order_by(supervision_order.c.next_check, supervision_order.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=supervision_order)
    )
    return conn.execute(due).mappings().all()


def climbed(conn: Connection, order_ids: Iterable[str]) -> set[tuple[str, str, str]]:
    """(order, reason, deadline) of every rung already taken, so that none is taken twice."""
    rows = conn.execute(
        select(order_step.c.object_id, order_step.c.reason, order_step.c.note).where(
            order_step.c.object_kind == ORDER,
            order_step.c.object_id.in_(list(order_ids)),
            order_step.c.action.in_(["remind", "raise"]),
        )
    )
    return {(row.object_id, row.reason, row.note) for row in rows}


def update_orders(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write changed columns back; every row has `id` and the same columns. Bumps `version`."""
    if not rows:
        return
    columns = [c for c in rows[0] if c != "id"]
    values: dict[str, Any] = {c: bindparam(f"new_{c}") for c in columns}
    statement = (
        update(supervision_order)
        .where(supervision_order.c.id == bindparam("of_id"))
        .values(**values, version=supervision_order.c.version + 1)
    )
    conn.execute(statement, [{"of_id": r["id"], **{f"new_{c}": r[c] for c in columns}} for r in rows])


def lock_warning(conn: Connection, warning_or_order_id: str) -> RowMapping | None:
    """The warning with this id, or the one this order carries, locked until the transaction ends."""
    by_order = select(supervision_order.c.warning_id).where(supervision_order.c.id == warning_or_order_id)
    wanted = (
        select(warning)
        .where((warning.c.id == warning_or_order_id) | (warning.c.id == by_order.scalar_subquery()))
        .with_for_update()
    )
    return conn.execute(wanted).mappings().first()


def lock_warnings(
    conn: Connection, ids: Iterable[str], scope: ColumnElement[bool] | None = None
) -> dict[str, RowMapping]:
    """These warnings by id, locked in the order of their ids, so that two who lock the same never wait in a circle.

    With `scope` (web.access) only those that the reader may see.
    """
    seen = true() if scope is None else scope
    wanted = (
        select(warning)
        .where(warning.c.id.in_(sorted(set(ids))), seen)
        .order_by(warning.c.id)
        .with_for_update(of=warning)
    )
    return {row["id"]: row for row in conn.execute(wanted).mappings()}


def lock_orders(conn: Connection, warning_ids: Iterable[str]) -> dict[str, RowMapping]:
    """The orders of these warnings by the warning's id, locked in the order of their own; with the level.

    The callers hold the warnings' locks.
    """
    wanted = (
        select(supervision_order, warning.c.level)
        .join(warning, warning.c.id == supervision_order.c.warning_id)
        .where(supervision_order.c.warning_id.in_(sorted(set(warning_ids))))
        .order_by(supervision_order.c.id)
        .with_for_update(of=supervision_order)
    )
    return {row["warning_id"]: row for row in conn.execute(wanted).mappings()}


def last_urged(conn: Connection, order_ids: Iterable[str]) -> dict[str, datetime]:
    """When each of these orders was last urged, for those that ever were."""
    rows = conn.execute(
        select(order_step.c.object_id, func.max(order_step.c.at).label("at"))
        .where(
            order_step.c.object_kind == ORDER,
            order_step.c.object_id.in_(list(order_ids)),
            order_step.c.action == "urge",
        )
        .group_by(order_step.c.object_id)
    )
    return {row.object_id: row.at for row in rows}


def lock_order(conn: Connection, warning_id: str) -> RowMapping | None:
    """The order of a warning, locked, or None when there is none yet."""
    wanted = select(supervision_order).where(supervision_order.c.warning_id == warning_id).with_for_update()
    return conn.execute(wanted).mappings().first()
