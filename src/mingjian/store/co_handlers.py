"""The repository of co-handling units: who was asked for a part in a matter, and what they answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, insert, select, update

from mingjian.domain.co_handling import TAKES_PART, CoState
from mingjian.store.tables import co_handler, unit

FEW = 200


def ask(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Insert new rows; all have the same columns. Raises IntegrityError for a unit that takes part already."""
    if rows:
        conn.execute(insert(co_handler), rows)


def of_warning(conn: Connection, warning_id: str) -> list[RowMapping]:
    """Every unit that was asked or proposed, in that order, with the unit's names."""
    c = co_handler.c
    wanted = (
        select(co_handler, unit.c.name.label("unit_name"), unit.c.name_en.label("unit_name_en"))
        .join(unit, unit.c.id == c.unit_id)
        .where(c.warning_id == warning_id)
        .order_by(c.id)
    )
    return list(conn.execute(wanted).mappings())


def standing(conn: Connection, warning_id: str) -> dict[str, RowMapping]:
    """What stands now, by the unit's id: proposed, asked and reported, not released."""
    c = co_handler.c
    rows = conn.execute(select(co_handler).where(c.warning_id == warning_id, c.state != CoState.RELEASED))
    return {row["unit_id"]: row for row in rows.mappings()}


def takes_part(conn: Connection, warning_id: str, unit_id: str | None) -> bool:
    """Whether this unit handles the matter together with its lead."""
    c = co_handler.c
    mine = and_(c.warning_id == warning_id, c.unit_id == unit_id, c.state.in_(TAKES_PART))
    return conn.scalar(select(c.id).where(mine)) is not None


def matters_of(conn: Connection, units: Sequence[str], most: int = FEW) -> tuple[str, ...]:
    """Matters in which one of these units takes part: those that wait for its answer first, then the newest."""
    c = co_handler.c
    mine = select(c.warning_id).where(c.unit_id.in_(units), c.state.in_(TAKES_PART))
    return tuple(conn.scalars(mine.order_by(c.state, c.asked_at.desc(), c.id).limit(most)))


def settle(conn: Connection, id: int, **values: Any) -> None:
    """Write what became of one row; whoever calls holds the warning's lock."""
    conn.execute(update(co_handler).where(co_handler.c.id == id).values(**values))


def confirm(conn: Connection, id: int, by: str, at: datetime, due: datetime) -> None:
    """A unit that was only proposed is asked for its part."""
    settle(conn, id, state=CoState.ASKED, asked_by=by, asked_at=at, due=due)
