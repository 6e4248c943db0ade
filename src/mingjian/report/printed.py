"""Reading back the audit anchor that a bulletin shows."""

from __future__ import annotations

import html
import re
from datetime import date
from pathlib import Path

from docx import Document
from docx.opc.exceptions import PackageNotFoundError

from mingjian.domain.audit import Anchor
from mingjian.domain.errors import MingjianError, NotFound
from mingjian.domain.i18n import _

MOST_BYTES = 20_000_000
_TAG = re.compile(r"<[^>]*>")
_ANCHOR = re.compile(
    r"(\d{4}-\d\d-\d\d)\D{1,40}([\d,]+)\D{1,40}([\d,]+)\D{1,40}?((?:[0-9a-f]{8}\s+){7}[0-9a-f]{8})"
)


class NoAnchor(MingjianError):
    """A file that shows no audit anchor, or cannot be read."""


def printed_anchor(path: Path) -> Anchor:
    """The anchor in a bulletin (HTML, Word or text); raises NotFound without the file, NoAnchor without an anchor."""
    if not path.is_file():
        raise NotFound(_("没有文件 {path}", path=path), hint=_("给出简报文件，或印出的 64 位哈希"))
    found = _ANCHOR.search(_text_of(path))
    if found is None:
        raise NoAnchor(_("{path} 中没有审计锚", path=path), hint=_("给出 mingjian bulletin 写出的文件"))
    day, rows, last, groups = found.groups()
    count, last_id = (int(number.replace(",", "")) for number in (rows, last))
    return Anchor(date.fromisoformat(day), last_id, count, "".join(groups.split()))


def _text_of(path: Path) -> str:
    if path.stat().st_size > MOST_BYTES:
        raise NoAnchor(_("{path} 太大，不像简报", path=path), hint=_("给出 mingjian bulletin 写出的文件"))
    try:
        if path.suffix.lower() != ".docx":
            return html.unescape(_TAG.sub(" ", path.read_text(encoding="utf-8")))
        document = Document(str(path))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise NoAnchor(_("{path} 读不出文字", path=path), hint=_("给出 HTML、Word 或文本文件")) from error
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(p.text for p in document.paragraphs), *cells])
