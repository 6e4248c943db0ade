"""Parquet files: typed columns become the text a person would have written."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mingjian.domain.i18n import _
from mingjian.domain.source import Source
from mingjian.pull.part import Ask, Part, Reading
from mingjian.pull.readers.excel import as_text
from mingjian.pull.readers.files import Content, read_files, unreadable


def read_parquet(source: Source, ask: Ask) -> Reading:
    """Read Parquet files; row numbers count from 1, nested fields have dotted names."""
    return read_files(source, ask, _parse)


def _parse(source: Source, content: Content) -> Part:
    try:
        table = pq.read_table(pa.BufferReader(content.data)).flatten()
        columns = [text_column(column) for column in table.columns]
    except (pa.ArrowException, OSError) as error:
        why = _("不是完整的 Parquet 文件（{error}）", error=str(error).splitlines()[0][:80])
        raise unreadable(content.name, why) from None
    numbers = np.arange(1, table.num_rows + 1, dtype=np.int64)
    return Part(content.name, table.column_names, columns, numbers, (), content.number)


def text_column(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """Any Arrow column as strings; moments with a zone keep their offset."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return text_column(column.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        if kind.tz:
            column = column.cast(pa.timestamp("us", "UTC"))
            return pc.strftime(column, format="%Y-%m-%dT%H:%M:%S+00:00")
        return pc.strftime(column.cast(pa.timestamp("us"), safe=False), format="%Y-%m-%dT%H:%M:%S")
    if pa.types.is_string(kind):
        return column
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_date(kind):
        return column.cast(pa.string())
    if pa.types.is_large_string(kind) or pa.types.is_boolean(kind):
        return column.cast(pa.string())
    return pa.array([as_text(value) for value in column.to_pylist()], pa.string())
