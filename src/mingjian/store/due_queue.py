"""The queue by the clock: open orders that the reader may see, the nearest of their deadlines first."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, select, tuple_

from mingjian.domain.order import OVER
from mingjian.store.queue import LISTED, MOST, ORDERED, PAGE, Filters
from mingjian.store.tables import supervision_order, unit, warning

_o = supervision_order.c


class DueCursor(NamedTuple):
    """The key of the last order seen; the next page starts after it."""

    next_due: datetime
    id: str


class DuePage(NamedTuple):
    rows: list[RowMapping]
    after: DueCursor | None


def page(
    conn: Connection,
    scope: ColumnElement[bool],
    filters: Filters,
    after: DueCursor | None = None,
    size: int = PAGE,
) -> DuePage:
    """One page behind the cursor, and the next cursor when there is more; warnings without an order are not in it."""
    shown = min(size, MOST)
    keys = (
        select(_o.id, _o.warning_id, _o.next_due)
        .join(warning, warning.c.id == _o.warning_id)
        .where(scope, *filters.clauses(), _o.state.not_in(sorted(OVER)))
        .order_by(_o.next_due, _o.id)
        .limit(shown + 1)
    )
    if after is not None:
        keys = keys.where(tuple_(_o.next_due, _o.id) > tuple_(after.next_due, after.id))
    near = keys.subquery("near")
    rows = list(
        conn.execute(
            select(*LISTED, *ORDERED, unit.c.name.label("unit_name"), unit.c.name_en.label("unit_name_en"))
            .join(near, near.c.warning_id == warning.c.id)
            .join(supervision_order, _o.id == near.c.id)
            .outerjoin(unit, unit.c.id == warning.c.unit_id)
            .order_by(near.c.next_due, near.c.id)
        ).mappings()
    )
    more, rows = len(rows) > shown, rows[:shown]
    last = rows[-1] if more else None
    return DuePage(rows, DueCursor(last["next_due"], last["order_id"]) if last else None)
