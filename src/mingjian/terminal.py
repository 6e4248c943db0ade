"""The terminal: as wide as it is, and wide enough for tables where output goes to a file."""

from __future__ import annotations

import sys

from rich.console import Console

FILE_WIDTH = 150


def terminal() -> Console:
    """A console on standard output."""
    return Console(width=None if sys.stdout.isatty() else FILE_WIDTH)
