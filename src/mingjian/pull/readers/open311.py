"""Open311 GeoReport v2: service requests, page by page, from the watermark on."""

from __future__ import annotations

from mingjian.domain.source import Source
from mingjian.pull.part import Ask, Reading
from mingjian.pull.readers.http_json import moment_text, read_pages
from mingjian.pull.settings import expand, needed

UPDATED = "updated_datetime"


def read_open311(source: Source, ask: Ask) -> Reading:
    """`GET {url}/requests.json`; an increment adds `updated_after` or, following requests, `start_date`."""
    base = expand(needed(source.where.url, "url", source), source, ask.sources_dir).rstrip("/")
    params = {
        name: expand(str(value), source, ask.sources_dir) for name, value in source.where.params.items()
    }
    if ask.since:
        params["updated_after" if _follows(source, UPDATED) else "start_date"] = moment_text(ask.since)
    return read_pages(source, f"{base}/requests.json", params)


def _follows(source: Source, foreign: str) -> bool:
    column = source.columns.get(source.watermark or "")
    names = column.from_ if column else None
    return foreign == names or (isinstance(names, list) and foreign in names)
