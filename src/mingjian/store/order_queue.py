"""Reading supervision orders: pages by deadline and single orders, within what the reader may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, select, tuple_

from mingjian.store.tables import order_step, supervision_order, warning


class OrderCursor(NamedTuple):
    """The key of the last order seen."""

    finish_due: datetime
    id: str


@dataclass(frozen=True)
class OrderFilters:
    """What the reader asked for; None or empty means not asked."""

    unit: str = ""
    state: str = ""
    light: str = ""
    tier: int | None = None

    def clauses(self) -> list[ColumnElement[bool]]:
        """WHERE clauses over `supervision_order`."""
        o = supervision_order.c
        wanted = {o.unit_id: self.unit, o.state: self.state, o.light: self.light, o.tier: self.tier}
        return [column == value for column, value in wanted.items() if value]


def page(
    conn: Connection,
    scope: ColumnElement[bool],
    filters: OrderFilters,
    after: OrderCursor | None,
    size: int,
) -> list[RowMapping]:
    """Orders behind the cursor, the nearest deadline first."""
    o = supervision_order.c
    wanted = _seen(scope).where(*filters.clauses()).order_by(o.finish_due, o.id).limit(size)
    if after is not None:
        wanted = wanted.where(tuple_(o.finish_due, o.id) > tuple_(after.finish_due, after.id))
    return list(conn.execute(wanted).mappings())


def find(conn: Connection, scope: ColumnElement[bool], order_id: str) -> RowMapping | None:
    """One order, or None when there is none that this reader may see."""
    return conn.execute(_seen(scope).where(supervision_order.c.id == order_id)).mappings().first()


def history(
    conn: Connection,
    ids: Sequence[str],
    before: int | None,
    size: int,
    *,
    without: Collection[str] = (),
) -> list[RowMapping]:
    """Steps of these objects but those of the actions `without`, newest first, older than the step with this number."""
    s = order_step.c
    wanted = select(order_step).where(s.object_id.in_(ids), s.action.not_in(sorted(without)))
    if before is not None:
        wanted = wanted.where(order_step.c.id < before)
    return list(conn.execute(wanted.order_by(order_step.c.id.desc()).limit(size)).mappings())


def merged_into(conn: Connection, scope: ColumnElement[bool], lead_id: str, most: int = 200) -> list[str]:
    """Ids of the duplicates a warning carries on, those this reader may see."""
    wanted = select(warning.c.id).where(scope, warning.c.merged_into == lead_id)
    return list(conn.scalars(wanted.order_by(warning.c.id).limit(most)))


def _seen(scope: ColumnElement[bool]) -> Select[Any]:
    return (
        select(supervision_order, warning.c.level, warning.c.sector)
        .join(warning, warning.c.id == supervision_order.c.warning_id)
        .where(scope)
    )
