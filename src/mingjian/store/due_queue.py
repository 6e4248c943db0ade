"""The queue by the clock: open orders that the reader may see, the nearest of their deadlines first.

For readers whose rows are those of a few units: what people can handle is read whole and sorted. Filters over the rows
of a city have no index by the clock, and would read it all.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, RowMapping, select, tuple_

from mingjian.store.order_queue import OPEN, DueCursor, Scope
from mingjian.store.queue import LISTED, MOST, ORDERED, PAGE, Filters
from mingjian.store.tables import supervision_order, unit, warning

_o = supervision_order.c


class DuePage(NamedTuple):
    rows: list[RowMapping]
    after: DueCursor | None


def page(
    conn: Connection,
    scope: Scope,
    filters: Filters,
    after: DueCursor | None = None,
    size: int = PAGE,
) -> DuePage:
    """One page behind the cursor, and the next cursor when there is more; warnings without an order are not in it."""
    shown = min(size, MOST)
    keys = (
        select(_o.id, _o.warning_id, _o.next_due)
        .join(warning, warning.c.id == _o.warning_id)
        .where(*scope, *filters.clauses(), OPEN)
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
