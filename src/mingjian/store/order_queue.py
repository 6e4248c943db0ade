"""Reading supervision orders: pages by deadline and single orders, within what the reader may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    RowMapping,
    literal_column,
    select,
    tuple_,
)

from mingjian.domain.order import Light
from mingjian.store.tables import order_step, supervision_order, warning
from mingjian.store.tables.people import OPEN_ORDER

# Written out, so that the planner sees that the indexes of open orders hold what is asked for.
OPEN: ColumnElement[bool] = literal_column(f"supervision_order.{OPEN_ORDER}", Boolean)
# Few orders at a time show one of these: they have an index of their own.
SERIOUS = frozenset(light.value for light in Light if light.rank > 1)


class Scope(NamedTuple):
    """What the reader may see: `rows` over warnings, `orders` as much of it as can be said of orders (web.access)."""

    rows: ColumnElement[bool]
    orders: ColumnElement[bool]


class DueCursor(NamedTuple):
    """The key of the last order seen; the next page starts after it."""

    next_due: datetime
    id: str


_WHOLE = select(supervision_order, warning.c.level, warning.c.sector).join(
    warning, warning.c.id == supervision_order.c.warning_id
)


@dataclass(frozen=True)
class OrderFilters:
    """What the reader asked for; None or empty means not asked, and without a state those that are open."""

    unit: str = ""
    state: str = ""
    light: str = ""
    tier: int | None = None

    def clauses(self) -> list[ColumnElement[bool]]:
        """WHERE clauses over `supervision_order`."""
        o = supervision_order.c
        wanted = {o.unit_id: self.unit, o.state: self.state, o.light: self.light, o.tier: self.tier}
        found = [column == value for column, value in wanted.items() if value]
        if self.light in SERIOUS:
            found.append(o.light_rank > 1)
        return found if self.state else [OPEN, *found]


def page(
    conn: Connection,
    scope: Scope,
    filters: OrderFilters,
    after: DueCursor | None,
    size: int,
) -> list[RowMapping]:
    """Orders behind the cursor, the nearest deadline first.

    Whose they are is asked of the keys alone, so that of a unit's hundreds of orders those shown are read whole.
    """
    o = supervision_order.c
    keys = select(o.id).join(warning, warning.c.id == o.warning_id).where(*scope, *filters.clauses())
    if after is not None:
        keys = keys.where(tuple_(o.next_due, o.id) > tuple_(after.next_due, after.id))
    near = keys.order_by(o.next_due, o.id).limit(size).subquery("near")
    wanted = _WHOLE.join(near, near.c.id == o.id).order_by(o.next_due, o.id)
    return list(conn.execute(wanted).mappings())


def find(conn: Connection, scope: ColumnElement[bool], order_id: str) -> RowMapping | None:
    """One order, or None when there is none that this reader may see."""
    return conn.execute(_WHOLE.where(scope, supervision_order.c.id == order_id)).mappings().first()


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
