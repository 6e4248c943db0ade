"""The repository of changes to units: one tree, its paths, and where each unit stood on any day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, func, insert, select, text, update
from sqlalchemy.orm import aliased

from mingjian.domain.unit import MAX_DEPTH, ChangeKind
from mingjian.store.tables import app_user, unit, unit_change

_TREE_LOCK = 0x4D4A55  # one change of the tree at a time, else two moves could close a circle together


@dataclass(frozen=True)
class Stood:
    """A unit as it stood on a day: its name, and the units above it, nearest first, as (id, name then)."""

    id: str
    name: str
    above: tuple[tuple[str, str], ...]
    open: bool


def lock_tree(conn: Connection) -> None:
    """Wait until no other transaction changes the tree of units; held until this one ends."""
    conn.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _TREE_LOCK})


def find_units(conn: Connection, ids: Collection[str]) -> dict[str, RowMapping]:
    """These units by id; what there is none of is left out."""
    rows = conn.execute(select(unit).where(unit.c.id.in_(list(ids)))).mappings()
    return {row["id"]: row for row in rows}


def lock_units(conn: Connection, ids: Collection[str]) -> dict[str, RowMapping]:
    """As `find_units`, and until this transaction ends nobody can give these units anything."""
    rows = conn.execute(select(unit).where(unit.c.id.in_(list(ids))).order_by(unit.c.id).with_for_update())
    return {row["id"]: row for row in rows.mappings()}


def standing(conn: Connection, ids: Collection[str]) -> dict[str, str]:
    """For each of these units the one that takes work in its stead today, itself while it stands.

    Each waits for a merger or an end that is being written, and cannot be closed before this transaction ends.
    """
    held = select(unit.c.id, unit.c.closed_on).where(unit.c.id.in_(sorted(ids))).order_by(unit.c.id)
    rows = conn.execute(held.with_for_update(read=True, key_share=True)).all()
    closed = [row.id for row in rows if row.closed_on is not None]
    return {row.id: row.id for row in rows} | (successors(conn, closed) if closed else {})


def last_change_day(conn: Connection, ids: Collection[str]) -> date | None:
    """The day of the newest change to any of these units, or None."""
    return conn.scalar(select(func.max(unit_change.c.day)).where(unit_change.c.unit_id.in_(list(ids))))


def add_changes(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Append changes; rows have unit_id, kind, day, before, after, document, actor, at."""
    if rows:
        conn.execute(insert(unit_change), rows)


def set_parent(conn: Connection, unit_id: str, path: str, parent_id: str, parent_path: str) -> int:
    """Hang a unit below another: its whole subtree gets its paths in one statement; returns units touched."""
    below = unit.c.path.startswith(path, autoescape=True)
    moved = update(unit).where(below)
    tail = func.substr(unit.c.path, len(path) + 1)
    done = conn.execute(moved.values(path=f"{parent_path}{unit_id}/" + tail))
    conn.execute(update(unit).where(unit.c.id == unit_id).values(parent_id=parent_id))
    return done.rowcount


def children_of(conn: Connection, ids: Collection[str]) -> Sequence[RowMapping]:
    """Open units directly below any of these, by id."""
    found = (
        select(unit).where(unit.c.parent_id.in_(list(ids)), unit.c.closed_on.is_(None)).order_by(unit.c.id)
    )
    return conn.execute(found).mappings().all()


def set_name(conn: Connection, unit_id: str, name: str) -> None:
    """Give a unit another name."""
    conn.execute(update(unit).where(unit.c.id == unit_id).values(name=name))


def set_closed(conn: Connection, ids: Collection[str], day: date, successor: str | None) -> None:
    """Close units from this day on; `successor` takes over, if anybody does."""
    closed = update(unit).where(unit.c.id.in_(list(ids))).values(closed_on=day, successor_id=successor)
    conn.execute(closed)


def move_users(conn: Connection, ids: Collection[str], to: RowMapping) -> list[str]:
    """Seat the users of these units in another one; region and line of business are those of their new unit."""
    seated = (
        update(app_user)
        .where(app_user.c.unit_id.in_(list(ids)))
        .values(unit_id=to["id"], region_code=to["region_code"], line_code=to["line_code"])
        .returning(app_user.c.id)
    )
    return sorted(conn.scalars(seated))


def users_in(conn: Connection, unit_id: str) -> int:
    """How many active users sit in this unit."""
    counted = select(func.count()).where(app_user.c.unit_id == unit_id, app_user.c.active)
    return conn.scalar(counted) or 0


