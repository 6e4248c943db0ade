"""The repository of enterprise issues, and the figures of a quarter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    bindparam,
    func,
    insert,
    select,
    true,
    update,
)

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.enterprise import IssueLevel, IssueState
from mingjian.store.tables import audit_log, enterprise_issue, unit

OBJECT = "enterprise_issue"
_I = enterprise_issue.c


def add(conn: Connection, row: dict[str, Any]) -> RowMapping:
    """Insert an issue; returns its row."""
    return conn.execute(insert(enterprise_issue).values(**row).returning(enterprise_issue)).mappings().one()


def lock(conn: Connection, issue_id: int) -> RowMapping | None:
    """One issue, locked until the transaction ends."""
    rows = select(enterprise_issue).where(_I.id == issue_id).with_for_update()
    return conn.execute(rows).mappings().first()


def change(conn: Connection, issue_id: int, **columns: Any) -> RowMapping:
    """Change a locked issue; its version goes up."""
    statement = update(enterprise_issue).where(_I.id == issue_id)
    changed = statement.values(**columns, version=_I.version + 1).returning(enterprise_issue)
    return conn.execute(changed).mappings().one()


def find(conn: Connection, rows: ColumnElement[bool], issue_id: int) -> RowMapping | None:
    """One issue among these `rows` (from web.access), or None."""
    return conn.execute(_named().where(rows, _I.id == issue_id)).mappings().first()


def page(
    conn: Connection,
    rows: ColumnElement[bool],
    quarter: str,
    states: Collection[str],
    after: int,
    limit: int,
) -> Sequence[RowMapping]:
    """Issues with ids above `after`, in order of id; `quarter` and `states` may be empty."""
    wanted = _named().where(rows, _I.id > after)
    if quarter:
        wanted = wanted.where(_I.quarter == quarter)
    if states:
        wanted = wanted.where(_I.state.in_(sorted(states)))
    return conn.execute(wanted.order_by(_I.id).limit(limit)).mappings().all()


def history(conn: Connection, issue_id: int, most: int = 200) -> Sequence[RowMapping]:
    """What was done with an issue, newest first: `at, actor, action, detail`."""
    a = audit_log.c
    # Written into the statement: the planner takes the index of these rows only when it sees the kind.
    ours = a.object_kind == bindparam("kind", OBJECT, literal_execute=True)
    wanted = select(a.at, a.actor, a.action, a.detail).where(ours, a.object_id == str(issue_id))
    return conn.execute(wanted.order_by(a.id.desc()).limit(most)).mappings().all()


def _named() -> Select[Any]:
    """Issues with the names of their units."""
    named = select(enterprise_issue, unit.c.name.label("unit_name"), unit.c.name_en.label("unit_name_en"))
    return named.outerjoin(unit, unit.c.id == _I.unit_id)


def claim_broken_promises(conn: Connection, today: date, limit: int) -> Sequence[RowMapping]:
    """Issues at department level whose promised day is over, locked, the oldest promise first."""
    rows = (
        select(enterprise_issue)
        .where(_I.state == IssueState.ASSIGNED, _I.level == IssueLevel.DEPARTMENT, _I.promised_on < today)
        .order_by(_I.promised_on, _I.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return conn.execute(rows).mappings().all()


def quarterly(
    conn: Connection, quarter: str, today: date, rows: ColumnElement[bool] | None = None
) -> Sequence[RowMapping]:
    """By district: `collected, department, district, raised, answered, in_time, closed, satisfied, reopened, overdue`.

    `in_time` counts answers given by the promised day, `satisfied` closings that the enterprise was content with.
    """
    answered_on = func.date(func.timezone(CITY_TZ.key, _I.answered_at))
    counts = {
        "collected": true(),
        "department": _I.level == IssueLevel.DEPARTMENT,
        "district": _I.level == IssueLevel.DISTRICT,
        "raised": _I.raised_at.is_not(None),
        "answered": _I.answered_at.is_not(None),
        "in_time": answered_on <= _I.promised_on,
        "closed": _I.closed_at.is_not(None),
        "satisfied": _I.satisfied & _I.closed_at.is_not(None),
        "reopened": _I.reopened > 0,
        "overdue": (_I.state == IssueState.ASSIGNED) & (_I.promised_on < today),
    }
    columns = [func.count().filter(which).label(name) for name, which in counts.items()]
    counted = (
        select(_I.district_code, *columns)
        .where(_I.quarter == quarter, true() if rows is None else rows)
        .group_by(_I.district_code)
        .order_by(_I.district_code)
    )
    return conn.execute(counted).mappings().all()
