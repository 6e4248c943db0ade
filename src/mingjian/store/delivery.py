"""Delivery of the outbox: messages are routed, held, grouped, claimed and marked, each in one short transaction.

A sender claims messages by a lease and sends outside any transaction. Leases run on the server's clock, not on the
city's: they tell a dead process from a slow one, also in a run for a past day, whose clock stands still.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import array, insert

from mingjian.domain.message import DIGEST, DeliveryReason, MessageState
from mingjian.store.outbox import IN_STATE
from mingjian.store.tables import outbox

_o = outbox.c
WAITS = IN_STATE[MessageState.WAITING]
UNCLAIMED = or_(_o.claimed_until.is_(None), _o.claimed_until < func.clock_timestamp())


@dataclass(frozen=True)
class Route:
    """The way one message takes; dead at once when `dead_at` is set."""

    id: int
    channel: str
    contact_id: int | None
    next_try: datetime
    reason: DeliveryReason
    dead_at: datetime | None = None


def unrouted(conn: Connection, limit: int) -> Sequence[RowMapping]:
    """Lock messages that have no way yet, oldest first, passing over those another sender routes."""
    wanted = select(outbox).where(_o.routed_at.is_(None)).order_by(_o.id).limit(limit)
    return conn.execute(wanted.with_for_update(skip_locked=True)).mappings().all()


def write_routes(
    conn: Connection, routes: Sequence[Route], copies: Sequence[dict[str, Any]], at: datetime
) -> None:
    """Give each message its way; `copies` are whole rows for its further ways, known again by their keys."""
    alike: dict[tuple[Any, ...], list[int]] = {}
    for r in routes:
        alike.setdefault((r.channel, r.contact_id, r.next_try, r.reason, r.dead_at), []).append(r.id)
    columns = ("channel", "contact_id", "next_try", "reason", "dead_at")
    for values, ids in alike.items():
        same = dict(zip(columns, values, strict=True))
        conn.execute(update(outbox).where(_o.id.in_(ids)).values(**same, routed_at=at))
    if copies:
        conn.execute(insert(outbox).on_conflict_do_nothing(index_elements=["idempotency_key"]), list(copies))


def end_unknown(conn: Connection, known: Collection[str], at: datetime) -> int:
    """Messages of channels that the city no longer has are dead, so that somebody sees them; returns how many."""
    stranded = and_(WAITS, UNCLAIMED, _o.routed_at.is_not(None), _o.channel.not_in(known))
    ended = update(outbox).where(stranded).values(dead_at=at, reason=DeliveryReason.NO_CHANNEL)
    return int(conn.execute(ended).rowcount)


def hold(conn: Connection, channel: str, may_break: Sequence[str], now: datetime, until: datetime) -> int:
    """Let what is due and may not break the quiet hours wait until their end; returns how many."""
    due = and_(_o.channel == channel, WAITS, UNCLAIMED, _o.next_try <= now, ~_called(may_break))
    held = update(outbox).where(due).values(next_try=until, reason=DeliveryReason.QUIET)
    return int(conn.execute(held).rowcount)


def _called(names: Sequence[str]) -> ColumnElement[bool]:
    """The message has one of these names (`domain.message.names_of`, said in SQL)."""
    with_tier = func.concat(_o.template, ":", _o.payload["tier"].astext)
    held = func.coalesce(_o.payload["names"].has_any(array([*names, ""])), False)
    return or_(_o.template.in_(names), with_tier.in_(names), and_(_o.template == DIGEST, held))


CrowdKey = tuple[str, int]  # recipient, contact (0 for none)


def lock_crowds(
    conn: Connection,
    channel: str,
    names: Sequence[str],
    at_least: int,
    now: datetime,
    after: CrowdKey,
    limit: int,
) -> tuple[list[list[RowMapping]], CrowdKey | None]:
    """Lock due, untried messages by recipient, of up to `limit` recipients behind `after` who have `at_least` of them.

    Returns the crowds and the key to go on behind, None when there are no more. Messages that another sender holds
    are passed over; a crowd that is too small without them is left out.
    """
    due = and_(
        _o.channel == channel,
        WAITS,
        UNCLAIMED,
        _o.routed_at.is_not(None),
        _o.next_try <= now,
        _o.attempts == 0,  # what was tried may have arrived, and must keep its own key
        _o.template != DIGEST,
        _called(names),
    )
    whose = tuple_(_o.recipient, func.coalesce(_o.contact_id, 0))
    counted = select(*whose.clauses).where(due, whose > after).group_by(*whose.clauses)
    keys = conn.execute(counted.having(func.count() >= at_least).order_by(*whose.clauses).limit(limit)).all()
    if not keys:
        return [], None
    wanted = select(outbox).where(due, whose.in_([tuple(k) for k in keys])).order_by(_o.id)
    found: dict[tuple[str, int | None], list[RowMapping]] = {}
    for row in conn.execute(wanted.with_for_update(skip_locked=True)).mappings():
        found.setdefault((row["recipient"], row["contact_id"]), []).append(row)
    last: CrowdKey = (keys[-1][0], keys[-1][1])
    return [rows for rows in found.values() if len(rows) >= at_least], last


def write_digest(conn: Connection, row: dict[str, Any], parts: Sequence[int]) -> int:
    """Insert the one message that stands for `parts` (locked) and point them to it; returns its id."""
    made = conn.execute(insert(outbox).values(row).returning(_o.id)).scalar_one()
    conn.execute(
        update(outbox).where(_o.id.in_(parts)).values(digest_id=made, reason=DeliveryReason.DIGESTED)
    )
    return int(made)


def claim(
    conn: Connection, channel: str, sender: str, now: datetime, limit: int, lease: timedelta
) -> list[RowMapping]:
    """Claim due messages for `sender` until the lease runs out, those due longest first."""
    chosen = (
        select(_o.id)
        .where(_o.channel == channel, WAITS, UNCLAIMED, _o.routed_at.is_not(None), _o.next_try <= now)
        .order_by(_o.next_try, _o.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    claimed = (
        update(outbox)
        .where(_o.id == chosen.c.id)
        .values(claimed_by=sender, claimed_until=func.clock_timestamp() + lease)
        .returning(outbox)
    )
    rows = conn.execute(claimed).mappings().all()
    return sorted(rows, key=lambda row: (row["next_try"], row["id"]))


def mark_sent(conn: Connection, message_id: int, at: datetime) -> None:
    """It has been sent; that is true even if the lease was lost, and only a digest that holds it meanwhile says more."""
    conn.execute(
        update(outbox)
        .where(_o.id == message_id, _o.sent_at.is_(None), _o.digest_id.is_(None))
        .values(
            sent_at=at,
            dead_at=None,
            reason=DeliveryReason.SENT,
            attempts=_o.attempts + 1,
            last_error=None,
            claimed_by=None,
            claimed_until=None,
        )
    )


def mark_failed(
    conn: Connection,
    message_id: int,
    sender: str,
    *,
    reason: DeliveryReason,
    error: str,
    next_try: datetime | None,
    at: datetime,
) -> None:
    """It has failed: tried again at `next_try`, dead without one. Nothing happens if another sender has it now."""
    conn.execute(
        update(outbox)
        .where(_o.id == message_id, _o.claimed_by == sender, WAITS)
        .values(
            next_try=next_try or _o.next_try,
            dead_at=None if next_try else at,
            reason=reason,
            attempts=_o.attempts + 1,
            last_error=error,
            claimed_by=None,
            claimed_until=None,
        )
    )


def put_off(conn: Connection, message_id: int, sender: str, until: datetime) -> None:
    """Give back what was claimed and must wait for the end of the quiet hours."""
    conn.execute(
        update(outbox)
        .where(_o.id == message_id, _o.claimed_by == sender, WAITS)
        .values(next_try=until, reason=DeliveryReason.QUIET, claimed_by=None, claimed_until=None)
    )


def release(conn: Connection, ids: Collection[int], sender: str) -> None:
    """Give back what was claimed and not tried."""
    conn.execute(
        update(outbox)
        .where(_o.id.in_(ids), _o.claimed_by == sender)
        .values(claimed_by=None, claimed_until=None)
    )
