"""Files of a backup: private, flushed to the disk, their hash taken while they are written."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

CHUNK = 1024 * 1024


@dataclass(frozen=True)
class File:
    """A file's size in bytes and its SHA-256."""

    size: int
    sha256: str


class Hashed:
    """An open file that knows its size and SHA-256 so far."""

    def __init__(self, file: Any) -> None:
        self._file, self._digest, self._size = file, hashlib.sha256(), 0

    def write(self, piece: bytes) -> int:
        """Append bytes."""
        self._digest.update(piece)
        self._size += len(piece)
        return int(self._file.write(piece))

    def flush(self) -> None:
        """Hand what is written to the system."""
        self._file.flush()

    @property
    def told(self) -> File:
        """What the manifest says of it."""
        return File(self._size, self._digest.hexdigest())


def pieces(path: Path) -> Iterator[bytes]:
    """A file's bytes, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


@contextmanager
def private(path: Path) -> Iterator[Hashed]:
    """A new file, mode 0600 in folders of mode 0700; on the disk when the block ends."""
    for folder in reversed([p for p in path.parents if not p.exists()]):
        folder.mkdir(mode=0o700)  # mkdir's own `parents` would leave those between open
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        yield Hashed(file)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def packed(file: Hashed) -> Iterator[gzip.GzipFile]:
    """Gzip into a file; without a time of its own, so that equal rows give equal files."""
    with gzip.GzipFile(fileobj=cast(BinaryIO, file), mode="wb", compresslevel=4, mtime=0) as packing:
        yield packing


def copied(source: Path, target: Path) -> File:
    """Copy one file; returns size and hash of what was copied."""
    with private(target) as file:
        for piece in pieces(source):
            file.write(piece)
    return file.told


def settle(folder: Path) -> None:
    """Let a folder's entries reach the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
