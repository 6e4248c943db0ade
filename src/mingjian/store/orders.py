"""The repository of supervision orders, their steps and the state of the warnings they carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from mingjian.domain.order import OrderState
from mingjian.domain.warning import WarningState
from mingjian.store import co_handlers
from mingjian.store.setwise import as_table
from mingjian.store.tables import order_step, supervision_order, unit, warning

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
    on_behalf_of: str | None = None


Object = tuple[str, str]  # kind and id
FEW = 3


def add_steps(conn: Connection, steps: Sequence[Step], last: dict[Object, int] | None = None) -> None:
    """Append steps, numbered on from each object's last; the callers hold the objects' locks.

    `last` are those numbers for a caller who has read the histories; an object without one has no step yet.
    """
    if not steps:
        return
    if last is None:
        last = _last_seqs(conn, {(s.object_kind, s.object_id) for s in steps})
    rows = []
    for step in steps:
        key = (step.object_kind, step.object_id)
        last[key] = last.get(key, 0) + 1
        rows.append({**vars(step), "seq": last[key]})
    if len(rows) <= FEW:
        conn.execute(_APPEND, rows)
        return
    names = list(rows[0])
    new = as_table("new", rows, [order_step.c[n] for n in names])
    conn.execute(insert(order_step).from_select(names, select(new)))


def last_seqs_in(history: Sequence[RowMapping]) -> dict[Object, int]:
    """The last number of each object in this history."""
    return {(step["object_kind"], step["object_id"]): step["seq"] for step in sorted(history, key=_seq)}


def _seq(step: RowMapping) -> int:
    return int(step["seq"])


def _last_seqs(conn: Connection, keys: set[Object]) -> dict[Object, int]:
    """The last number of each object that has steps; one look into the index for each object."""
    s = order_step.c
    rows = [{"object_kind": kind, "object_id": object_id} for kind, object_id in sorted(keys)]
    asked = as_table("asked", rows, [s.object_kind, s.object_id])
    last = (
        select(s.seq)
        .where(s.object_kind == asked.c.object_kind, s.object_id == asked.c.object_id)
        .order_by(s.seq.desc())
        .limit(1)
        .lateral("last")
    )
    found = conn.execute(select(asked, last.c.seq).join_from(asked, last, true()))
    return {(row.object_kind, row.object_id): row.seq for row in found}


def hand_over(conn: Connection, units: Mapping[str, str]) -> None:
    """Set these warnings DISPATCHED, each to its unit: `units` holds the unit for each warning."""
    w = warning.c
    rows = [{"id": warning_id, "unit_id": unit_id} for warning_id, unit_id in units.items()]
    new = as_table("new", rows, [w.id, w.unit_id])
    values = {"status": WarningState.DISPATCHED, "unit_id": new.c.unit_id}
    conn.execute(update(warning).where(w.id == new.c.id).values(**values))


def add_orders(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Insert new orders; every row has the same columns. Raises IntegrityError when a warning has one already."""
    names = list(rows[0])
    new = as_table("new", rows, [supervision_order.c[n] for n in names])
    conn.execute(insert(supervision_order).from_select(names, select(new)))


def steps_of(conn: Connection, warning_id: str) -> Sequence[RowMapping]:
    """The whole history of a warning and its order, in the order in which it happened."""
    asked = {"of_warning": warning_id, "of_order": order_id_of(warning_id)}
    return conn.execute(_STEPS_OF, asked).mappings().all()


def due_orders(conn: Connection, now: datetime, most: int) -> list[tuple[str, str]]:
    """(order, unit) of at most `most` orders whose next check has come: those that wait longest, by unit."""
    o = supervision_order.c
    oldest = select(o.id, o.unit_id).where(o.next_check <= now).order_by(o.next_check).limit(most).subquery()
    rows = conn.execute(select(oldest).order_by(oldest.c.unit_id, oldest.c.id))
    return [(row.id, row.unit_id) for row in rows]


def claim_due(
    conn: Connection, now: datetime, limit: int, ids: Sequence[str] | None = None
) -> Sequence[RowMapping]:
    """Lock orders (of these ids) whose next check has come, earliest first, passing over those another holds.

    Each row also carries the warning's `level` and `sector`.
    """
    o = supervision_order.c
    due = (
        select(supervision_order, warning.c.level, warning.c.sector)
        .join(warning, warning.c.id == o.warning_id)
        .order_by(o.next_check, o.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=supervision_order)
    )
    if ids is None:
        due = due.where(o.next_check <= now)
    else:
        # Few orders are due by the planner's statistics, which are older than the clock. It would read all that
        # are due and throw away the rest of each batch, did the sum not hide the column from its index.
        still_due = o.next_check + literal_column("interval '0'") <= now
        due = due.where(o.id == any_(cast(list(ids), ARRAY(Text))), still_due)
    return conn.execute(due).mappings().all()


