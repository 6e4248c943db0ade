"""The repository of absences: who is away, who stands in, and who therefore counts as one person with whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Row, insert, or_, select, update

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.unit import AbsenceReason
from mingjian.store.tables import absence, app_user, unit


@dataclass(frozen=True)
class Principal:
    """An absent user for whom somebody stands in: the role that is lent, and the unit it is lent in."""

    user_id: str
    role: str
    unit_id: str | None
    unit_path: str | None


def acting_for(conn: Connection, user_id: str, at: datetime) -> list[Principal]:
    """The absent users whose role `user_id` may fill at this moment, by id.

    Only while the deputy sits in the same unit as the absent user, so a deputy who has moved away lends no hand.
    """
    day, deputy = _day(at), app_user.alias("deputy")
    rows = conn.execute(
        select(app_user.c.id, app_user.c.role, app_user.c.unit_id, unit.c.path)
        .join(absence, absence.c.user_id == app_user.c.id)
        .join(deputy, deputy.c.id == absence.c.deputy_id)
        .outerjoin(unit, unit.c.id == app_user.c.unit_id)
        .where(
            absence.c.deputy_id == user_id,
            absence.c.first_day <= day,
            absence.c.last_day >= day,
            app_user.c.active,
            deputy.c.active,
            app_user.c.unit_id.is_not_distinct_from(deputy.c.unit_id),
        )
        .order_by(app_user.c.id)
        .distinct()
    )
    return [Principal(row.id, row.role, row.unit_id, row.path) for row in rows]


def one_person_with(conn: Connection, user_id: str, since: datetime, until: datetime) -> frozenset[str]:
    """The user and everybody who stood in for the user, or the other way round, on any day of this span."""
    a = absence.c
    rows = conn.execute(
        select(a.user_id, a.deputy_id).where(
            or_(a.user_id == user_id, a.deputy_id == user_id),
            a.first_day <= _day(until),
            a.last_day >= _day(since),
            a.last_day >= a.first_day,
        )
    )
    return frozenset({user_id}.union(*((row.user_id, row.deputy_id) for row in rows)))


def overlapping(conn: Connection, ids: Sequence[str], first: date, last: date) -> Sequence[Row]:
    """Absences of any of these users that touch the span."""
    a = absence.c
    touching = select(absence).where(a.user_id.in_(list(ids)), a.first_day <= last, a.last_day >= first)
    return conn.execute(touching.where(a.last_day >= a.first_day).order_by(a.first_day)).all()


def add(
    conn: Connection,
    at: datetime,
    *,
    user_id: str,
    deputy_id: str,
    first_day: date,
    last_day: date,
    reason: AbsenceReason,
    actor: str,
) -> int:
    """Record an absence; returns its number. The caller has checked it."""
    row = {
        "user_id": user_id,
        "deputy_id": deputy_id,
        "first_day": first_day,
        "last_day": last_day,
        "reason": reason,
        "actor": actor,
        "created_at": at,
    }
    made = conn.execute(insert(absence).values(row).returning(absence.c.id)).scalar_one()
    return int(made)


def end(conn: Connection, user_id: str, last_day: date) -> list[int]:
    """Let the user's absences that reach beyond `last_day` end on it; returns their numbers.

    One that had not begun then ends before it begins, and so never holds.
    """
    a = absence.c
    ended = update(absence).where(a.user_id == user_id, a.last_day > last_day).values(last_day=last_day)
    return sorted(conn.scalars(ended.returning(a.id)))


def current(conn: Connection, day: date) -> Sequence[Row]:
    """Absences that hold on `day` or later, with the names of both."""
    deputy, a = app_user.alias("deputy"), absence.c
    rows = (
        select(absence, app_user.c.name, deputy.c.name.label("deputy_name"))
        .join(app_user, app_user.c.id == a.user_id)
        .join(deputy, deputy.c.id == a.deputy_id)
        .where(a.last_day >= day, a.last_day >= a.first_day)
        .order_by(a.first_day, a.id)
    )
    return conn.execute(rows).all()


def _day(at: datetime) -> date:
    return at.astimezone(CITY_TZ).date()
