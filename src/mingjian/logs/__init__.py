"""Structured logs without personal data: a line says what happened, to which number, how long it took.

A line may only hold the fields of `fields.ALLOWED`, and a field only values of its shape; what else is handed over is
left out and counted. Strings are combed for identity numbers, phones, cards and secrets all the same. An error is
told by its class and the places it passed, never by its text: the text of a database error holds rows.
"""

from __future__ import annotations

from mingjian.logs.fields import dropped
from mingjian.logs.lines import Level, bound, logger, setup
from mingjian.logs.redact import holds_personal

__all__ = ["Level", "bound", "dropped", "holds_personal", "logger", "setup"]
