"""Errors that say what went wrong, where, and what to do next."""

from __future__ import annotations


class MingjianError(Exception):
    """Base of every error a user may see.

    `message` says what is wrong and where; `hint` says what to do next. Both are already in the reader's language.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  → {self.hint}" if self.hint else self.message


class ContentError(MingjianError):
    """A content file breaks its schema or a law; the message starts with path:line."""


class SourceError(MingjianError):
    """A source as a whole cannot be read; the pull fails and changes nothing."""


class GateError(MingjianError):
    """The gate itself failed (not the data): a broken expectation, a missing table."""


class RuleError(MingjianError):
    """A rule's SQL failed or passed its time or memory limit.

    `loc` is the key of the model file that is at fault, `line` the line within that key's text, where known.
    """

    loc: tuple[int | str, ...] = ()
    line: int | None = None


class TransitionError(MingjianError):
    """A step that the state table does not allow, or whose guard said no."""


class StaleVersion(MingjianError):
    """Somebody changed the matter after it was read; `current` is the version it has now."""

    def __init__(self, message: str, *, hint: str = "", current: int) -> None:
        super().__init__(message, hint=hint)
        self.current = current


class NotFound(MingjianError):
    """No such warning, order, rule or file."""
