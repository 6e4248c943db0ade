"""How one audit row is hashed: SM3 over its columns and the hash of the row before."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64
_SAY = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=str).encode
_SM3 = hashlib.new("sm3")  # copied for each row: looking the algorithm up costs as much as hashing one


def digest(row: Mapping[Any, Any]) -> str:
    """The hash of a row: 64 hex digits over every column but `hash`; `at` must know its time zone."""
    body = {**row, "at": row["at"].timestamp()}
    body.pop("hash", None)
    made = _SM3.copy()
    made.update(_SAY(body).encode())
    return made.hexdigest()


def as_stored(value: Any) -> Any:
    """A detail as jsonb gives it back, so that what is hashed is what is read later.

    Numbers without a fraction become integers (jsonb writes 1e16 as digits, and knows no -0.0), keys become text,
    and what JSON does not know becomes text. Raises ValueError for NaN and infinity, which jsonb cannot hold.
    """
    if isinstance(value, Mapping):
        return {str(key): as_stored(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_stored(inner) for inner in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"audit detail holds {value}")
        return int(value) if value.is_integer() else value
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
