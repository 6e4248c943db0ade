"""Bytes on disk: written aside while they are hashed, then moved to the place that their hash names."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mingjian.domain.attachment import MAX_BYTES
from mingjian.domain.i18n import _
from mingjian.web.errors import TooLarge, Unprocessable

_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Draft:
    """A file that has arrived and is not kept yet."""

    path: Path
    size: int
    sha256: str


@contextmanager
def drafted(home: Path, incoming: BinaryIO) -> Iterator[Draft]:
    """The incoming bytes as a file of mode 0600; it is gone afterwards unless it was kept.

    Raises TooLarge above MAX_BYTES and Unprocessable for an empty file.
    """
    folder = home / "attachments"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f".{secrets.token_hex(12)}"
    try:
        yield _write(path, incoming)
    finally:
        path.unlink(missing_ok=True)


def _write(path: Path, incoming: BinaryIO) -> Draft:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        while chunk := incoming.read(_CHUNK):
            size += len(chunk)
            if size > MAX_BYTES:
                raise TooLarge(_("附件过大"), hint=_("附件不超过 20 MB"))
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if not size:
        raise Unprocessable(_("附件是空文件"), hint=_("请核对文件后重新上传"))
    return Draft(path, size, digest.hexdigest())


def keep(home: Path, draft: Draft) -> None:
    """Give the file its place; one that lies there already has the same bytes."""
    place = place_of(home, draft.sha256)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.link(draft.path, place) if not place.exists() else None


def place_of(home: Path, sha256: str) -> Path:
    """Where the bytes with this hash lie."""
    return home / "attachments" / sha256[:2] / sha256
