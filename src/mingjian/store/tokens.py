"""API tokens: 256 random bits shown once, kept as a hash, good for named scopes until a day at most a year away."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, RowMapping, insert, select, update

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.errors import MingjianError, NotFound
from mingjian.domain.i18n import _
from mingjian.domain.sign_in import Scope
from mingjian.store import audit
from mingjian.store.identity import User, accounts, find_user, user_of
from mingjian.store.tables import api_token

PREFIX = "mj_"
LONGEST = timedelta(days=365)

_t = api_token.c
_BY_SECRET = accounts(
    "t.hash = :hash AND t.revoked_at IS NULL AND t.expires_at > :at",
    beside="JOIN api_token t ON t.user_id = u.id",
    more=", t.id AS token_id, t.scopes, t.last_used",
)


@dataclass(frozen=True)
class Token:
    """A token's user and what it may be used for."""

    id: str
    user: User
    scopes: frozenset[Scope]


def make(
    conn: Connection,
    at: datetime,
    user_id: str,
    name: str,
    scopes: Sequence[Scope],
    days: int,
    *,
    actor: str,
) -> tuple[str, str]:
    """(id, secret) of a new token; the secret cannot be had again.

    MingjianError when the user is unknown or frozen, no scope is named or it should last over a year.
    """
    if find_user(conn, user_id) is None:
        raise NotFound(
            _("没有账号 {id}，或账号已冻结", id=user_id), hint=_("用 mingjian users list 查看账号")
        )
    if not scopes:
        raise MingjianError(
            _("请说明令牌的用途范围"), hint=_("可用：{all}", all=_("、").join(s.value for s in Scope))
        )
    if not 1 <= days <= LONGEST.days:
        raise MingjianError(_("令牌有效期须为 1 至 365 天"), hint=_("到期前可另发新令牌"))
    id, secret = secrets.token_hex(6), PREFIX + secrets.token_urlsafe(32)
    until = at + timedelta(days=days)
    named = sorted({scope.value for scope in scopes})
    conn.execute(
        insert(api_token).values(
            id=id,
            hash=_hash(secret),
            user_id=user_id,
            name=name,
            scopes=named,
            created_at=at,
            expires_at=until,
        )
    )
    detail: dict[str, object] = {"user": user_id, "scopes": named, "until": until.isoformat()}
    _note(conn, at, actor, "token_made", id, detail)
    return id, secret


def find(conn: Connection, at: datetime, secret: str) -> Token | None:
    """The token of this secret with its active user, or None when it is unknown, expired or revoked."""
    row: Row | None = conn.execute(_BY_SECRET, {"hash": _hash(secret), "at": at}).first()
    if row is None:
        return None
    day = at.astimezone(CITY_TZ).date()
    if row.last_used != day:
        conn.execute(update(api_token).where(_t.id == row.token_id).values(last_used=day))
    return Token(row.token_id, user_of(row), frozenset(Scope(scope) for scope in row.scopes))


def listed(conn: Connection, user_id: str | None = None) -> Sequence[RowMapping]:
    """Tokens, the newest first, without their hashes."""
    columns = [column for column in api_token.c if column.name != "hash"]
    query = select(*columns).order_by(_t.created_at.desc(), _t.id)
    if user_id is not None:
        query = query.where(_t.user_id == user_id)
    return conn.execute(query).mappings().all()


def revoke(conn: Connection, at: datetime, id: str, *, actor: str) -> None:
    """Let a token be good for nothing from now on; NotFound when there is none or it is revoked already."""
    gone = update(api_token).where(_t.id == id, _t.revoked_at.is_(None)).values(revoked_at=at)
    if conn.execute(gone).rowcount == 0:
        raise NotFound(_("没有令牌 {id}，或已吊销", id=id), hint=_("用 mingjian users tokens 查看令牌编号"))
    _note(conn, at, actor, "token_revoked", id, {})


def revoke_all(conn: Connection, at: datetime, user_id: str) -> None:
    """Revoke every token of a user, as part of an audited change to the account."""
    mine = update(api_token).where(_t.user_id == user_id, _t.revoked_at.is_(None))
    conn.execute(mine.values(revoked_at=at))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _note(
    conn: Connection, at: datetime, actor: str, action: str, id: str, detail: dict[str, object]
) -> None:
    audit.record(
        conn, at=at, actor=actor, action=action, object_kind="api_token", object_id=id, detail=detail
    )
