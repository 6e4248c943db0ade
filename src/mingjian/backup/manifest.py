"""The backup's own account of itself: every file with its size and SHA-256, every table with its rows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from mingjian.backup.writing import File, pieces, private
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _

NAME, SUM = "manifest.json", "manifest.sha256"
FORMAT = 1


class BackupError(MingjianError):
    """A backup that cannot be made, read or trusted."""


@dataclass(frozen=True)
class Rows:
    """A table's columns in the order of its file, and how many rows it has."""

    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Manifest:
    """`tables` by `schema.name`, `lake` versions by `zone/table`, `files` by their path below the backup.

    `audit_broken_at` is the first row at which the audit chain did not hold when the backup was made, None when it did.
    """

    taken_at: str
    program: str
    revision: str
    with_secrets: bool
    audit_rows: int
    audit_broken_at: int | None
    tables: dict[str, Rows] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    lake: dict[str, int] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())


def write(manifest: Manifest, folder: Path) -> str:
    """Write the manifest and its checksum; returns the checksum."""
    body = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True).encode()
    checksum = hashlib.sha256(body).hexdigest()
    for name, content in ((NAME, body), (SUM, f"{checksum}  {NAME}\n".encode())):
        with private(folder / name) as file:
            file.write(content)
    return checksum


def read(folder: Path) -> Manifest:
    """The manifest of a backup; BackupError when there is none, it is damaged, or a newer program wrote it."""
    if not (folder / NAME).is_file() or not (folder / SUM).is_file():
        raise BackupError(
            _("{f} 不是备份目录", f=folder), hint=_("备份目录含 manifest.json 与 manifest.sha256；请核对路径")
        )
    body = (folder / NAME).read_bytes()
    said = (folder / SUM).read_bytes().split()
    if not said or said[0] != hashlib.sha256(body).hexdigest().encode():
        raise _damaged([NAME])
    told: dict[str, Any] = json.loads(body)
    if told["format"] > FORMAT:
        raise BackupError(_("备份由更新的程序写成"), hint=_("请用不低于备份时版本的程序恢复"))
    told["tables"] = {n: Rows(tuple(t["columns"]), t["rows"]) for n, t in told["tables"].items()}
    told["files"] = {n: File(**f) for n, f in told["files"].items()}
    return Manifest(**told)


def check(folder: Path) -> Manifest:
    """The manifest, once every file has the size and hash that it tells; BackupError names those that have not."""
    manifest = read(folder)
    bad = [name for name, file in manifest.files.items() if not _is_whole(folder, name, file)]
    if bad:
        raise _damaged(bad)
    return manifest


def _is_whole(folder: Path, name: str, told: File) -> bool:
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts or not (folder / name).is_file():
        return False
    digest = hashlib.sha256()
    for piece in pieces(folder / name):
        digest.update(piece)
    return File((folder / name).stat().st_size, digest.hexdigest()) == told


def _damaged(names: list[str]) -> BackupError:
    shown = "、".join(names[:10]) + ("…" if len(names) > 10 else "")
    return BackupError(
        _("备份已损坏，{n} 个文件与清单不符：{names}", n=len(names), names=shown),
        hint=_("请改用另一份备份；什么也没有恢复"),
    )
