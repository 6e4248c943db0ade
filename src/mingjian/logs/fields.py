"""The only fields a log line may hold, each with the shape of its values."""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from datetime import date, datetime
from threading import Lock
from typing import Any

Shape = Callable[[Any], bool]

# Numbers of objects, names of sources, stages and routes: no blanks, no letters outside ASCII, so no name of a person.
_CODE = re.compile(r"[A-Za-z0-9_.:/{}*<>-]{1,120}", re.ASCII)


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _is_day(value: Any) -> bool:
    return isinstance(value, date | datetime)


def _are_codes(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) <= 40 and all(_is_code(v) for v in value)


def _are_counts(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_code(k) and _is_number(v) for k, v in value.items())


ALLOWED: dict[str, Shape] = {
    "time": _is_code,
    "level": _is_code,
    "event": _is_code,
    "warning_id": _is_code,
    "order_id": _is_code,
    "unit_id": _is_code,
    "model": _is_code,
    "stage": _is_code,
    "key": _is_code,
    "as_of": _is_day,
    "request_id": _is_code,
    "method": _is_code,
    "route": _is_code,
    "status": _is_number,
    "ms": _is_number,
    "seconds": _is_number,
    "role": _is_code,
    "count": _is_number,
    "counts": _are_counts,
    "reason": _is_code,
    "error": _is_code,
    "causes": _are_codes,
    "where": _are_codes,
    "logger": _is_code,
    "port": _is_number,
    "signal": _is_code,
    "dropped": _is_number,
}

_lock = Lock()
_dropped = 0


def dropped() -> int:
    """How many fields this process has left out of its lines so far."""
    return _dropped


def only_allowed(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    """A structlog processor: leaves out fields that are not listed or not of their shape, and says how many."""
    global _dropped
    given = {k: v for k, v in line.items() if v is not None}
    kept = {k: given[k] for k in ALLOWED if k in given and ALLOWED[k](given[k])}
    missing = len(given) - len(kept)
    if missing:
        with _lock:
            _dropped += missing
        kept["dropped"] = missing
    return kept
