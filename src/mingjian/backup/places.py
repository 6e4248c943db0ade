"""What below a home belongs to a backup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

LAKE, SECRET, WORK = "lake", "secret", ".restore"
# The database's own files (dumped instead), what is made anew, and the sources, which are the city's and not ours.
LEFT_OUT = frozenset({"pg", "airflow", "spill", "city", "real"})


def kept_entries(home: Path) -> list[str]:
    """Names of the files and folders below the home that a backup holds, `secret` aside; sorted.

    What is not left out by name is kept: a part that comes later must not be forgotten.
    """
    if not home.is_dir():
        return []
    found = [entry.name for entry in home.iterdir() if not entry.is_symlink()]
    return sorted(n for n in found if not n.startswith(".") and n not in LEFT_OUT | {SECRET})


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below the folder (or the file itself), links aside, in order."""
    if folder.is_file():
        yield folder
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.is_symlink():
            yield path
