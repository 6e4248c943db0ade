"""Files as foreign systems write them; the same content always gives the same bytes."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

EPOCH = (2020, 1, 1, 0, 0, 0)
CREATED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def write_csv(path: Path, frame: pd.DataFrame, encoding: str = "gb18030") -> int:
    """Write all columns as they are; returns the number of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    table = pa.table({name: _arrow_text(frame[name]) for name in frame.columns})
    pa_csv.write_csv(table, buffer, pa_csv.WriteOptions(quoting_style="needed"))
    path.write_bytes(buffer.getvalue().decode().encode(encoding))
    return len(frame)


def _arrow_text(column: pd.Series) -> pa.Array:
    """A column as text; missing values become empty cells."""
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.dt.strftime("%Y-%m-%d")
    if isinstance(column.dtype, pd.StringDtype):
        return pa.array(column.fillna(""), pa.string())
    values = column.astype(object).where(column.notna(), "")
    return pa.array([v if isinstance(v, str) else str(v) for v in values], pa.string())


def write_excel(path: Path, title: str, groups: list[tuple[str, int]], frame: pd.DataFrame) -> int:
    """A sheet with a title row, a merged group row over the column names, and the rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("导出")
    sheet.append([title])
    sheet.append([cell for name, width in groups for cell in [name] + [None] * (width - 1)])
    sheet.append(list(frame.columns))
    for row in frame.astype(object).where(frame.notna(), None).to_numpy().tolist():
        sheet.append([_plain(cell) for cell in row])
    _merge(sheet, groups, len(frame.columns))
    raw = io.BytesIO()
    book.save(raw)
    _freeze(raw, path)
    return len(frame)


def _plain(cell: object) -> object:
    return cell.to_pydatetime() if isinstance(cell, pd.Timestamp) else cell


def _merge(sheet: Worksheet, groups: list[tuple[str, int]], width: int) -> None:
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    column = 1
    for name, size in groups:
        if size > 1 and name:
            sheet.merge_cells(start_row=2, start_column=column, end_row=2, end_column=column + size - 1)
        column += size
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A1"].alignment = Alignment(horizontal="center")


def _freeze(raw: io.BytesIO, path: Path) -> None:
    """Copy a workbook with fixed times: a spreadsheet otherwise carries the moment of writing."""
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            body = old.read(entry)
            if entry.filename == "docProps/core.xml":
                body = CREATED.sub(b"2020-01-01T00:00:00Z", body)
            info = zipfile.ZipInfo(entry.filename, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, body)


def write_sqlite(path: Path, tables: dict[str, pd.DataFrame], *, fresh: bool = True) -> int:
    """These tables in a new SQLite database, or added to one; returns the number of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if fresh:
        path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    for name, frame in tables.items():
        columns = ", ".join(f'"{c}"' for c in frame.columns)
        connection.execute(f'CREATE TABLE "{name}" ({columns})')
        marks = ", ".join("?" * len(frame.columns))
        rows = zip(*(_sql_values(frame[c]) for c in frame.columns), strict=True)
        connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)
    connection.commit()
    connection.close()
    return sum(len(frame) for frame in tables.values())


def _sql_values(column: pd.Series) -> list:
    """Python values for SQLite: dates as ISO texts, missing as NULL."""
    if pd.api.types.is_datetime64_any_dtype(column):
        whole = (column.dropna() == column.dropna().dt.normalize()).all()
        column = column.dt.strftime("%Y-%m-%d" if whole else "%Y-%m-%d %H:%M:%S")
    missing = column.isna().to_numpy()
    values = column.astype(object).to_numpy().copy()
    values[missing] = None
    return [v.item() if isinstance(v, np.generic) else v for v in values]


def write_parquet(path: Path, frame: pd.DataFrame) -> int:
    """Parquet as a bank delivers it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False)
    return len(frame)
