"""Statements made of pieces of a model file, so that an engine's error is told at the file's own line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from mingjian.content import yamlfile
from mingjian.detect.engine import SqlFailed
from mingjian.detect.sql import bind
from mingjian.domain.errors import RuleError

T = TypeVar("T")
Loc = tuple[int | str, ...]
Piece = tuple[str, Loc]  # SQL, and where in the model file it stands (empty: the SQL is ours)


def run(action: Callable[[str], T], *pieces: Piece) -> T:
    """Give the pieces, one below the other, to the engine; its failure gets the place of the piece at fault."""
    try:
        return action("\n".join(text for text, _loc in pieces))
    except SqlFailed as error:
        error.loc, error.line = _place(pieces, error.line)
        raise


def bound(sql: str, values: dict[str, Any], *loc: int | str) -> Piece:
    """A piece with its parameters filled in; an undefined one is told at its place."""
    with standing_at(*loc):
        return bind(sql, values), loc


@contextmanager
def standing_at(*loc: int | str) -> Iterator[None]:
    """A failure inside that has no place yet gets this one."""
    try:
        yield
    except RuleError as error:
        error.loc = error.loc or loc
        raise


def told(path: Path, error: RuleError) -> str:
    """The error as `path:line: message`, the line being that of the SQL or key at fault."""
    text = path.read_text(encoding="utf-8")
    return f"{path}:{yamlfile.line_within(text, error.loc, error.line)}: {error}"


def _place(pieces: tuple[Piece, ...], line: int | None) -> tuple[Loc, int | None]:
    """The piece a line of the statement is in, and which line of that piece; the first one when it is unsure."""
    above = 0
    for text, loc in pieces:
        height = text.count("\n") + 1
        if line is not None and loc and above < line <= above + height:
            return loc, line - above
        above += height
    return next((loc for _text, loc in pieces if loc), ()), None
