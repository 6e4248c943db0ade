"""The manifest's type names as Arrow types."""

from __future__ import annotations

import re

import pyarrow as pa

from mingjian.domain.errors import ContentError
from mingjian.domain.i18n import _

_SIMPLE = {
    "text": pa.string(),
    "integer": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "boolean": pa.bool_(),
}
_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")


def arrow_type(name: str) -> pa.DataType:
    """`decimal(14,2)` is decimal128(14, 2), `timestamp` naive microseconds; ContentError if unknown."""
    if name in _SIMPLE:
        return _SIMPLE[name]
    match = _DECIMAL.fullmatch(name)
    if not match:
        raise ContentError(
            _("列类型 {type} 不认识", type=name),
            hint=_("可用：{types}", types=" ".join([*_SIMPLE, "decimal(p,s)"])),
        )
    return pa.decimal128(int(match[1]), int(match[2]))
