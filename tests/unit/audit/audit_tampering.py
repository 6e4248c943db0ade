"""Ways to harm an audit log of nine rows, and what the check must say of each.

The log: row 1 to 9, anchors at 3 and 6 whose own rows are 4 and 7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from mingjian.domain.clock import MovableClock
from mingjian.store import anchors, audit
from mingjian.store.audit_chain import digest
from mingjian.store.tables import audit_log


def nine_rows(conn: Connection, clock: MovableClock) -> None:
    """Two rows and an anchor each day, then two days more."""
    for number, name in enumerate("abcdefg"):
        if number in (3, 5):
            clock.move(days=1)
            anchors.make(conn, clock.now())
        audit.record(
            conn,
            at=clock.now(),
            actor="zhao",
            action="change",
            object_kind="order",
            object_id=name,
            detail={"n": number, "share": 0.25},
        )
    clock.move(days=1)


def sql(*statements: str) -> Callable[[Connection], None]:
    """These statements, one after the other."""

    def run(conn: Connection) -> None:
        for statement in statements:
            conn.execute(text(statement))

    return run


def rechained(first: int, *, only: int | None = None, **changes: Any) -> Callable[[Connection], None]:
    """Row `first` changed and hashed anew; the rows behind it follow, all of them or only `only` rows."""

    def run(conn: Connection) -> None:
        rows = conn.execute(select(audit_log).where(audit_log.c.id >= first).order_by(audit_log.c.id))
        prev = None
        for row in list(rows.mappings())[:only]:
            new = {**row, **(changes if row["id"] == first else {"prev_hash": prev})}
            new["hash"] = prev = digest(new)
            conn.execute(update(audit_log).where(audit_log.c.id == row["id"]).values(new))

    return run


def appended(count: int, prev_hash: str = "f" * 64) -> Callable[[Connection], None]:
    """Rows behind the last that are chained to each other, but not to the log."""

    def run(conn: Connection) -> None:
        last = conn.execute(select(audit_log).order_by(audit_log.c.id.desc()).limit(1)).mappings().one()
        prev = prev_hash
        for number in range(1, count + 1):
            new = {
                **last,
                "id": last["id"] + number,
                "prev_hash": prev,
                "at": last["at"] + timedelta(hours=1),
            }
            new["hash"] = prev = digest(new)
            conn.execute(insert(audit_log).values(new))

    return run


def swapped(a: int, b: int, what: str) -> Callable[[Connection], None]:
    """Two rows change places: by their numbers, or by their content alone."""
    if what == "id":
        return sql(
            f"UPDATE audit_log SET id = 1000 WHERE id = {a}",
            f"UPDATE audit_log SET id = {a} WHERE id = {b}",
            f"UPDATE audit_log SET id = {b} WHERE id = 1000",
        )
    columns = "at, actor, action, object_kind, object_id, detail"
    source = ", ".join(f"o.{name}" for name in columns.split(", "))
    return sql(
        f"UPDATE audit_log AS r SET ({columns}) = ({source}) FROM audit_log o "
        f"WHERE (r.id, o.id) IN (({a}, {b}), ({b}, {a}))"
    )


@dataclass(frozen=True)
class Harm:
    """What was done and the faults it must give: `kind first-last` with what else is known."""

    name: str
    do: Callable[[Connection], None]
    faults: list[str]


EDITS = {
    "at": "at + interval '1 second'",
    "actor": "'qian'",
    "action": "'other'",
    "object_kind": "'other'",
    "object_id": "'other'",
    "detail": "'{\"n\": 1}'",
    "prev_hash": f"'{'0' * 64}'",
    "hash": f"'{'0' * 64}'",
}
HARM = [
    *(
        Harm(f"edit {column}", sql(f"UPDATE audit_log SET {column} = {value} WHERE id = 2"), ["edited 2"])
        for column, value in EDITS.items()
    ),
    Harm("edit the last row", sql("UPDATE audit_log SET actor = 'qian' WHERE id = 9"), ["edited 9"]),
    Harm("edit many", sql("UPDATE audit_log SET actor = 'q' WHERE id IN (1, 2, 8)"), ["edited 1-2", "edited 8"]),
    Harm("delete the first", sql("DELETE FROM audit_log WHERE id = 1"), ["missing 1"]),
    Harm("delete one", sql("DELETE FROM audit_log WHERE id = 5"), ["missing 5"]),
    Harm("delete many", sql("DELETE FROM audit_log WHERE id IN (2, 5, 6)"), ["missing 2", "missing 5-6"]),
    Harm("cut the tail", sql("DELETE FROM audit_log WHERE id > 4"), ["cut_off 5-6"]),
    Harm("delete all", sql("DELETE FROM audit_log"), ["cut_off 1-6"]),
    Harm("swap neighbours", swapped(1, 2, "id"), ["reordered 1 was 2", "reordered 2 was 1"]),
    Harm("swap far rows", swapped(2, 8, "id"), ["reordered 2 was 8", "reordered 8 was 2"]),
    Harm("swap contents", swapped(2, 5, "content"), ["reordered 2 was 5", "reordered 5 was 2"]),
    Harm(
        "delete and close the gap",
        sql("DELETE FROM audit_log WHERE id = 8", "UPDATE audit_log SET id = 8 WHERE id = 9"),
        ["reordered 8 was 9"],
    ),
    Harm("edit and hash anew", rechained(1, only=1, actor="qian"), ["forged 1"]),
    Harm("edit a later row and hash anew", rechained(5, only=1, actor="qian"), ["forged 5 back to 4"]),
    Harm("chain two rows anew", rechained(4, only=2, actor="qian"), ["forged 5 back to 4"]),
    Harm("edit and hash anew, on an anchor", rechained(3, only=1, actor="qian"), ["forged 1-3 by 2026-03-03"]),
    Harm("edit behind the last anchor and hash anew", rechained(8, only=1, actor="qian"), ["forged 8-9 unsure"]),
    Harm("edit the first and hash anew", rechained(1, only=1, actor="qian", prev_hash="f" * 64), ["forged 1"]),
    Harm("edit and chain all anew", rechained(2, actor="qian"), ["forged 1-3 by 2026-03-03"]),
    Harm("edit the second day and chain anew", rechained(5, actor="qian"), ["forged 4-6 by 2026-03-04"]),
    Harm("replace one, hash before wrong too", rechained(5, only=1, prev_hash="f" * 64), ["forged 5"]),
    Harm("another chain behind an anchor", rechained(7, prev_hash="f" * 64), ["forged 7"]),
    Harm("append one", appended(1), ["forged 9-10 unsure"]),
    Harm("append a chain of its own", appended(3), ["forged 9-10 unsure"]),
    Harm("a row before the first", sql(
        "INSERT INTO audit_log SELECT 0, at, actor, action, object_kind, object_id, detail, prev_hash, hash "
        "FROM audit_log WHERE id = 1"), ["forged 0"]),
    Harm("delete an anchor", sql("DELETE FROM audit_anchor WHERE last_id = 3"), ["anchor 3 by 2026-03-03"]),
    Harm(
        "edit an anchor's hash",
        sql(f"UPDATE audit_anchor SET hash = '{'0' * 64}' WHERE last_id = 6"),
        ["anchor 6 by 2026-03-04", "forged 4-6 by 2026-03-04"],
    ),
    Harm(
        "several at once",
        sql("UPDATE audit_log SET actor = 'q' WHERE id = 2", "DELETE FROM audit_log WHERE id = 5"),
        ["edited 2", "missing 5"],
    ),
]  # fmt: skip
