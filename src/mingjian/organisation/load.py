"""Importing a city's units and users: read, check whole columns, write what is new or differs, say what was not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine

from mingjian.domain.clock import CITY_TZ, Clock
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.domain.unit import ChangeKind
from mingjian.organisation.check import check_cells
from mingjian.organisation.headers import Roll
from mingjian.organisation.people import check_leaders, check_people
from mingjian.organisation.read import Sheet, read_sheet, second_sheet
from mingjian.organisation.record import record_units, record_users
from mingjian.organisation.rejects import Rejects, write_rejects
from mingjian.organisation.tree import check_tree
from mingjian.store import organisation, rolls
from mingjian.store.register import path_of

_DEFAULTS = {"unit_type": "gov_dept", "active": "1"}


@dataclass(frozen=True)
class Counts:
    """What became of one register's rows; `kept` are values that a later decision here holds against the file."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    kept: int = 0


@dataclass(frozen=True)
class Imported:
    """The outcome of an import. `rejects` is the file that says what to mend, None when nothing was refused."""

    units: Counts
    users: Counts
    rejects: Path | None
    sheets: tuple[Sheet, ...]
    found: tuple[Rejects, ...]


@dataclass(frozen=True)
class Differing:
    """Rows to write, in the columns of the store, beside what the store held of those it knows."""

    new: pd.DataFrame
    changed: pd.DataFrame
    before: pd.DataFrame
    counts: Counts

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Each row to write: its id, then the columns."""
        both = pd.concat([self.new, self.changed])
        return zip(both.index.tolist(), *(both[c].tolist() for c in both), strict=True)


def import_register(
    engine: Engine,
    clock: Clock,
    units: Path,
    users: Path | None,
    *,
    actor: str,
    as_of: date | None = None,
    rejects: Path | None = None,
    document: str = "",
    check_only: bool = False,
) -> Imported:
    """Bring units and users in line with these files, in one transaction; bad rows go to the rejects file.

    `as_of` is the day the files were drawn up (default today): a unit that was moved or renamed here on a later day
    keeps that. A user or unit that the files do not name stays as it is. A second run changes nothing. Without
    `users` a workbook's second sheet is read. `check_only` writes the rejects and nothing else. Raises SourceError
    when a file as a whole cannot be used.
    """
    now = clock.now()
    today = now.astimezone(CITY_TZ).date()
    day = as_of or today
    if day > today:
        raise MingjianError(_("编制日期 {day} 还没有到", day=day), hint=_("改正 --as-of"))
    unit_sheet = read_sheet(units, Roll.UNITS)
    user_sheet = read_sheet(users, Roll.USERS) if users else second_sheet(units, Roll.USERS)
    sheets = tuple(sheet for sheet in (unit_sheet, user_sheet) if sheet is not None)
    with engine.connect() as conn, conn.begin() as work:
        signed = {"actor": actor, "at": now, "document": document}
        counts, found = _bring_in_line(conn, unit_sheet, user_sheet, day, signed)
        place = rejects or units.with_name(f"{units.stem}.rejects.csv")
        refused = any(r.found for r in found)
        if refused:
            write_rejects(place, found)
        if check_only:
            work.rollback()
    return Imported(*counts, place if refused else None, sheets, found)


def _bring_in_line(
    conn: Connection, unit_sheet: Sheet, user_sheet: Sheet | None, day: date, signed: dict[str, Any]
) -> tuple[tuple[Counts, Counts], tuple[Rejects, ...]]:
    """Check both registers against each other and the store, then write what is new or differs."""
    organisation.lock_tree(conn)
    held = pd.DataFrame(rolls.held_units(conn), columns=[*rolls.UNIT_COLUMNS, "closed"])
    accounts = pd.DataFrame(rolls.held_users(conn), columns=list(rolls.USER_COLUMNS))
    out = Rejects(unit_sheet.file, Roll.UNITS)
    settled, later = _keep_later(conn, check_cells(unit_sheet, Roll.UNITS, out), held, day)
    good = check_tree(settled, held, out)
    people, known, user_out = accounts.iloc[:0], set(accounts["id"]), None
    if user_sheet is not None:
        user_out = Rejects(user_sheet.file, Roll.USERS)
        closed = set(held.loc[held["closed"], "id"])
        standing = (set(held["id"]) | set(good["id"])) - closed
        cells = check_cells(user_sheet, Roll.USERS, user_out)
        people = check_people(cells, standing, closed, set(settled["id"]), user_out)
        known |= set(people["id"])
    good = check_leaders(good, held, known, out)
    units = _differing(good, held, rolls.UNIT_COLUMNS)
    rolls.write_units(conn, _with_paths(units, held))
    organisation.repath(conn)
    record_units(conn, out.file, units.new, units.changed, units.before, day, signed)
    counts = (_counted(units.counts, len(settled), later), Counts())
    if user_sheet is not None and user_out is not None:
        users = _differing(people, accounts, rolls.USER_COLUMNS)
        rolls.write_users(conn, users.rows())
        record_users(conn, user_sheet.file, users.new, users.changed, users.before, signed)
        counts = (counts[0], _counted(users.counts, len(user_sheet.frame)))
    rolls.place_users(conn)
    return counts, (out,) if user_out is None else (out, user_out)


def _keep_later(
    conn: Connection, good: pd.DataFrame, held: pd.DataFrame, day: date
) -> tuple[pd.DataFrame, int]:
    """The rows with parent and name as the store has them where those were changed after the file's day."""
    stored = held.set_index("id")
    settled, later = good.copy(), 0
    for column, kind in (("parent_id", ChangeKind.MOVED), ("name", ChangeKind.RENAMED)):
        decided = good["id"].isin(rolls.changed_since(conn, kind, day)) & good["id"].isin(stored.index)
        was = good.loc[decided, "id"].map(stored[column])
        later += int((was != good.loc[decided, column]).sum())
        settled.loc[decided, column] = was
    return settled, later


def _differing(good: pd.DataFrame, held: pd.DataFrame, columns: Sequence[str]) -> Differing:
    """Split rows into new, changed and the rest. Columns that the file does not have keep what the store holds."""
    stored = held.set_index("id")[list(columns[1:])]
    there = good["id"].isin(stored.index)
    before = stored.reindex(good.loc[there, "id"])
    after = pd.DataFrame(index=before.index, columns=list(columns[1:]), dtype="str")
    fresh = good.loc[~there].set_index("id")
    new = pd.DataFrame(index=fresh.index, columns=list(columns[1:]), dtype="str")
    known = good.loc[there].set_index("id")
    for column in columns[1:]:
        after[column] = known[column] if column in good else before[column]
        new[column] = fresh[column] if column in good else _DEFAULTS.get(column, "")
    moved = (after != before).any(axis=1).to_numpy(dtype=bool)
    counts = Counts(new=len(new), changed=int(moved.sum()), unchanged=int((~moved).sum()))
    return Differing(new, after[moved], before[moved], counts)


def _with_paths(units: Differing, held: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    parents = dict(zip(held["id"].tolist(), held["parent_id"].tolist(), strict=True))
    parents |= {row[0]: row[1] for row in units.rows()}
    known = {unit_id: parent or None for unit_id, parent in parents.items()}
    return ((*row, path_of(row[0], known)) for row in units.rows())


def _counted(counts: Counts, rows: int, later: int = 0) -> Counts:
    taken = counts.new + counts.changed + counts.unchanged
    return Counts(counts.new, counts.changed, counts.unchanged, rows - taken, later)
