"""The repository of units: read from the organisation register, and found as owners of what a model saw."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import duckdb
from sqlalchemy import Connection, Engine, case, func, select
from sqlalchemy.dialects.postgresql import insert

from mingjian.domain.routing import RoutingReason
from mingjian.domain.sector import Owner
from mingjian.store import register
from mingjian.store.tables import unit

DISTRICT_DIGITS = 6


@dataclass(frozen=True)
class Owning:
    """The unit that must act, and why it is this one."""

    unit_id: str
    reason: RoutingReason


class Lines(NamedTuple):
    """Units by line of business: those of districts by (line, six-digit district), those of the city by line."""

    districts: dict[tuple[str, str], str]
    city: dict[str, str]


def sync(engine: Engine, files: Sequence[str], as_of: date) -> dict[str, int]:
    """Bring the store's units in line with these Parquet files of `org_unit`; returns {"units": n}.

    A unit past its `valid_to` stays (orders refer to it) but loses its line, so that nothing new reaches it. What
    was decided here on a later day than the register's word stays as it is (`store.register`).
    """
    read = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    try:
        found = read.execute(
            """
            SELECT org_id AS id, parent_org_id AS parent_id, name, coalesce(level, 'district') AS level,
                   coalesce(org_type, 'gov_dept') AS unit_type, region_code,
                   CASE WHEN valid_to < ? THEN NULL ELSE line_code END AS line_code,
                   CAST(valid_from AS DATE) AS valid_from
            FROM read_parquet(?) ORDER BY org_id
            """,
            [as_of, list(files)],
        )
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    finally:
        read.close()
    with engine.begin() as conn:
        register.settle(conn, rows, as_of)
    return {"units": len(rows)}


def owner_units(
    conn: Connection, owners: Collection[Owner], districts: Collection[str | None]
) -> dict[tuple[str, str | None], Owning]:
    """The owning unit for every (line, district): the district's, the city's, or one made for the line.

    Towns are never chosen: a department's matter is not passed down to them (catalogue §4.4.7). Where a line
    has several units, government departments come first, then the smallest id.
    """
    lines = {owner.line: owner for owner in owners}
    district, city = line_units(conn, lines)
    missing = {
        line for line in lines if line not in city and any((line, d) not in district for d in districts)
    }
    made = make_line_units(conn, [lines[line] for line in sorted(missing)])
    found: dict[tuple[str, str | None], Owning] = {}
    for line in lines:
        for code in districts:
            if code is not None and (line, code) in district:
                found[line, code] = Owning(district[line, code], RoutingReason.DISTRICT)
            elif line in city:
                found[line, code] = Owning(city[line], RoutingReason.CITY)
            else:
                found[line, code] = Owning(made[line], RoutingReason.MADE)
    return found


def owner_unit(conn: Connection, owner: Owner, district_code: str | None) -> str:
    """The id of the unit that owns this line of business in this district."""
    return owner_units(conn, [owner], [district_code])[owner.line, district_code].unit_id


def line_units(conn: Connection, lines: Collection[str]) -> Lines:
    """The standing units of these lines; where a line has several in one place, government departments come first."""
    government = case((unit.c.unit_type.in_(["gov_dept", "gov_office"]), 0), else_=1)
    rows = conn.execute(
        select(
            unit.c.id,
            unit.c.level,
            unit.c.line_code,
            func.left(unit.c.region_code, DISTRICT_DIGITS).label("district"),
        )
        .where(
            unit.c.line_code.in_(lines),
            unit.c.level.in_(["city", "district"]),
            unit.c.id.not_like("line:%"),
            unit.c.closed_on.is_(None),
        )
        .order_by(government, unit.c.id)
    )
    district: dict[tuple[str, str], str] = {}
    city: dict[str, str] = {}
    for row in rows:
        if row.level == "city":
            city.setdefault(row.line_code, row.id)
        elif row.district:
            district.setdefault((row.line_code, row.district), row.id)
    return Lines(district, city)


def make_line_units(conn: Connection, owners: list[Owner]) -> dict[str, str]:
    """Stand-in units named after the sector manifest, so that no warning is dropped for want of an owner."""
    if not owners:
        return {}
    rows = [
        {
            "id": f"line:{owner.line}",
            "path": f"/line:{owner.line}/",
            "name": owner.zh,
            "name_en": owner.en,
            "level": "city",
            "line_code": owner.line,
        }
        for owner in owners
    ]
    conn.execute(insert(unit).on_conflict_do_nothing(index_elements=["id"]), rows)
    return {owner.line: f"line:{owner.line}" for owner in owners}


def names_of(conn: Connection, ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """(Chinese name, English name or nothing) by id, of those units that there are."""
    if not ids:
        return {}
    rows = conn.execute(select(unit.c.id, unit.c.name, unit.c.name_en).where(unit.c.id.in_(ids)))
    return {row.id: (row.name, row.name_en) for row in rows}
