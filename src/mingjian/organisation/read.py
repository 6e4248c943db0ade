"""Reading a register from CSV or Excel: every cell as text, each row with its number in the file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from mingjian.domain.errors import SourceError
from mingjian.domain.i18n import _
from mingjian.organisation.headers import LAYOUTS, Layout, Roll, is_personal, recognised

EXCEL = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
MAX_BYTES = 200 * 1024 * 1024
MAX_ROWS = 1_000_000
HEADER_WITHIN = 10  # a title and notes may stand above the headers
UNREADABLE = "\ufffd"
ROW = "row"
CELLS = "cells"


@dataclass(frozen=True)
class Sheet:
    """A register as read: `frame` has our columns as text ("" for empty), ROW (1-based row in the file) and CELLS.

    CELLS is True where a row has more cells than there are headers. `unused` are headers that mean nothing here,
    `withheld` those of personal data that is not stored.
    """

    file: str
    frame: pd.DataFrame
    unused: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    columns: tuple[str, ...] = field(default=())


def read_sheet(path: Path, roll: Roll) -> Sheet:
    """The register of this kind in a CSV, or in a workbook's sheet of that name, else its first sheet.

    Raises SourceError when the file as a whole cannot be used: absent, too big, not readable, no header row.
    """
    layout = LAYOUTS[roll]
    _check_file(path)
    if path.suffix.lower() not in EXCEL:
        return _sheet(path, layout, _csv_rows(path, layout))
    book = _book(path)
    return _sheet(path, layout, _excel_rows(path, book, _named(book, layout) or book.sheet_names[0]))


def second_sheet(path: Path, roll: Roll) -> Sheet | None:
    """The register of this kind when the file is a workbook with a sheet named after it; raises as `read_sheet`."""
    if path.suffix.lower() not in EXCEL:
        return None
    layout, book = LAYOUTS[roll], _book(path)
    name = _named(book, layout)
    return _sheet(path, layout, _excel_rows(path, book, name)) if name else None


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise SourceError(_("没有文件 {path}", path=path), hint=_("请核对路径"))
    if path.stat().st_size > MAX_BYTES:
        raise SourceError(
            _("{file} 超过 {n} MB", file=path.name, n=MAX_BYTES // 1024**2), hint=_("分成几个文件，逐个导入")
        )


def _csv_rows(path: Path, layout: Layout) -> list[list[str]]:
    """Rows of a CSV; a row that runs over several lines is followed by empty ones, so that numbers stay lines."""
    said = _decode(path.read_bytes(), layout)
    reader = csv.reader(io.StringIO(said, newline=""), delimiter=_delimiter(said), strict=True)
    rows: list[list[str]] = []
    try:
        for cells in reader:
            rows.append(cells)
            rows.extend([] for _line in range(reader.line_num - len(rows)))
    except csv.Error as error:
        raise SourceError(
            _("{file} 第 {row} 行起引号不成对", file=path.name, row=len(rows) + 1),
            hint=_("补上或删去多余的双引号，或另存为 Excel 再导入"),
        ) from error
    return rows


def _decode(raw: bytes, layout: Layout) -> str:
    """UTF-8 (with or without mark), UTF-16 with its mark, or GB 18030; what cannot be read becomes U+FFFD."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace")
    utf8 = raw.decode("utf-8-sig", errors="replace")
    broken = utf8.count(UNREADABLE)
    if not broken:
        return utf8
    gb = raw.decode("gb18030", errors="replace")
    heads = [recognised(layout, _first_cells(text)) for text in (utf8, gb)]
    if heads[0] != heads[1]:
        return utf8 if heads[0] > heads[1] else gb
    return utf8 if broken * 10 <= sum(not c.isascii() for c in utf8) else gb


def _first_cells(text: str) -> list[str]:
    head = "\n".join(text.splitlines()[:HEADER_WITHIN])
    for mark in '\t;,"':
        head = head.replace(mark, "\n")
    return head.split("\n")


def _delimiter(text: str) -> str:
    head = "\n".join(text[:20_000].splitlines()[:HEADER_WITHIN])
    return Counter(c for c in head if c in ",;\t").most_common(1)[0][0] if set(head) & set(",;\t") else ","


def _book(path: Path) -> CalamineWorkbook:
    try:
        book = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError) as error:
        raise _unreadable(path) from error
    if not book.sheet_names:
        raise _unreadable(path)
    return book


def _named(book: CalamineWorkbook, layout: Layout) -> str | None:
    return next((name for name in book.sheet_names if name.strip().lower() in layout.sheets), None)


def _excel_rows(path: Path, book: CalamineWorkbook, name: str) -> list[list[str]]:
    try:
        cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise _unreadable(path) from error
    return [[_text(cell) for cell in row] for row in cells]


def _unreadable(path: Path) -> SourceError:
    return SourceError(
        _("读不了 Excel 文件 {file}", file=path.name), hint=_("用 Excel 打开后另存为 .xlsx，再导入")
    )


def _text(cell: Any) -> str:
    """A cell as a person would type it: whole numbers without a point, days as 2026-03-02.

    A number too long for Excel to hold exactly keeps its exponent, which no code of ours accepts.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:e}"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _sheet(path: Path, layout: Layout, rows: list[list[str]]) -> Sheet:
    head = _header_row(path, layout, rows)
    headers = [cell.strip() for cell in rows[head]]
    places: dict[str, int] = {}
    unused: list[str] = []
    withheld: list[str] = []
    for place, header in enumerate(headers):
        column = layout.column_of(header)
        if column is not None and column not in places:
            places[column] = place
        elif header:
            (withheld if is_personal(header) else unused).append(header)
    body = [(n, row) for n, row in _numbered(rows, head) if any(cell.strip() for cell in row)]
    if len(body) > MAX_ROWS:
        raise SourceError(
            _("{file} 超过 {n} 行", file=path.name, n=MAX_ROWS), hint=_("分成几个文件，逐个导入")
        )
    width = len(headers)
    data: dict[str, Any] = {
        column: [row[place].strip() if place < len(row) else "" for _n, row in body]
        for column, place in places.items()
    }
    frame = pd.DataFrame(data, columns=list(places), dtype="str")
    frame[ROW] = np.array([n for n, _row in body], dtype=np.int64)
    frame[CELLS] = np.array([any(cell.strip() for cell in row[width:]) for _n, row in body], dtype=bool)
    return Sheet(path.name, frame, tuple(unused), tuple(withheld), tuple(places))


def _numbered(rows: Sequence[list[str]], head: int) -> Iterator[tuple[int, list[str]]]:
    return ((n, row) for n, row in enumerate(rows[head + 1 :], start=head + 2))


def _header_row(path: Path, layout: Layout, rows: Sequence[list[str]]) -> int:
    """The first of the top rows that has every required header; SourceError says which are missing."""
    best: set[str] = set()
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        found = {c for c in (layout.column_of(cell) for cell in row) if c}
        if found >= set(layout.required):
            return place
        best = max(best, found, key=len)
    missing = [c for c in layout.required if c not in best]
    said = _("、").join(f"{(layout.columns[c])[0]} ({c})" for c in missing)
    raise SourceError(
        _("{file} 缺少列：{columns}", file=path.name, columns=said),
        hint=_("表头可用中文或英文，写法见 docs/organisation.md"),
    )
