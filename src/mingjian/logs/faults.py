"""An error as a log may tell it: its class, its causes' classes, and the places it passed."""

from __future__ import annotations

import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

MOST_PLACES = 12


def told(_logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: `exc_info` (an error, or True for the present one) becomes error, causes, where."""
    asked = line.pop("exc_info", method == "exception")
    error = asked if isinstance(asked, BaseException) else sys.exc_info()[1] if asked else None
    if error is not None:
        line["error"] = _class_of(error)
        line["causes"] = _causes(error)
        line["where"] = places(error.__traceback__)
    return line


def places(trace: TracebackType | None) -> list[str]:
    """`file:line` from the outermost call to the innermost, the last MOST_PLACES of them; no values."""
    frames = [(frame.f_code.co_filename, number) for frame, number in traceback.walk_tb(trace)]
    return [f"{_short(name)}:{number}" for name, number in frames[-MOST_PLACES:]]


def _class_of(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _causes(error: BaseException) -> list[str]:
    found: list[str] = []
    seen = {id(error)}
    cause = error.__cause__ or error.__context__
    while cause is not None and id(cause) not in seen and len(found) < 5:
        seen.add(id(cause))
        found.append(_class_of(cause))
        cause = cause.__cause__ or cause.__context__
    return found


def _short(name: str) -> str:
    """The file below its package folder: the rest says how the machine is set up."""
    parts = name.replace("\\", "/").split("/")
    for folder in ("site-packages", "src"):
        if folder in parts:
            return "/".join(parts[parts.index(folder) + 1 :])
    return "/".join(parts[-2:])
