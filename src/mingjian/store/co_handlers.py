"""The repository of co-handling units: who was asked for a part in a matter, and what they answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Exists, RowMapping, and_, func, insert, not_, select, update

from mingjian.domain.co_handling import TAKES_PART, CoState
from mingjian.store.tables import co_handler, unit


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


def shared(warning_id: ColumnElement[str]) -> Exists:
    """Whether any unit handles the matter together with its lead, as a column of another statement."""
    c = co_handler.c
    return select(c.id).where(c.warning_id == warning_id, c.state.in_(TAKES_PART)).exists()


def only_beside(conn: Connection, warning_id: str, home: str | None, lead: str | None) -> bool:
    """Whether somebody of this unit sees the matter for a co-handling unit's sake alone.

    The unit itself takes part, or one below it, and the lead is neither it nor below it.
    """
    if home is None or lead is None:
        return False
    own = select(unit.c.path).where(unit.c.id == home).scalar_subquery()
    below = func.starts_with(unit.c.path, own)
    c = co_handler.c
    part = select(c.id).join(unit, unit.c.id == c.unit_id)
    beside = part.where(c.warning_id == warning_id, c.state.in_(TAKES_PART), below).exists()
    leads = select(unit.c.id).where(unit.c.id == lead, below).exists()
    return bool(conn.scalar(select(and_(beside, not_(leads)))))


def settle(conn: Connection, id: int, **values: Any) -> None:
    """Write what became of one row; whoever calls holds the warning's lock."""
    conn.execute(update(co_handler).where(co_handler.c.id == id).values(**values))


def confirm(conn: Connection, id: int, by: str, at: datetime, due: datetime) -> None:
    """A unit that was only proposed is asked for its part."""
    settle(conn, id, state=CoState.ASKED, asked_by=by, asked_at=at, due=due)
