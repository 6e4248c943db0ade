"""Which channels a message takes, and to which addresses: one row of the outbox for each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping

from mingjian.domain.channel import ADDRESSED, ChannelRules
from mingjian.domain.clock import Clock
from mingjian.domain.message import DeliveryReason, names_of
from mingjian.store import contacts, delivery
from mingjian.store.delivery import Route

BATCH = 500
COPIED = ("recipient", "template", "payload", "created_at")
Way = tuple[str, int | None]  # channel, contact


def route(engine: Engine, clock: Clock, rules: Mapping[str, ChannelRules]) -> int:
    """Give every new message its ways; returns how many are dead because no channel takes them.

    Each batch is one transaction; several senders may route at once.
    """
    lost = 0
    while True:
        with engine.begin() as conn:
            rows = delivery.unrouted(conn, BATCH)
            if not rows:
                return lost + delivery.end_unknown(conn, list(rules), clock.now())
            lost += _route(conn, rows, rules, clock.now())


def _route(
    conn: Connection, rows: Sequence[RowMapping], rules: Mapping[str, ChannelRules], now: datetime
) -> int:
    kinds = {rule.kind for rule in rules.values()} & ADDRESSED
    known = contacts.of_owners(conn, {row["recipient"] for row in rows}, kinds)
    routes: list[Route] = []
    copies: list[dict[str, Any]] = []
    for row in rows:
        ways = _ways(row, rules, known)
        if not ways:
            routes.append(Route(row["id"], row["channel"], None, now, DeliveryReason.NO_CHANNEL, dead_at=now))
            continue
        first, *further = ways
        next_try, reason = _moment(row, rules[first[0]], now)
        routes.append(Route(row["id"], *first, next_try, reason))
        copies += [_copy(row, way, rules[way[0]], now) for way in further]
    delivery.write_routes(conn, routes, copies, now)
    return sum(r.reason is DeliveryReason.NO_CHANNEL for r in routes)


def _ways(
    row: RowMapping, rules: Mapping[str, ChannelRules], known: Mapping[tuple[str, str], list[int]]
) -> list[Way]:
    """Every channel that takes the message, with each contact where it needs one; None when there is no contact."""
    names = names_of(row["template"], row["payload"])
    ways: list[Way] = []
    for channel, rule in rules.items():
        if row["channel"] not in ("", channel) or not (row["channel"] or rule.takes(names)):
            continue
        if rule.kind in ADDRESSED:
            ways += [(channel, i) for i in known.get((row["recipient"], rule.kind), [])] or [(channel, None)]
        else:
            ways.append((channel, None))
    return ways


def _moment(row: RowMapping, rule: ChannelRules, now: datetime) -> tuple[datetime, DeliveryReason]:
    """At once, or at the end of the window in which the message may be grouped with others."""
    if rule.digest is None or not rule.groups(names_of(row["template"], row["payload"])):
        return now, DeliveryReason.WAITING
    leaves = rule.digest.leaves_at(now)
    return leaves, DeliveryReason.WINDOW if leaves > now else DeliveryReason.WAITING


def _copy(row: RowMapping, way: Way, rule: ChannelRules, now: datetime) -> dict[str, Any]:
    channel, contact_id = way
    next_try, reason = _moment(row, rule, now)
    base = row["idempotency_key"].partition("@")[0]
    key = f"{base}@{channel}" + (f":{contact_id}" if contact_id else "")
    return {
        **{column: row[column] for column in COPIED},
        "idempotency_key": key,
        "channel": channel,
        "contact_id": contact_id,
        "routed_at": now,
        "next_try": next_try,
        "reason": reason,
    }