def repath(conn: Connection) -> int:
    """Set every path anew from the parents; units in a circle keep theirs. Returns how many changed."""
    return conn.execute(
        text(
            """
            WITH RECURSIVE tree(id, path) AS (
                SELECT u.id, '/' || u.id || '/' FROM unit u
                WHERE u.parent_id IS NULL OR NOT EXISTS (SELECT 1 FROM unit p WHERE p.id = u.parent_id)
                UNION ALL
                SELECT u.id, t.path || u.id || '/' FROM unit u JOIN tree t ON u.parent_id = t.id
            )
            UPDATE unit SET path = tree.path FROM tree WHERE unit.id = tree.id AND unit.path <> tree.path
            """
        )
    ).rowcount


def local_days(conn: Connection, kind: ChangeKind, except_actor: str | None = None) -> dict[str, date]:
    """For each unit the day of its newest change of this kind, those of one actor left out."""
    c = unit_change.c
    newest = select(c.unit_id, func.max(c.day).label("day")).where(c.kind == kind).group_by(c.unit_id)
    if except_actor is not None:
        newest = newest.where(c.actor != except_actor)
    return {row.unit_id: row.day for row in conn.execute(newest)}


def changes_of(conn: Connection, unit_id: str) -> Sequence[Row]:
    """The history of one unit, oldest first, and of those that were merged into it."""
    c = unit_change.c
    other, joined = aliased(unit, name="named"), (c.kind == ChangeKind.MERGED) & (c.after == unit_id)
    rows = (
        select(unit_change, other.c.name.label("unit_name"))
        .join(other, other.c.id == c.unit_id)
        .where((c.unit_id == unit_id) | joined)
        .order_by(c.day, c.id)
    )
    return conn.execute(rows).all()


def as_of(conn: Connection, ids: Collection[str], day: date) -> dict[str, Stood]:
    """Where these units stood at the end of `day`; one statement however many they are.

    A unit without a founding day is taken to have stood since before its first recorded change. A unit that did
    not stand on that day (not yet opened, or closed by then) is told with `open` False.
    """
    rows = conn.execute(_STOOD, {"ids": list(ids), "day": day, "deep": MAX_DEPTH}).all()
    above: dict[str, list[tuple[str, str]]] = {}
    first: dict[str, Row] = {}
    for row in rows:
        if row.depth == 0:
            first[row.asked] = row
        else:
            above.setdefault(row.asked, []).append((row.id, row.name))
    return {i: Stood(i, r.name, tuple(above.get(i, ())), r.open) for i, r in first.items()}


def successors(conn: Connection, ids: Collection[str]) -> dict[str, str]:
    """The unit that does today what each of these did: itself while it stands, else the last of its successors.

    A closed unit without a successor stands for itself.
    """
    rows = conn.execute(
        text(
            """
            WITH RECURSIVE chain(asked, id, depth) AS (
                SELECT u.id, u.id, 0 FROM unit u WHERE u.id = ANY(:ids)
                UNION ALL
                SELECT c.asked, u.successor_id, c.depth + 1 FROM chain c JOIN unit u ON u.id = c.id
                WHERE u.successor_id IS NOT NULL AND c.depth < 100
            )
            SELECT DISTINCT ON (asked) asked, id FROM chain ORDER BY asked, depth DESC
            """
        ),
        {"ids": list(ids)},
    )
    return {row.asked: row.id for row in rows}


# The earliest change after the day says what was before it; without one, today's value held then too.
_STOOD = text(
    """
    WITH RECURSIVE past AS (
        SELECT u.id,
               CASE WHEN m.id IS NULL THEN u.parent_id ELSE m.before END AS parent_id,
               CASE WHEN n.id IS NULL THEN u.name ELSE n.before END AS name,
               (u.opened_on IS NULL OR u.opened_on <= :day)
                   AND (u.closed_on IS NULL OR u.closed_on > :day) AS open
        FROM unit u
        LEFT JOIN LATERAL (
            SELECT c.id, c.before FROM unit_change c
            WHERE c.unit_id = u.id AND c.kind = 'moved' AND c.day > :day ORDER BY c.day, c.id LIMIT 1
        ) m ON true
        LEFT JOIN LATERAL (
            SELECT c.id, c.before FROM unit_change c
            WHERE c.unit_id = u.id AND c.kind = 'renamed' AND c.day > :day ORDER BY c.day, c.id LIMIT 1
        ) n ON true
    ), climb(asked, id, name, parent_id, open, depth) AS (
        SELECT p.id, p.id, p.name, p.parent_id, p.open, 0 FROM past p WHERE p.id = ANY(:ids)
        UNION ALL
        SELECT c.asked, p.id, p.name, p.parent_id, p.open, c.depth + 1
        FROM climb c JOIN past p ON p.id = c.parent_id WHERE c.depth < :deep
    )
    SELECT asked, id, name, open, depth FROM climb ORDER BY asked, depth
    """
)
