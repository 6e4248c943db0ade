"""The repository of appeals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, insert, select, true, update

from mingjian.domain.appeal import OPEN, Party
from mingjian.store.tables import app_user, appeal, order_step, warning

OBJECT = "appeal"
_A = appeal.c


def contested_step(conn: Connection, warning_id: str, actions: Collection[str]) -> RowMapping | None:
    """The last of these steps of a warning, with `role`: that of who took it, or was stood in for; None if none."""
    s = order_step.c
    rows = (
        select(order_step, app_user.c.role)
        .outerjoin(app_user, app_user.c.id == func.coalesce(s.on_behalf_of, s.actor))
        .where(s.object_kind == "warning", s.object_id == warning_id, s.action.in_(sorted(actions)))
        .order_by(s.seq.desc())
        .limit(1)
    )
    return conn.execute(rows).mappings().first()


def filed_against(conn: Connection, step_id: int, filed_by: str, party: Party) -> bool:
    """Whether the unit has contested this decision, or, of persons, this author has one open against it."""
    mine = and_(_A.filed_by == filed_by, _A.state.in_(sorted(OPEN)))
    same = true() if party is Party.UNIT else mine
    rows = select(_A.id).where(_A.step_id == step_id, _A.party == party, same)
    return conn.execute(rows.limit(1)).first() is not None


def add(conn: Connection, row: dict[str, Any]) -> RowMapping:
    """Insert an appeal; the caller holds the warning's lock."""
    return conn.execute(insert(appeal).values(**row).returning(appeal)).mappings().one()


def warning_of(conn: Connection, appeal_id: int) -> str | None:
    """The warning that an appeal is about."""
    return conn.scalar(select(_A.warning_id).where(_A.id == appeal_id))


def lock(conn: Connection, appeal_id: int) -> RowMapping | None:
    """One appeal, locked; lock its warning first."""
    rows = select(appeal).where(_A.id == appeal_id).with_for_update()
    return conn.execute(rows).mappings().first()


def change(conn: Connection, appeal_id: int, **columns: Any) -> RowMapping:
    """Change a locked appeal; its version goes up."""
    statement = update(appeal).where(_A.id == appeal_id).values(**columns, version=_A.version + 1)
    return conn.execute(statement.returning(appeal)).mappings().one()


def of_warning(conn: Connection, warning_id: str) -> Sequence[RowMapping]:
    """The appeals about a warning, the newest first."""
    rows = select(appeal).where(_A.warning_id == warning_id).order_by(_A.id.desc())
    return conn.execute(rows).mappings().all()


def find(conn: Connection, rows: ColumnElement[bool], appeal_id: int) -> RowMapping | None:
    """One appeal about a warning that these `rows` (from web.access) hold, or None."""
    wanted = select(appeal).join(warning, warning.c.id == _A.warning_id).where(rows, _A.id == appeal_id)
    return conn.execute(wanted).mappings().first()


def page(
    conn: Connection, rows: ColumnElement[bool], state: str, after: int, limit: int
) -> Sequence[RowMapping]:
    """Appeals with ids above `after` about warnings that these `rows` (web.access) hold; `state` may be empty."""
    wanted = select(appeal).join(warning, warning.c.id == _A.warning_id).where(rows, _A.id > after)
    if state:
        wanted = wanted.where(_A.state == state)
    return conn.execute(wanted.order_by(_A.id).limit(limit)).mappings().all()


def claim_overdue(conn: Connection, now: datetime, limit: int) -> Sequence[RowMapping]:
    """Open appeals past their day that were not counted yet, locked, with `district_code`; the oldest first."""
    rows = (
        select(appeal, warning.c.district_code)
        .join(warning, warning.c.id == _A.warning_id)
        .where(_A.state.in_(sorted(OPEN)), _A.overdue_at.is_(None), _A.due_at < now)
        .order_by(_A.due_at, _A.id)
        .limit(limit)
        .with_for_update(of=appeal, skip_locked=True)
    )
    return conn.execute(rows).mappings().all()


def mark_overdue(conn: Connection, ids: Collection[int], now: datetime) -> None:
    """These are counted as overdue from now on."""
    conn.execute(update(appeal).where(_A.id.in_(sorted(ids))).values(overdue_at=now, version=_A.version + 1))
