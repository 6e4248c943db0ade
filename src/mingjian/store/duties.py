"""The repository of on-duty lists: who of a unit, or of a line of business, is on duty now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, text

from mingjian.domain.clock import CITY_TZ
from mingjian.store.tables import app_user, duty


@dataclass(frozen=True)
class OnDuty:
    """Somebody on duty; `instead_of` is the absent user whose turn it was."""

    user_id: str
    name: str
    role: str
    instead_of: str | None = None


def on_duty(conn: Connection, unit_ids: Collection[str], at: datetime) -> dict[str, list[OnDuty]]:
    """Who is on duty now for each of these units: its own list, or where it has none today its line's.

    Whoever is absent is replaced by the deputy; closed accounts are left out. Units without anybody have an empty
    list. One statement however many units.
    """
    found: dict[str, list[OnDuty]] = {unit_id: [] for unit_id in unit_ids}
    if not found:
        return found
    day = at.astimezone(CITY_TZ).date()
    asked = {"ids": list(found), "day": day, "bit": 1 << day.weekday()}
    for row in conn.execute(_ON_DUTY, asked):
        found[row.unit_id].append(OnDuty(row.user_id, row.name, row.role, row.instead_of))
    return found


def add(conn: Connection, row: dict[str, Any]) -> int:
    """Put somebody on a list; returns the entry's number. `row` has the columns of `duty` without its id."""
    return int(conn.execute(insert(duty).values(row).returning(duty.c.id)).scalar_one())


def remove(conn: Connection, entry_id: int) -> Row | None:
    """Take an entry off; returns it, or None when there is none."""
    return conn.execute(delete(duty).where(duty.c.id == entry_id).returning(*duty.c)).first()


def entries(conn: Connection, day: date) -> Sequence[Row]:
    """Every entry that holds on `day` or later, with the names of the people."""
    holds = (duty.c.last_day.is_(None)) | (duty.c.last_day >= day)
    rows = select(duty, app_user.c.name).join(app_user, app_user.c.id == duty.c.user_id).where(holds)
    return conn.execute(rows.order_by(duty.c.unit_id, duty.c.line_code, duty.c.first_day, duty.c.id)).all()


_ON_DUTY = text(
    """
    WITH asked AS (
        SELECT id, line_code FROM unit WHERE id = ANY(:ids)
    ), today AS (
        SELECT d.id, d.unit_id, d.line_code, d.role, d.user_id AS turn, COALESCE(a.deputy_id, d.user_id) AS user_id
        FROM duty d
        LEFT JOIN LATERAL (
            SELECT deputy_id FROM absence a
            WHERE a.user_id = d.user_id AND a.first_day <= :day AND a.last_day >= :day ORDER BY a.id LIMIT 1
        ) a ON true
        WHERE d.first_day <= :day AND (d.last_day IS NULL OR d.last_day >= :day) AND d.weekdays & :bit > 0
    ), here AS (
        SELECT asked.id AS unit_id, t.id, t.role, t.turn, t.user_id
        FROM asked JOIN today t ON t.unit_id = asked.id
        UNION ALL
        SELECT asked.id, t.id, t.role, t.turn, t.user_id
        FROM asked JOIN today t ON t.line_code = asked.line_code
        WHERE NOT EXISTS (SELECT 1 FROM today own WHERE own.unit_id = asked.id)
    )
    SELECT h.unit_id, h.user_id, u.name, h.role, CASE WHEN h.turn <> h.user_id THEN h.turn END AS instead_of
    FROM here h JOIN app_user u ON u.id = h.user_id AND u.active
    ORDER BY h.unit_id, h.id
    """
)
