"""The repository of what a unit hands over when another takes its place: unfinished matters and on-duty lists."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, RowMapping, func, select, update

from mingjian.domain.warning import WarningState
from mingjian.store.tables import duty, supervision_order, warning

# Nothing can come of these any more; a closed matter may still be reopened, and must then find a unit.
FINISHED = (
    WarningState.ARCHIVED,
    WarningState.CLOSED_FP,
    WarningState.CLOSED_DATA,
    WarningState.CLOSED_POLICY,
)


def count_unfinished(conn: Connection, unit_id: str) -> int:
    """How many orders of this unit somebody may still have to act on."""
    o, w = supervision_order.c, warning.c
    counted = (
        select(func.count())
        .select_from(supervision_order)
        .join(warning, w.id == o.warning_id)
        .where(o.unit_id == unit_id, w.status.not_in(FINISHED))
    )
    return conn.scalar(counted) or 0


def take_orders(conn: Connection, from_units: Collection[str], to_unit: str) -> Sequence[RowMapping]:
    """Give the unfinished matters of these units to another; returns id, state and old unit of each order.

    Warnings are locked before orders and by id, as a single step does it. Only the unit changes, and the version.
    """
    o, w = supervision_order.c, warning.c
    theirs = (w.unit_id.in_(list(from_units)), w.status.not_in(FINISHED))
    matters = list(conn.scalars(select(w.id).where(*theirs).order_by(w.id).with_for_update()))
    if not matters:
        return []
    held = (
        select(o.id, o.warning_id, o.state, o.unit_id)
        .where(o.warning_id.in_(matters), o.unit_id.in_(list(from_units)))
        .order_by(o.id)
        .with_for_update()
    )
    orders = conn.execute(held).mappings().all()
    conn.execute(update(warning).where(w.id.in_(matters)).values(unit_id=to_unit))
    conn.execute(
        update(supervision_order)
        .where(o.id.in_([row["id"] for row in orders]))
        .values(unit_id=to_unit, version=o.version + 1)
    )
    return orders


def take_duties(conn: Connection, from_units: Collection[str], to_unit: str) -> None:
    """Put the on-duty lists of these units on another's."""
    conn.execute(update(duty).where(duty.c.unit_id.in_(list(from_units))).values(unit_id=to_unit))