def climbed(conn: Connection, order_ids: Iterable[str]) -> set[tuple[str, str, str]]:
    """(order, reason, deadline) of every rung already taken, so that none is taken twice."""
    s = order_step.c
    rows = conn.execute(
        select(s.object_id, s.reason, s.note).where(
            s.object_kind == ORDER,
            s.object_id == any_(cast(list(order_ids), ARRAY(Text))),
            s.action.in_(["remind", "raise"]),
        )
    )
    return {(row.object_id, row.reason, row.note) for row in rows}


def unanswered(conn: Connection, now: datetime, warning_id: str | None = None) -> list[str]:
    """Warnings whose proposed unit has let its time to answer pass, earliest first; or whether this one is.

    A matter suspended or referred out meanwhile waits for nobody's answer.
    """
    still_asked = supervision_order.c.state == OrderState.TRANSFERRING
    wanted = (
        select(supervision_order.c.warning_id)
        .where(supervision_order.c.answer_due <= now, still_asked)
        .order_by(supervision_order.c.answer_due, supervision_order.c.id)
    )
    if warning_id is not None:
        wanted = wanted.where(supervision_order.c.warning_id == warning_id)
    return list(conn.scalars(wanted))


def proposed_unit(conn: Connection, warning_id: str) -> str | None:
    """The unit that a transfer of this matter waits for."""
    proposed = select(supervision_order.c.proposed_unit_id)
    return conn.scalar(proposed.where(supervision_order.c.warning_id == warning_id))


def overdue(conn: Connection, since: datetime, warning_id: str | None = None) -> Sequence[RowMapping]:
    """(warning_id, finish_due, policy_version) of orders whose end passed at `since` or before and that no leader has; or of this one."""
    o = supervision_order.c
    wanted = (
        select(o.warning_id, o.finish_due, o.policy_version)
        .where(o.light == "alarm", o.finish_due <= since, o.state != "taken_over")
        .order_by(o.finish_due, o.id)
    )
    if warning_id is not None:
        wanted = wanted.where(o.warning_id == warning_id)
    return conn.execute(wanted).mappings().all()


def update_orders(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write changed columns back; every row has `id` and the same columns. Bumps `version`."""
    if not rows:
        return
    o = supervision_order.c
    if len(rows) == 1:
        values = {name: value for name, value in rows[0].items() if name != "id"}
        one = update(supervision_order).where(o.id == rows[0]["id"])
        conn.execute(one.values(**values, version=o.version + 1))
        return
    new = as_table("new", rows, [o[name] for name in rows[0]])
    values = {name: new.c[name] for name in rows[0] if name != "id"}
    conn.execute(update(supervision_order).where(o.id == new.c.id).values(**values, version=o.version + 1))


def lock_warning(conn: Connection, warning_or_order_id: str) -> RowMapping | None:
    """The warning with this id, or the one this order carries, locked until the transaction ends."""
    return conn.execute(_LOCK_WARNING, {"named": warning_or_order_id}).mappings().first()


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


def lies_with(conn: Connection, warning_id: str, unit_id: str) -> bool:
    """Whether the warning has an order with this unit or one below it, not frozen; nothing is locked."""
    holder, asking, o = unit.alias("holder"), unit.alias("asking"), supervision_order.c
    found = (
        select(o.id)
        .join(holder, holder.c.id == o.unit_id)
        .join(asking, func.starts_with(holder.c.path, asking.c.path))
        .where(o.warning_id == warning_id, o.state != OrderState.FROZEN, asking.c.id == unit_id)
    )
    return bool(conn.scalar(select(found.exists())))


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
    """The order of a warning, locked, or None when there is none yet; `shared`: other units take part in it."""
    return conn.execute(_LOCK_ORDER, {"of_warning": warning_id}).mappings().first()


# Said once: every step asks for them, and putting a statement together takes longer than sending it.
_APPEND = insert(order_step)
_s, _o = order_step.c, supervision_order.c
_STEPS_OF = (
    select(order_step)
    .where(
        or_(
            and_(_s.object_kind == WARNING, _s.object_id == bindparam("of_warning")),
            and_(_s.object_kind == ORDER, _s.object_id == bindparam("of_order")),
        )
    )
    .order_by(_s.at, _s.id)
)
_CARRIED = select(_o.warning_id).where(_o.id == bindparam("named")).scalar_subquery()
_LOCK_WARNING = (
    select(warning).where(or_(warning.c.id == bindparam("named"), warning.c.id == _CARRIED)).with_for_update()
)
_LOCK_ORDER = (
    select(supervision_order, co_handlers.shared(_o.warning_id).label("shared"))
    .where(_o.warning_id == bindparam("of_warning"))
    .with_for_update(of=supervision_order)
)
