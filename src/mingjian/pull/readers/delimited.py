"""CSV and its relatives: any of four delimiters, UTF-8 or GB18030, quoted fields with line breaks."""

from __future__ import annotations

import csv
import io
import itertools

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from mingjian.domain.i18n import _
from mingjian.domain.source import Source
from mingjian.pull.headers import join_headers
from mingjian.pull.part import Ask, Part, Reading, Rejected
from mingjian.pull.readers.encoding import decode
from mingjian.pull.readers.files import Content, read_files, unreadable
from mingjian.pull.readers.quotes import mend_quotes

DELIMITERS = ",;\t|"
MOST_LINES = 50  # in one honest cell
FEWEST_DELIMITERS = 4  # a cell of prose may well have three commas


def read_csv(source: Source, ask: Ask) -> Reading:
    """Read delimited text files; row numbers count records, the header included."""
    return read_files(source, ask, _parse)


def _parse(source: Source, content: Content) -> Part:
    where = source.where
    text = decode(content, where.encoding)
    if not text.strip("\ufeff \r\n\t"):
        raise unreadable(content.name, _("文件里没有内容"))
    top = where.skip_rows + where.header_rows
    delimiter = where.delimiter or _sniff(text, where.skip_rows)
    first = list(itertools.islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), top))
    headers = join_headers(first[where.skip_rows :])
    if not headers:
        raise unreadable(content.name, _("找不到表头"), _("核对数据源文件中的 skip_rows 与 header_rows"))
    table, rejected = _split(content.name, text, delimiter, len(headers))
    return _part(content, headers, table, rejected, top)


def _sniff(text: str, skip: int) -> str:
    """The delimiter that occurs most often in the header line."""
    lines = text.splitlines()[skip : skip + 1] if skip < 100 else []
    line = lines[0] if lines else ""
    best = max(DELIMITERS, key=line.count)
    return best if best in line else ","


def _split(name: str, text: str, delimiter: str, width: int) -> tuple[pa.Table, list[Rejected]]:
    """All records with `width` fields, the header rows among them, and the numbers of all others."""
    table, rejected = _records(name, text, delimiter, width)
    if not _swallowed(text, delimiter, table, rejected):
        return table, rejected
    mended, unpaired = mend_quotes(text, delimiter, width)
    table, rejected = _records(name, mended, delimiter, width)
    named = {True: "unclosed_quote", False: "ragged_row"}
    return table, [Rejected(row.row_no, named[row.row_no in unpaired]) for row in rejected]


def _records(name: str, text: str, delimiter: str, width: int) -> tuple[pa.Table, list[Rejected]]:
    """All records with `width` fields, the header rows among them, and the numbers of all others."""
    rejected: list[Rejected] = []

    def reject(row: arrow_csv.InvalidRow) -> str:
        rejected.append(Rejected(row.number, "unclosed_quote" if "\n" in row.text else "ragged_row"))
        return "skip"

    data = text.encode()
    names = [f"c{i}" for i in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            # One thread: only then does an invalid row know its number.
            read_options=arrow_csv.ReadOptions(
                use_threads=False, column_names=names, block_size=len(data) + 1
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=reject,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise unreadable(name, str(error).splitlines()[0]) from None
    return table, rejected


def _swallowed(text: str, delimiter: str, table: pa.Table, rejected: list[Rejected]) -> bool:
    """True when an unpaired quote seems to have swallowed the lines after it."""
    if '"' not in text:
        return False
    if any(row.value_class == "unclosed_quote" for row in rejected):
        return True
    broken = [c.filter(pc.match_substring(c, "\n")) for c in table.columns]
    cells = pa.chunked_array([chunk for c in broken for chunk in c.chunks], pa.string())
    if not len(cells):
        return False
    # Two stray quotes enclose the rest of one row and the beginning of another: a row's worth of delimiters.
    rows_worth = max(table.num_columns - 1, FEWEST_DELIMITERS)
    return text.count('"') % 2 == 1 or bool(
        pc.max(pc.count_substring(cells, "\n")).as_py() > MOST_LINES
        or pc.max(pc.count_substring(cells, delimiter)).as_py() >= rows_worth
    )


def _part(content: Content, headers: list[str], table: pa.Table, rejected: list[Rejected], top: int) -> Part:
    total = table.num_rows + len(rejected)
    valid = np.ones(total, dtype=bool)
    valid[[r.row_no - 1 for r in rejected]] = False
    numbers = np.flatnonzero(valid) + 1
    empty = pa.array(np.ones(table.num_rows, dtype=bool))
    for column in table.columns:
        empty = pc.and_(empty, pc.equal(pc.utf8_trim_whitespace(column), ""))
    keep = (numbers > top) & ~np.asarray(empty)
    below = tuple(r for r in rejected if r.row_no > top)
    columns = table.filter(pa.array(keep)).columns
    return Part(content.name, headers, columns, numbers[keep], below, content.number)
