"""Who sits in a supervisory office: the people to whom its letters go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, select

from mingjian.store.tables import app_user

DISTRICT_DIGITS = 6


def people_of(
    conn: Connection, wanted: Collection[tuple[str, str | None]]
) -> dict[tuple[str, str | None], list[str]]:
    """Active users by (role, district code): those of the district, and those who have the whole city."""
    u = app_user.c
    roles = {role for role, _district in wanted}
    rows = conn.execute(
        select(u.id, u.role, u.data_scope, u.region_code)
        .where(u.role.in_(sorted(roles)), u.active)
        .order_by(u.id)
    ).all()
    found: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for role, district in set(wanted):
        for user in rows:
            home = (user.region_code or "")[:DISTRICT_DIGITS]
            if user.role == role and (user.data_scope == "city" or (district and home == district)):
                found[role, district].append(user.id)
    return dict(found)
