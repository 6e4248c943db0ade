"""Transactions that are run again when the server went away: only for work that may be done twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

T = TypeVar("T")

PATIENCE_S = 30.0  # a server that restarts, or a standby that takes over, is back within it
# serialisation failure, deadlock, shutdown by an administrator, crash of another backend, still starting up
_PASSING = frozenset({"40001", "40P01", "57P01", "57P02", "57P03"})
_CONNECTION_CLASS = "08"


def in_transaction(engine: Engine, work: Callable[[Connection], T], *, patience_s: float = PATIENCE_S) -> T:
    """Run `work` in a transaction of its own and return its answer; run it again, whole, on a passing failure.

    A connection that breaks during the commit does not say whether the commit happened. So `work` must find out
    for itself what is left to do, as work on claimed rows does. Other errors, and a failure that lasts longer
    than `patience_s` seconds, are raised as they are.
    """
    tries = Retrying(
        retry=retry_if_exception(passing),
        wait=wait_random_exponential(multiplier=0.1, max=2),
        stop=stop_after_delay(patience_s),
        reraise=True,
    )
    return tries(_once, engine, work)


def passing(error: BaseException) -> bool:
    """Whether a database error is one that the same work may not meet again."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # the server said nothing: it was not there, or went away
        return error.connection_invalidated or type(error.orig).__name__ == "OperationalError"
    return state in _PASSING or state.startswith(_CONNECTION_CLASS)


def _once(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.begin() as conn:
        return work(conn)
