"""Many messages to one recipient leave as one: after a day of downtime, a night of quiet, or in a window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, RowMapping

from mingjian.domain.channel import ChannelRules
from mingjian.domain.clock import Clock
from mingjian.domain.message import DIGEST, DeliveryReason, names_of
from mingjian.store import delivery
from mingjian.store.delivery import CrowdKey

CROWDS = 100


def hold_quiet(engine: Engine, clock: Clock, rules: Mapping[str, ChannelRules]) -> int:
    """Put off to the end of the quiet hours what may not break them; returns how many."""
    held, now = 0, clock.now()
    for name, rule in rules.items():
        until = rule.quiet.until(now) if rule.quiet else None
        if rule.quiet and until:
            with engine.begin() as conn:
                held += delivery.hold(conn, name, rule.quiet.may_break, now, until)
    return held


def group(engine: Engine, clock: Clock, rules: Mapping[str, ChannelRules]) -> int:
    """Let each crowd of due messages be one digest; returns how many messages now stand in one."""
    return sum(_group(engine, clock, name, rule) for name, rule in rules.items() if rule.digest)


def _group(engine: Engine, clock: Clock, channel: str, rule: ChannelRules) -> int:
    grouped = 0
    after: CrowdKey | None = ("", -1)
    while after and rule.digest:
        said = rule.digest
        with engine.begin() as conn:
            now = clock.now()
            crowds, after = delivery.lock_crowds(
                conn, channel, said.templates, said.at_least, now, after, CROWDS
            )
            for rows in crowds:
                row = _digest(channel, rows, said.lines, now)
                delivery.write_digest(conn, row, [part["id"] for part in rows])
                grouped += len(rows)
    return grouped


def _digest(channel: str, rows: Sequence[RowMapping], lines: int, now: datetime) -> dict[str, Any]:
    """The row of the one message; its key names the first and the last of what it holds, so it is made once."""
    names = frozenset[str]().union(*(names_of(row["template"], row["payload"]) for row in rows))
    first = rows[0]
    return {
        "idempotency_key": f"digest:{channel}:{first['id']}-{rows[-1]['id']}",
        "channel": channel,
        "recipient": first["recipient"],
        "contact_id": first["contact_id"],
        "template": DIGEST,
        "payload": {
            "items": [{"template": row["template"], "payload": row["payload"]} for row in rows],
            "names": sorted(names),
            "lines": lines,
        },
        "created_at": now,
        "routed_at": now,
        "next_try": now,
        "reason": DeliveryReason.WAITING,
    }
