"""JSON records as text columns: only the fields the source names, dotted paths reach inside."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from mingjian.domain.source import Source
from mingjian.pull.part import Part, Rejected

_ABSENT = object()


def records_part(source: Source, file: str, items: list[Any]) -> Part:
    """A part from the items of all pages, numbered from 1; those that are no object are rejected."""
    good = [i for i, item in enumerate(items) if isinstance(item, dict)]
    rejected = [
        Rejected(i + 1, "not_an_object") for i, item in enumerate(items) if not isinstance(item, dict)
    ]
    headers, columns = [], []
    for name in _named(source):
        cells = [dig(items[i], name) for i in good]
        if any(cell is not _ABSENT for cell in cells):
            headers.append(name)
            columns.append(pa.array([_text(cell) for cell in cells], pa.string()))
    others = dict.fromkeys(str(key) for i in good for key in items[i])
    unused = [name for name in others if name not in headers]
    nothing = pa.nulls(len(good), pa.string())
    numbers = np.asarray(good, dtype=np.int64) + 1
    return Part(file, headers + unused, columns + [nothing] * len(unused), numbers, rejected)


def dig(item: Any, path: str) -> Any:
    """The value under a dotted path (`attributes.topic`, `photos.0`), a marker when there is none."""
    if isinstance(item, dict) and path in item:
        return item[path]
    for step in path.split("."):
        if isinstance(item, dict) and step in item:
            item = item[step]
        elif isinstance(item, list) and step.isdigit() and int(step) < len(item):
            item = item[int(step)]
        else:
            return _ABSENT
    return item


def is_absent(value: Any) -> bool:
    """True for what `dig` answers when there is nothing under the path."""
    return value is _ABSENT


def _named(source: Source) -> list[str]:
    names: dict[str, None] = {}
    for column in source.columns.values():
        wanted = [column.from_] if isinstance(column.from_, str) else column.from_ or []
        names.update(dict.fromkeys(wanted))
    return list(names)


def _text(value: Any) -> str | None:
    if value is None or value is _ABSENT:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
