"""Which kind of file it is: by its content, and its name must say the same."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import filetype

from mingjian.domain.attachment import FileKind
from mingjian.domain.i18n import _
from mingjian.web.errors import Unprocessable

ENDINGS = {**{k.value: k for k in FileKind}, "jpeg": FileKind.JPEG}
MAX_NAME = 150
MAX_UNPACKED = 200 * 1024 * 1024
# Separators, control characters, and marks that turn the writing direction and so hide an ending.
_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_OFFICE = {"word/document.xml": FileKind.WORD, "xl/workbook.xml": FileKind.EXCEL}


def checked_name(name: str) -> str:
    """The file's name; Unprocessable when it is a path, hides something, or is too long."""
    if (
        not name.strip()
        or name != name.strip()
        or name.startswith(".")
        or len(name) > MAX_NAME
        or _FORBIDDEN.search(name)
    ):
        raise Unprocessable(
            _("附件名称不可用"),
            hint=_("名称不含路径和特殊符号，不以点开头，不超过 {n} 个字", n=MAX_NAME),
        )
    return name


def kind_of(path: Path, name: str) -> FileKind:
    """The kind of this file; Unprocessable when it is not let in, or its name says another."""
    ending = name.rpartition(".")[2].lower()
    named = ENDINGS.get(ending)
    found = _by_content(path)
    if named is None or found is None:
        raise Unprocessable(
            _("不接受这种附件"), hint=_("可上传：{kinds}", kinds="、".join(k.value for k in FileKind))
        )
    if found is FileKind.TEXT and named is FileKind.CSV:
        return FileKind.CSV
    if found is not named:
        raise Unprocessable(
            _("附件内容是 {found}，与名称不符", found=found.value), hint=_("按真实类型改正名称后再上传")
        )
    return found


def _by_content(path: Path) -> FileKind | None:
    with path.open("rb") as file:
        head = file.read(8192)
    guessed = filetype.guess(head)
    extension = guessed.extension if guessed else None
    if extension in ("pdf", "jpg", "png"):
        return FileKind(extension)
    if zipfile.is_zipfile(path) and head.startswith(b"PK"):
        return _office(path)
    return FileKind.TEXT if guessed is None and _is_text(path) else None


def _office(path: Path) -> FileKind | None:
    """Word or Excel without macros, and no archive that unpacks to more than anybody wrote."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {entry.filename for entry in archive.infolist()}
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return None
    if unpacked > MAX_UNPACKED or any(n.lower().endswith("vbaproject.bin") for n in names):
        return None
    if "[Content_Types].xml" not in names:
        return None
    return next((kind for part, kind in _OFFICE.items() if part in names), None)


def _is_text(path: Path) -> bool:
    data = path.read_bytes()
    if b"\x00" in data:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
