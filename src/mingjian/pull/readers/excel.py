"""Excel workbooks (xlsx, xlsm, xlsb, xls, ods): title rows, merged header rows, cached formula results."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from mingjian.domain.i18n import _
from mingjian.domain.source import Source
from mingjian.pull.headers import join_headers
from mingjian.pull.part import Ask, Part, Reading, grid_part
from mingjian.pull.readers.excel_formulas import failed_cells
from mingjian.pull.readers.files import Content, read_files, unreadable

EXACT_FLOAT = 2**53


def read_excel(source: Source, ask: Ask) -> Reading:
    """Read one sheet of each workbook; row numbers are those Excel shows."""
    return read_files(source, ask, _parse)


def _parse(source: Source, content: Content) -> Part:
    where = source.where
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content.data))
        sheet = _sheet(book, where.sheet, content)
        grid = sheet.to_python(skip_empty_area=False)
    # A damaged workbook may also make the parser panic, which is not an Exception.
    except (CalamineError, OSError, ValueError) as error:
        raise unreadable(content.name, _("不是完整的 Excel 文件（{error}）", error=str(error)[:80])) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise unreadable(content.name, _("不是完整的 Excel 文件（{error}）", error=str(error)[:80])) from None
    rows = [[as_text(cell) for cell in row] for row in grid]
    for (row, column), shown in failed_cells(content.data, book.sheet_names.index(sheet.name)).items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = shown
    top = where.skip_rows + where.header_rows
    headers = join_headers(rows[where.skip_rows : top])
    if not any(headers):
        raise unreadable(
            content.name,
            _("工作表“{sheet}”中找不到表头", sheet=sheet.name),
            _("核对数据源文件中的 sheet、skip_rows 与 header_rows"),
        )
    return grid_part(content.name, headers, rows[top:], range(top + 1, len(rows) + 1), content.number)


def _sheet(book: CalamineWorkbook, wanted: str | int | None, content: Content) -> CalamineSheet:
    names = book.sheet_names
    if isinstance(wanted, str) and wanted in names:
        return book.get_sheet_by_name(wanted)
    at = 0 if wanted is None else wanted
    if isinstance(at, int) and 0 <= at < len(names):
        return book.get_sheet_by_index(at)
    raise unreadable(
        content.name,
        _("没有工作表“{sheet}”；现有：{names}", sheet=wanted, names="、".join(names)),
        _("改正数据源文件中的 where.sheet"),
    )


def as_text(cell: Any) -> str | None:
    """A typed cell as the text a person would have written; a float that lost digits stays in its e+ form."""
    if cell is None or isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT_FLOAT else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return str(cell)
