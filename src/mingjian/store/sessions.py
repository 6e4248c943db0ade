"""Sessions: a row each, found by the hash of the key in the cookie, ended by its user, by time or from outside."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from mingjian.domain.sign_in import AgentClass, EndReason, Way
from mingjian.store import audit
from mingjian.store.identity import User, find_user
from mingjian.store.tables import app_user, user_session

LIFETIME = timedelta(hours=10)  # one working day
IDLE = timedelta(hours=1)
SEEN_EVERY = timedelta(minutes=1)  # a row is not rewritten for every page
KEPT = timedelta(days=90)  # how long an ended session can be looked up

_s = user_session.c


@dataclass(frozen=True)
class Found:
    """Whose session it is and how it began."""

    user: User
    way: Way


def session_id(key: str) -> str:
    """The row's id: the key itself is only in the cookie."""
    return hashlib.sha256(key.encode()).hexdigest()


def begin(conn: Connection, at: datetime, user: User, key: str, way: Way, agent: AgentClass) -> None:
    """Open a session, and forget this user's oldest ones."""
    conn.execute(delete(user_session).where(_s.user_id == user.id, _s.begun < at - KEPT))
    conn.execute(
        insert(user_session).values(
            id=session_id(key),
            user_id=user.id,
            stamp=user.stamp,
            way=way.value,
            agent=agent.value,
            begun=at,
            last_seen=at,
        )
    )


def find(conn: Connection, at: datetime, key: str) -> Found | None:
    """The user of an open session, or None; a session past its limits is ended here and now.

    A session dies with the password it began with, whoever changed it.
    """
    row = conn.execute(select(user_session).where(_s.id == session_id(key), _s.ended.is_(None))).first()
    if row is None:
        return None
    reason = _over(at, row.begun, row.last_seen)
    if reason is not None:
        _end(conn, at, [row.id], reason)
        return None
    user = find_user(conn, row.user_id)
    if user is None or user.stamp != row.stamp:
        return None
    if at - row.last_seen >= SEEN_EVERY:
        conn.execute(update(user_session).where(_s.id == row.id).values(last_seen=at))
    return Found(user, Way(row.way))


def end(conn: Connection, at: datetime, key: str, reason: EndReason) -> None:
    """End the session of this key; does nothing when it is over already."""
    _end(conn, at, [session_id(key)], reason)


def end_all(
    conn: Connection,
    at: datetime,
    user_id: str,
    reason: EndReason,
    *,
    actor: str,
    only: str | None = None,
) -> int:
    """End a user's open sessions, or the one whose id starts with `only`; says how many. Audited when there were any."""
    mine = select(_s.id).where(_s.user_id == user_id, _s.ended.is_(None))
    if only is not None:
        mine = mine.where(_s.id.startswith(only, autoescape=True))
    ids = list(conn.scalars(mine))
    if not ids:
        return 0
    _end(conn, at, ids, reason)
    audit.record(
        conn,
        at=at,
        actor=actor,
        action="sessions_ended",
        object_kind="user",
        object_id=user_id,
        detail={"reason": reason.value, "sessions": len(ids)},
    )
    return len(ids)


def open_sessions(conn: Connection, at: datetime, user_id: str | None = None) -> Sequence[RowMapping]:
    """Sessions that still let somebody in, the newest first: id, user_id, way, agent, begun, last_seen."""
    alive = (_s.ended.is_(None), _s.begun > at - LIFETIME, _s.last_seen > at - IDLE)
    query = (
        select(_s.id, _s.user_id, _s.way, _s.agent, _s.begun, _s.last_seen)
        .join(app_user, app_user.c.id == _s.user_id)
        .where(*alive, app_user.c.active)
        .order_by(_s.begun.desc(), _s.id)
    )
    if user_id is not None:
        query = query.where(_s.user_id == user_id)
    return conn.execute(query).mappings().all()


def _over(at: datetime, begun: datetime, last_seen: datetime) -> EndReason | None:
    if at - begun >= LIFETIME:
        return EndReason.TOO_OLD
    return EndReason.IDLE if at - last_seen >= IDLE else None


def _end(conn: Connection, at: datetime, ids: list[str], reason: EndReason) -> None:
    ended = update(user_session).where(_s.id.in_(ids), _s.ended.is_(None))
    conn.execute(ended.values(ended=at, end_reason=reason.value))
