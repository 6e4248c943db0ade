"""The repository of webhook subscriptions, and the letters that events make for them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, true, update

from mingjian.domain.roles import Role
from mingjian.domain.webhook import Happened
from mingjian.store import outbox
from mingjian.store.outbox import Letter
from mingjian.store.tables import app_user, webhook

CHANNEL = "subscription"
TEMPLATE = "webhook_event"
OWNERS = (Role.R3, Role.R9)


def announce(conn: Connection, at: datetime, events: Sequence[Happened]) -> int:
    """Put one letter for each event and active subscription to it into the outbox; returns how many.

    A subscription speaks for the whole city, so it stays silent once its owner no longer does. A letter's
    recipient is the subscription's id; its payload holds ids and codes, never a word about anybody.
    """
    if not events:
        return 0
    listening = _listening(conn)
    letters = [
        Letter(
            idempotency_key=f"{CHANNEL}:{row['id']}:{e.event}:{e.object_id}:{e.mark}",
            recipient=row["id"],
            template=TEMPLATE,
            payload={
                "event": e.event,
                "object": e.object_id,
                "action": e.action,
                "state": e.state,
                "at": at.isoformat(),
                **({"into": e.into} if e.into else {}),
            },
            channel=CHANNEL,
        )
        for row in listening
        for e in events
        if e.event in row["events"]
    ]
    return outbox.enqueue(conn, letters, at)


def inside_hosts() -> frozenset[str]:
    """Hosts of the inner network that subscriptions may name: MINGJIAN_WEBHOOK_HOSTS, separated by commas."""
    named = os.environ.get("MINGJIAN_WEBHOOK_HOSTS", "")
    return frozenset(host.strip().lower() for host in named.split(",") if host.strip())


def listening(conn: Connection, id: str) -> RowMapping | None:
    """This subscription while it is active and its owner still speaks for the whole city."""
    return conn.execute(_HEARD.where(webhook.c.id == id)).mappings().first()


def _listening(conn: Connection) -> Sequence[RowMapping]:
    return conn.execute(_HEARD).mappings().all()


# One look by key for each subscription: the planner knows nothing of a table that was always empty, and would rather
# read every account than believe that there are no subscriptions. LIMIT keeps it from turning this into a join.
_SPEAKS = (
    select(app_user.c.id)
    .where(
        app_user.c.id == webhook.c.owner,
        app_user.c.active,
        app_user.c.role.in_(OWNERS),
        app_user.c.data_scope == "city",
    )
    .limit(1)
    .correlate(webhook)
    .lateral("speaks")
)
_HEARD = (
    select(webhook.c.id, webhook.c.events, webhook.c.url, webhook.c.generation)
    .join(_SPEAKS, true())
    .where(webhook.c.active)
    .order_by(webhook.c.id)
)


def page_of(conn: Connection, owner: str, after: str, size: int) -> list[RowMapping]:
    """This owner's subscriptions with ids above `after`, in order of id."""
    mine = select(webhook).where(webhook.c.owner == owner, webhook.c.id > after)
    return list(conn.execute(mine.order_by(webhook.c.id).limit(size)).mappings())


def find(conn: Connection, owner: str, id: str, *, lock: bool = False) -> RowMapping | None:
    """One subscription of this owner; another's does not exist for him."""
    wanted = select(webhook).where(webhook.c.owner == owner, webhook.c.id == id)
    return conn.execute(wanted.with_for_update() if lock else wanted).mappings().first()


def add(conn: Connection, row: dict[str, Any]) -> RowMapping:
    """Write a new subscription; returns it as stored."""
    return conn.execute(insert(webhook).values(**row).returning(webhook)).mappings().one()


def change(conn: Connection, id: str, columns: dict[str, Any]) -> RowMapping:
    """Write changed columns and raise the version; returns the row as stored."""
    changed = update(webhook).where(webhook.c.id == id)
    values = {**columns, "version": webhook.c.version + 1}
    return conn.execute(changed.values(**values).returning(webhook)).mappings().one()


def remove(conn: Connection, id: str) -> None:
    """Delete a subscription; letters already written still leave."""
    conn.execute(delete(webhook).where(webhook.c.id == id))
