"""Delivery of the outbox: every message at least once, each attempt recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial

from sqlalchemy import Connection, Engine, RowMapping

from mingjian.domain.clock import Clock
from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.notify.channels import Channel, Message, default_channels
from mingjian.notify.messages import render
from mingjian.run import Run
from mingjian.store import outbox
from mingjian.store.outbox import Letter, enqueue
from mingjian.store.retry import in_transaction

__all__ = ["Letter", "deliver", "enqueue", "notify"]

BATCH = 100
MAX_ATTEMPTS = 10


def notify(run: Run, _key: str) -> dict[str, int]:
    """The notify stage: deliver what waits, by the city's own channels."""
    return deliver(run.engine, run.clock, default_channels(run.home))


def deliver(engine: Engine, clock: Clock, channels: Mapping[str, Channel]) -> dict[str, int]:
    """Try every waiting message once; returns {"sent", "failed"}.

    Batches are locked and passed over by other senders. A crash between sending and recording sends a message
    again, under the same key. After MAX_ATTEMPTS a message stays in the outbox with its last error.
    """
    counts: Counter[str] = Counter(sent=0, failed=0)
    after = 0
    while True:
        batch = partial(_batch, clock=clock, channels=channels, after=after)
        last, outcomes = in_transaction(engine, batch)
        if last is None:
            return dict(counts)
        after = last
        counts.update(outcomes)


def _batch(
    conn: Connection, clock: Clock, channels: Mapping[str, Channel], after: int
) -> tuple[int | None, list[str]]:
    """Try the next messages behind `after`; the last one's id (None: no more are waiting) and how each ended."""
    waiting = outbox.claim_unsent(conn, after, BATCH, MAX_ATTEMPTS)
    outcomes = ["sent" if _send(conn, clock, row, channels) else "failed" for row in waiting]
    return (waiting[-1]["id"] if waiting else None), outcomes


def _send(conn: Connection, clock: Clock, row: RowMapping, channels: Mapping[str, Channel]) -> bool:
    """One attempt; a failure of any kind is that message's alone and must not hold up the others."""
    try:
        _channel(row["channel"], channels).send(_message(row))
    except Exception as error:
        outbox.mark(conn, row["id"], sent_at=None, error=f"{type(error).__name__}: {error}")
        return False
    outbox.mark(conn, row["id"], sent_at=clock.now(), error=None)
    return True


def _channel(name: str, channels: Mapping[str, Channel]) -> Channel:
    if name not in channels:
        raise NotFound(_("没有通知渠道 {name}", name=name), hint=_("在 notify/channels 中登记渠道"))
    return channels[name]


def _message(row: RowMapping) -> Message:
    subject, body = render(row["template"], row["payload"])
    return Message(row["idempotency_key"], row["recipient"], subject, body)
