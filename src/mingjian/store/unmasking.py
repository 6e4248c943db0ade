"""Requests to see what pages hide: asked, decided by a second person, good for hours; each step audited."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, insert, select, update

from mingjian.domain.unmask import APPROVERS, OPEN_FOR, Field, Purpose, Sight
from mingjian.store import audit
from mingjian.store.tables import app_user, unmask_request, warning

_r = unmask_request.c
LISTED = 200


@dataclass(frozen=True)
class Grant:
    """What an approved request lets its user see, and until when."""

    id: str
    sight: Sight
    fields: frozenset[Field]
    expires_at: datetime


def ask(
    conn: Connection,
    at: datetime,
    user_id: str,
    warning_id: str,
    *,
    fields: Sequence[Field],
    sight: Sight,
    purpose: Purpose,
    reason: str,
    hours: int,
) -> str:
    """Put a request; returns its id."""
    id = f"U{secrets.token_hex(5)}"
    named = sorted({field.value for field in fields})
    conn.execute(
        insert(unmask_request).values(
            id=id,
            user_id=user_id,
            warning_id=warning_id,
            fields=named,
            sight=int(sight),
            purpose=purpose.value,
            reason=reason,
            hours=hours,
            asked_at=at,
        )
    )
    detail = {"request": id, "fields": named, "sight": int(sight), "purpose": purpose.value, "hours": hours}
    _note(conn, at, user_id, "unmask_asked", warning_id, detail)
    return id


def decide(
    conn: Connection, at: datetime, request: RowMapping, approver: str, *, approve: bool, reason: str
) -> None:
    """Write the decision on a request the caller holds locked; an approval runs from now."""
    until = at + timedelta(hours=request["hours"]) if approve else None
    conn.execute(
        update(unmask_request)
        .where(_r.id == request["id"])
        .values(
            approver_id=approver, decided_at=at, approved=approve, decision_reason=reason, expires_at=until
        )
    )
    detail = {"request": request["id"], "user": request["user_id"], "until": until and until.isoformat()}
    action = "unmask_approved" if approve else "unmask_refused"
    _note(conn, at, approver, action, request["warning_id"], detail)


def note_view(conn: Connection, at: datetime, user_id: str, warning_id: str, grant: Grant) -> None:
    """An audit row of one look at unmasked data."""
    detail = {"request": grant.id, "fields": sorted(grant.fields), "sight": int(grant.sight)}
    _note(conn, at, user_id, "unmask_view", warning_id, detail)


def hold(conn: Connection, id: str) -> RowMapping | None:
    """One request, locked until the end of the transaction."""
    query = select(unmask_request).where(_r.id == id).with_for_update()
    return conn.execute(query).mappings().first()


def granted(conn: Connection, at: datetime, user_id: str, warning_id: str) -> Grant | None:
    """What this user may see of this warning now, by the request that lasts longest."""
    mine = (_r.user_id == user_id, _r.warning_id == warning_id, _r.approved, _r.expires_at > at)
    row = conn.execute(
        select(unmask_request).where(*mine).order_by(_r.expires_at.desc(), _r.id).limit(1)
    ).first()
    if row is None:
        return None
    return Grant(row.id, Sight(row.sight), frozenset(Field(f) for f in row.fields), row.expires_at)


def waiting(conn: Connection, at: datetime, user_id: str, warning_id: str) -> RowMapping | None:
    """The user's undecided request on this warning."""
    mine = (_r.user_id == user_id, _r.warning_id == warning_id, _open(at))
    return conn.execute(select(unmask_request).where(*mine).limit(1)).mappings().first()


def to_decide(
    conn: Connection, at: datetime, rows: ColumnElement[bool], user_id: str, role: str
) -> list[RowMapping]:
    """Undecided requests of others, on warnings the approver sees (`rows`), of a level the role may allow; oldest first."""
    levels = [int(sight) for sight, roles in APPROVERS.items() if role in roles]
    query = (
        select(unmask_request, app_user.c.name.label("user_name"), warning.c.model, warning.c.level)
        .join(app_user, app_user.c.id == _r.user_id)
        .join(warning, warning.c.id == _r.warning_id)
        .where(_open(at), _r.user_id != user_id, _r.sight.in_(levels), rows)
        .order_by(_r.asked_at, _r.id)
        .limit(LISTED)
    )
    return list(conn.execute(query).mappings())


def own(conn: Connection, user_id: str) -> list[RowMapping]:
    """The user's own requests, the newest first."""
    query = select(unmask_request).where(_r.user_id == user_id).order_by(_r.asked_at.desc(), _r.id).limit(50)
    return list(conn.execute(query).mappings())


def _open(at: datetime) -> ColumnElement[bool]:
    return and_(_r.decided_at.is_(None), _r.asked_at >= at - OPEN_FOR)


def _note(
    conn: Connection, at: datetime, actor: str, action: str, warning_id: str, detail: dict[str, object]
) -> None:
    audit.record(
        conn,
        at=at,
        actor=actor,
        action=action,
        object_kind="warning",
        object_id=warning_id,
        detail=detail,
    )
