"""What an import leaves behind: changes of units as history, and audit rows.

A changed unit or user has an audit row of its own with old and new values; new ones are told in rows of many ids, so
that the first import of a city does not cost 65,000 rows. Names of people are personal data: a changed name is told
without its words.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from mingjian.domain.unit import ChangeKind
from mingjian.store import audit, organisation

IDS_IN_A_ROW = 1000
_UNSAID = frozenset({"name", "charge"})


def record_units(
    conn: Connection,
    file: str,
    new: pd.DataFrame,
    changed: pd.DataFrame,
    before: pd.DataFrame,
    day: date,
    signed: dict[str, Any],
) -> None:
    """History and audit of written units; the frames are indexed by id, `before` as `changed`."""
    rows = [
        _change(i, ChangeKind.OPENED, opened, None, parent or None, signed)
        for i, opened, parent in zip(new.index, new["opened_on"], new["parent_id"], strict=True)
        if opened
    ]
    for column, kind in (("parent_id", ChangeKind.MOVED), ("name", ChangeKind.RENAMED)):
        differs = changed[column] != before[column]
        for i, was, now in zip(
            changed.index[differs], before.loc[differs, column], changed.loc[differs, column], strict=True
        ):
            rows.append(_change(i, kind, day, was or None, now or None, signed))
    organisation.add_changes(conn, rows)
    _audit(conn, "unit", file, new, changed, before, signed, frozenset())


def record_users(
    conn: Connection,
    file: str,
    new: pd.DataFrame,
    changed: pd.DataFrame,
    before: pd.DataFrame,
    signed: dict[str, Any],
) -> None:
    """Audit of written users; the frames are indexed by id, `before` as `changed`."""
    _audit(conn, "user", file, new, changed, before, signed, _UNSAID)


def _change(
    unit_id: Any, kind: ChangeKind, day: Any, before: str | None, after: str | None, signed: dict[str, Any]
) -> dict[str, Any]:
    return {"unit_id": unit_id, "kind": kind, "day": day, "before": before, "after": after, **signed}


def _audit(
    conn: Connection,
    kind: str,
    file: str,
    new: pd.DataFrame,
    changed: pd.DataFrame,
    before: pd.DataFrame,
    signed: dict[str, Any],
    unsaid: frozenset[str],
) -> None:
    ids = sorted(new.index)
    said = {"file": file, "document": signed["document"]}
    entries = [
        _entry(signed, f"{kind}s_imported", kind, f"{part[0]}…{part[-1]}", {**said, "new": part})
        for part in (ids[n : n + IDS_IN_A_ROW] for n in range(0, len(ids), IDS_IN_A_ROW))
    ]
    old = before.to_dict("index")
    for unit_id, row in changed.to_dict("index").items():
        differs: dict[str, Any] = {}
        for column, value in row.items():
            if old[unit_id][column] != value:
                differs[str(column)] = "changed" if column in unsaid else [old[unit_id][column], value]
        entries.append(_entry(signed, f"{kind}_imported", kind, str(unit_id), {**said, "changed": differs}))
    audit.record_many(conn, at=signed["at"], entries=entries)


def _entry(
    signed: dict[str, Any], action: str, kind: str, object_id: str, detail: dict[str, Any]
) -> dict[str, Any]:
    return {
        "actor": signed["actor"],
        "action": action,
        "object_kind": kind,
        "object_id": object_id,
        "detail": detail,
    }
