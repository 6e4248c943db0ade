"""Put restored folders in the place of old ones so that a crash in between can be undone.

`home/.restore/` holds `new/` (what is to come), `old/` (what was) and `journal.json`. The store's transaction decides:
it is committed after the folders are in place, and its audit row names the restore. Whoever finds the folder later
looks for that row, and goes on or goes back.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from mingjian.backup.places import WORK
from mingjian.backup.writing import private, settle

JOURNAL, NEW, OLD = "journal.json", "new", "old"


@dataclass(frozen=True)
class Journal:
    """One restore: its number, the entries below the home it replaces, and those that were there before."""

    number: str
    entries: list[str]
    had: list[str]


def work(home: Path) -> Path:
    """The folder in which a restore is prepared."""
    return home / WORK


def swap_in(home: Path, journal: Journal) -> None:
    """Move the old entries aside and the new ones into place."""
    room = work(home)
    with private(room / JOURNAL) as file:
        file.write(json.dumps(asdict(journal)).encode())
    settle(room)
    (room / OLD).mkdir(mode=0o700)
    for name in journal.entries:
        if name in journal.had:
            (home / name).rename(room / OLD / name)
        if (room / NEW / name).exists():
            (room / NEW / name).rename(home / name)
    settle(home)


def journal_of(home: Path) -> Journal | None:
    """The journal of a restore that did not come to its end; None when it had not begun to move anything."""
    path = work(home) / JOURNAL
    return Journal(**json.loads(path.read_bytes())) if path.exists() else None


def swap_back(home: Path, journal: Journal) -> None:
    """Undo what `swap_in` did, however far it came; may be done again."""
    room = work(home)
    for name in journal.entries:
        kept = room / OLD / name
        if name in journal.had:
            if kept.exists():
                _remove(home / name)
                kept.rename(home / name)
        elif not (room / NEW / name).exists():
            _remove(home / name)
    settle(home)


def clear(home: Path) -> None:
    """Remove the work folder; the journal goes last."""
    room = work(home)
    for name in (NEW, OLD):
        _remove(room / name)
    _remove(room)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
