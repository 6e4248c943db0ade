"""What the pulled register of units says, weighed against what was decided here.

The register is the truth for new units, names and where units stand. A move, a new name or an end that was recorded
here holds against it while the register goes on saying what it said before that day; once it says something new, that
is newer and holds. Why: docs/decisions/0017-register-and-local-changes.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.roles import SYSTEM_ACTOR
from mingjian.domain.unit import ChangeKind
from mingjian.store import audit, organisation
from mingjian.store.tables import unit, unit_register

DOCUMENT = "register"
LONG_AGO = date.min
_PARTS = {"parent_id": ChangeKind.MOVED, "name": ChangeKind.RENAMED}


def settle(conn: Connection, rows: Sequence[dict[str, Any]], as_of: date) -> None:
    """Bring units in line with the register's rows (columns of `unit` without `path`, and `valid_from`).

    What it changes of a known unit is history like any other change: a row of `unit_change` and an audit row.
    """
    organisation.lock_tree(conn)
    held: dict[str, Mapping[str, Any]] = {
        row["id"]: dict(row) for row in conn.execute(select(unit)).mappings()
    }
    said: dict[str, Mapping[str, Any]] = {
        row["unit_id"]: dict(row) for row in conn.execute(select(unit_register)).mappings()
    }
    local = {part: organisation.local_days(conn, kind, SYSTEM_ACTOR) for part, kind in _PARTS.items()}
    wanted, heard, changes = [], [], []
    for row in rows:
        word = _heard(row, said.get(row["id"]), as_of)
        heard.append(word)
        settled = {c: v for c, v in row.items() if c != "valid_from"}
        known = held.get(row["id"])
        if known is not None:
            for part in _PARTS:
                decided = local[part].get(row["id"])
                if decided is not None and decided >= word[_since(part)]:
                    settled[part] = known[part]
            changes += _changes(known, settled, as_of)
        else:
            settled["opened_on"] = row.get("valid_from")
        wanted.append(settled)
    _write(conn, wanted, held)
    _remember(conn, heard, said)
    _record(conn, changes, as_of)


def path_of(unit_id: str, parents: Mapping[str, str | None]) -> str:
    """`/city/district/unit/`; a parent that is unknown, or that would close a circle, ends the climb."""
    climbed: list[str] = []
    at: str | None = unit_id
    while at is not None and at in parents and at not in climbed:
        climbed.append(at)
        at = parents[at]
    return "/" + "/".join(reversed(climbed)) + "/"


def _since(part: str) -> str:
    return "parent_since" if part == "parent_id" else "name_since"


def _heard(row: Mapping[str, Any], before: Mapping[str, Any] | None, as_of: date) -> dict[str, Any]:
    """What the register says now; a part that it said before keeps the day on which it began to say so."""
    word: dict[str, Any] = {"unit_id": row["id"], "parent_id": row["parent_id"], "name": row["name"]}
    first = row.get("valid_from") or LONG_AGO
    for part in _PARTS:
        same = before is not None and before[part] == row[part]
        word[_since(part)] = (
            before[_since(part)] if same and before is not None else as_of if before else first
        )
    return word


def _changes(known: Mapping[str, Any], settled: Mapping[str, Any], as_of: date) -> list[dict[str, Any]]:
    return [
        {"unit_id": known["id"], "kind": kind, "day": as_of, "before": known[part], "after": settled[part]}
        for part, kind in _PARTS.items()
        if known[part] != settled[part]
    ]


def _write(conn: Connection, wanted: list[dict[str, Any]], held: Mapping[str, Mapping[str, Any]]) -> None:
    """Upsert the units that are new or differ, then every path that follows from them."""
    differing = [w for w in wanted if w["id"] not in held or any(held[w["id"]][c] != v for c, v in w.items())]
    if not differing:
        return
    parents = {i: row["parent_id"] for i, row in held.items()} | {w["id"]: w["parent_id"] for w in wanted}
    rows = [{"opened_on": None, **w, "path": path_of(w["id"], parents)} for w in differing]
    statement = insert(unit)
    kept = ("id", "opened_on")
    changed = {c: statement.excluded[c] for c in rows[0] if c not in kept}
    conn.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed), rows)
    organisation.repath(conn)


def _remember(conn: Connection, heard: list[dict[str, Any]], said: Mapping[str, Mapping[str, Any]]) -> None:
    news = [word for word in heard if dict(said.get(word["unit_id"], {})) != word]
    if not news:
        return
    statement = insert(unit_register)
    excluded = statement.excluded
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["unit_id"], set_={c: excluded[c] for c in news[0] if c != "unit_id"}
        ),
        news,
    )


def _record(conn: Connection, changes: list[dict[str, Any]], as_of: date) -> None:
    at = datetime.combine(as_of, time(18), CITY_TZ)
    signed = {"document": DOCUMENT, "actor": SYSTEM_ACTOR, "at": at}
    organisation.add_changes(conn, [{**c, **signed} for c in changes])
    entries = [
        {
            "actor": SYSTEM_ACTOR,
            "action": f"unit_{c['kind']}",
            "object_kind": "unit",
            "object_id": c["unit_id"],
            "detail": {"from": c["before"], "to": c["after"], "day": str(as_of), "document": DOCUMENT},
        }
        for c in changes
    ]
    audit.record_many(conn, at=at, entries=entries)
