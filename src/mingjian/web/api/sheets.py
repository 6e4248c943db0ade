"""Tables for a spreadsheet: every cell is data, and every sheet says who took it out, when and what for."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook

from mingjian.domain.i18n import _

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class Sheet:
    """Headings and rows, the watermark, and the closing line that says whether rows were cut off."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    watermark: str
    closing: str


def safe_cell(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = _UNWRITABLE.sub("", str(value))
    # Normalised, because some spreadsheets also take a full-width sign for the beginning of a formula.
    first = unicodedata.normalize("NFKC", text[:1])
    return f"'{text}" if first.startswith(_STARTS_FORMULA) else text


def as_csv(sheet: Sheet) -> bytes:
    """UTF-8 with a byte order mark, as spreadsheets in Chinese offices expect; watermark first and last."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe_cell(sheet.watermark)])
    writer.writerow([safe_cell(h) for h in sheet.headings])
    writer.writerows([[safe_cell(v) for v in row] for row in sheet.rows])
    writer.writerow([safe_cell(sheet.closing)])
    writer.writerow([safe_cell(sheet.watermark)])
    return out.getvalue().encode("utf-8-sig")


def as_excel(sheet: Sheet) -> bytes:
    """A workbook with the watermark in its first line and on every printed page."""
    book = Workbook()
    page = book.active
    assert page is not None  # noqa: S101 - a new workbook has one sheet
    page.title = _("预警")
    lines = [[sheet.watermark], sheet.headings, *sheet.rows, [sheet.closing]]
    for line in lines:
        page.append([safe_cell(v) for v in line])
    page.freeze_panes = "A3"
    marked = sheet.watermark.replace("&", "&&")[
        :200
    ]  # & begins a code in headers; Excel takes 255 characters
    for edge in (page.oddHeader, page.oddFooter):
        if edge is not None:
            edge.center.text = marked
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
