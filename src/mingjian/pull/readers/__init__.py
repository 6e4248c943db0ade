"""One reader a kind of source; a new kind is one module and one line here."""

from __future__ import annotations

from mingjian.domain.source import SourceKind
from mingjian.pull.part import Reader
from mingjian.pull.readers.delimited import read_csv
from mingjian.pull.readers.excel import read_excel
from mingjian.pull.readers.http_json import read_http_json
from mingjian.pull.readers.open311 import read_open311
from mingjian.pull.readers.parquet import read_parquet
from mingjian.pull.readers.sql import read_sql

READERS: dict[SourceKind, Reader] = {
    SourceKind.CSV: read_csv,
    SourceKind.EXCEL: read_excel,
    SourceKind.PARQUET: read_parquet,
    SourceKind.SQL: read_sql,
    SourceKind.HTTP_JSON: read_http_json,
    SourceKind.OPEN311: read_open311,
}
