"""Which files make up a Delta table up to a version, its older versions included."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from deltalake import DeltaTable

LOG = "_delta_log"
LAST = "_last_checkpoint"  # a hint for readers; wrong when it points past the version
_NUMBERED = re.compile(r"(\d{20})\..+")


def versions(lake: Path) -> dict[str, int]:
    """`zone/table` and its newest version, of every table below the folder."""
    found = {}
    for log in sorted(lake.glob(f"*/*/{LOG}")):
        table = log.parent
        if DeltaTable.is_deltatable(str(table)):
            found[table.relative_to(lake).as_posix()] = DeltaTable(str(table)).version()
    return found


def files_of(table: Path, version: int) -> list[str]:
    """Paths below the table's folder: its log up to `version`, and all data files that this log names.

    Commits are never changed once written, so this is the table as it stood at that version, though others go on
    writing. A file that only an older version names may be gone; FileNotFoundError when one of `version` is.
    """
    log = sorted(_log_files(table / LOG, version))
    now = {_on_disk(table, path) for path in _current(table, version)}
    missing = sorted(path for path in now if not (table / path).is_file())
    if missing:
        raise FileNotFoundError(str(table / missing[0]))
    ever = {
        _on_disk(table, path) for name in log if name.endswith(".json") for path in _added(table / LOG / name)
    }
    return [*(f"{LOG}/{name}" for name in log), *sorted(now | {p for p in ever if (table / p).is_file()})]


def _log_files(log: Path, version: int) -> Iterator[str]:
    for entry in log.iterdir():
        numbered = _NUMBERED.fullmatch(entry.name)
        upto = int(numbered[1]) if numbered else _hinted(entry) if entry.name == LAST else None
        if upto is not None and upto <= version:
            yield entry.name


def _hinted(checkpoint: Path) -> int:
    return int(json.loads(checkpoint.read_text(encoding="utf-8"))["version"])


def _current(table: Path, version: int) -> list[str]:
    actions = DeltaTable(str(table), version=version).get_add_actions(flatten=True)
    return [str(path) for path in actions.column("path").to_pylist()]


def _added(commit: Path) -> Iterator[str]:
    with commit.open(encoding="utf-8") as lines:
        for line in lines:
            action = json.loads(line)
            if "add" in action:
                yield action["add"]["path"]


def _on_disk(table: Path, path: str) -> str:
    """The log writes paths as URLs do."""
    return unquote(path) if (table / unquote(path)).exists() else path
