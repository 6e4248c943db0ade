"""Messages waiting to leave: written in the transaction of the change they tell of, sent by `notify`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update
from sqlalchemy.dialects.postgresql import insert

from mingjian.store.tables import outbox


@dataclass(frozen=True)
class Letter:
    """One message to be sent. Two letters with one key are the same letter: the second is dropped.

    `payload` fills the template's places; it holds plain values and no personal data.
    """

    idempotency_key: str
    recipient: str
    template: str
    payload: dict[str, Any] = field(default_factory=dict)
    channel: str = "file"


def enqueue(conn: Connection, letters: Sequence[Letter], at: datetime) -> int:
    """Put letters into the outbox in this transaction; returns how many were new."""
    if not letters:
        return 0
    rows = [{**vars(letter), "created_at": at} for letter in letters]
    statement = insert(outbox).on_conflict_do_nothing(index_elements=["idempotency_key"])
    return len(conn.execute(statement.returning(outbox.c.id), rows).all())


def claim_unsent(conn: Connection, after: int, limit: int, max_attempts: int) -> Sequence[RowMapping]:
    """Lock unsent messages with id above `after`, oldest first, passing over those another sender holds."""
    waiting = (
        select(outbox)
        .where(outbox.c.sent_at.is_(None), outbox.c.attempts < max_attempts, outbox.c.id > after)
        .order_by(outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return conn.execute(waiting).mappings().all()


def mark(conn: Connection, message_id: int, *, sent_at: datetime | None, error: str | None) -> None:
    """Record one attempt: sent, or failed with its error."""
    conn.execute(
        update(outbox)
        .where(outbox.c.id == message_id)
        .values(attempts=outbox.c.attempts + 1, sent_at=sent_at, last_error=error)
    )
