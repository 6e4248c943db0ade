"""How a line is made and where it goes: JSON to standard error, a readable form on a terminal."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars

from mingjian.logs import faults, fields, redact

VARIABLE = "MINGJIAN_LOG"


class Level(StrEnum):
    """The least that is written; `off` writes nothing."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    OFF = "off"

    @property
    def rank(self) -> int:
        """The level as the `logging` package counts it."""
        return logging.CRITICAL + 1 if self is Level.OFF else logging.getLevelNamesMapping()[self.upper()]


_default = Level.WARNING  # commands speak to a person; `setup` lets servers say more


def setup(default: Level = Level.INFO) -> None:
    """Make this process a server in its logs: from `default` up, and other libraries' lines through the same sieve.

    MINGJIAN_LOG goes before `default`.
    """
    global _default
    _default = default
    root = logging.getLogger()
    if not any(isinstance(handler, _Libraries) for handler in root.handlers):
        root.addHandler(_Libraries())


def logger() -> Any:
    """A structlog logger of ours; `logger().info("stage_done", stage=…, seconds=…)`.

    It is put together here and not by structlog's global settings, which belong to Airflow where Airflow runs.
    """
    return _LOGGER


@contextmanager
def bound(**values: Any) -> Iterator[None]:
    """Fields of every line written within, in this thread or task."""
    with bound_contextvars(**values):
        yield


def least() -> Level:
    """The level in force: MINGJIAN_LOG, else the process's default; an unknown word counts as the default."""
    said = os.environ.get(VARIABLE, "").strip().lower()
    return Level(said) if said in set(Level) else _default


class _Stderr:
    """Writes whole lines to what standard error is at that moment."""

    def msg(self, line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    debug = info = warning = error = exception = msg


class _Libraries(logging.Handler):
    """Lines of other libraries: logger, place and error class, but no text, for that may hold anything."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if record.name.startswith("uvicorn.access") or (record.name == "uvicorn.error" and error):
            return  # the request's own line has told it
        level = Level.DEBUG if record.levelno < logging.INFO else Level(_word(record.levelno))
        said: dict[str, Any] = {"logger": record.name, "exc_info": error}
        if error is None:
            said["where"] = [f"{record.module}:{record.lineno}"]
        getattr(_LOGGER, level.value)("library", **said)


def _word(number: int) -> str:
    return "error" if number >= logging.ERROR else "warning" if number >= logging.WARNING else "info"


def _enough(_logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    level = "error" if method == "exception" else method
    if logging.getLevelNamesMapping()[level.upper()] < least().rank:
        raise structlog.DropEvent
    line["level"] = level
    return line


def _written(_logger: Any, method: str, line: MutableMapping[str, Any]) -> str:
    form = _ON_TERMINAL if sys.stderr.isatty() else _AS_JSON
    return str(form(_logger, method, line))


_AS_JSON = structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
_ON_TERMINAL = structlog.dev.ConsoleRenderer(timestamp_key="time", sort_keys=False)
_LOGGER = structlog.wrap_logger(
    _Stderr(),
    processors=[
        _enough,
        merge_contextvars,
        faults.told,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        fields.only_allowed,
        redact.combed,
        _written,
    ],
    wrapper_class=structlog.BoundLogger,
    context_class=dict,
    cache_logger_on_first_use=True,
)
