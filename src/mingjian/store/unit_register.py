"""Reading the register of units by pages."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, select

from mingjian.store.tables import unit


def page(
    conn: Connection, after: str, size: int, district: str = "", line: str = "", level: str = ""
) -> list[RowMapping]:
    """Units with ids above `after`, in order of id, that fit what was asked."""
    u = unit.c
    wanted = select(u.id, u.name, u.name_en, u.level, u.region_code, u.line_code).where(u.id > after)
    if district:
        wanted = wanted.where(u.region_code.startswith(district, autoescape=True))
    if line:
        wanted = wanted.where(u.line_code == line)
    if level:
        wanted = wanted.where(u.level == level)
    return list(conn.execute(wanted.order_by(u.id).limit(size)).mappings())


def is_listed(conn: Connection, unit_id: str) -> bool:
    """Whether the register has this unit, closed ones too."""
    return conn.scalar(select(unit.c.id).where(unit.c.id == unit_id)) is not None
