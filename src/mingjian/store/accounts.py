"""Accounts as their administrator handles them: made with a one-time password, set anew, frozen, listed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, exists, select, update

from mingjian.domain.errors import MingjianError, NotFound
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.domain.sign_in import EndReason
from mingjian.store import audit, sessions, tokens
from mingjian.store.tables import app_user, recovery_code, unit, user_factor
from mingjian.store.users import create_user, set_password

SCOPES = ("own_org", "own_region", "line", "city")

_u = app_user.c


def one_time_password() -> str:
    """96 random bits as 16 characters, to be shown once and changed at the first sign-in."""
    return secrets.token_urlsafe(12)


def add(
    conn: Connection,
    at: datetime,
    *,
    id: str,
    name: str,
    role: str,
    unit_id: str | None,
    data_scope: str,
    totp_required: bool,
    actor: str,
) -> str:
    """Make a new account; returns its one-time password, which is stored nowhere in clear.

    MingjianError when the id is taken or role, scope or unit do not exist.
    """
    if role not in set(Role) - {Role.SYSTEM}:
        raise MingjianError(_("没有角色 {role}", role=role), hint=_("可用：R1 至 R13、LEADER"))
    if data_scope not in SCOPES:
        raise MingjianError(
            _("没有数据范围 {scope}", scope=data_scope), hint=_("可用：own_org、own_region、line、city")
        )
    if not id or id != id.strip() or not id.isprintable() or len(id) > 80:
        raise MingjianError(_("账号 {id} 不可用", id=repr(id)), hint=_("1 至 80 个可见字符，首尾不留空格"))
    if conn.scalar(select(exists().where(_u.id == id))):
        raise MingjianError(_("账号 {id} 已存在", id=id), hint=_("用 mingjian users reset 重置密码"))
    if unit_id is not None and not conn.scalar(select(exists().where(unit.c.id == unit_id))):
        raise MingjianError(_("没有单位 {id}", id=unit_id), hint=_("核对单位编码"))
    password = one_time_password()
    create_user(
        conn,
        id,
        name,
        role,
        unit_id,
        data_scope,
        password,
        must_change=True,
        totp_required=totp_required,
    )
    detail: dict[str, object] = {
        "role": role,
        "scope": data_scope,
        "unit": unit_id,
        "totp_required": totp_required,
    }
    _note(conn, at, actor, "account_added", id, detail)
    return password


def reset(conn: Connection, at: datetime, id: str, *, second_factor: bool, actor: str) -> str:
    """A new one-time password; sessions end, tokens are revoked, and with `second_factor` its device is forgotten."""
    _must_exist(conn, id)
    password = one_time_password()
    set_password(conn, id, password, must_change=True)
    conn.execute(update(app_user).where(_u.id == id).values(failed_logins=0, locked_until=None))
    if second_factor:
        conn.execute(delete(recovery_code).where(recovery_code.c.user_id == id))
        conn.execute(delete(user_factor).where(user_factor.c.user_id == id))
    _shut_out(conn, at, id, EndReason.PASSWORD_CHANGED, actor)
    _note(conn, at, actor, "account_reset", id, {"second_factor": second_factor})
    return password


def freeze(conn: Connection, at: datetime, id: str, reason: str, *, actor: str) -> None:
    """Nobody gets in with this account until it is unfrozen; sessions end and tokens are revoked at once."""
    _must_exist(conn, id)
    conn.execute(update(app_user).where(_u.id == id).values(active=False))
    _shut_out(conn, at, id, EndReason.ACCOUNT_FROZEN, actor)
    _note(conn, at, actor, "account_frozen", id, {"reason": reason})


def unfreeze(conn: Connection, at: datetime, id: str, reason: str, *, actor: str) -> None:
    """Open the account again; what was ended or revoked stays so."""
    _must_exist(conn, id)
    values = {"active": True, "failed_logins": 0, "locked_until": None}
    conn.execute(update(app_user).where(_u.id == id).values(**values))
    _note(conn, at, actor, "account_unfrozen", id, {"reason": reason})


def listed(conn: Connection, *, after: str = "", limit: int = 1000) -> Sequence[RowMapping]:
    """Accounts by id: id, name, role, data_scope, unit_name, active, must_change, locked_until, second_factor."""
    query = (
        select(
            _u.id,
            _u.name,
            _u.role,
            _u.data_scope,
            unit.c.name.label("unit_name"),
            _u.active,
            _u.must_change,
            _u.locked_until,
            _u.totp_required,
            user_factor.c.confirmed_at.is_not(None).label("second_factor"),
        )
        .outerjoin(unit, unit.c.id == _u.unit_id)
        .outerjoin(user_factor, user_factor.c.user_id == _u.id)
        .where(_u.id > after)
        .order_by(_u.id)
        .limit(limit)
    )
    return conn.execute(query).mappings().all()


def _shut_out(conn: Connection, at: datetime, id: str, reason: EndReason, actor: str) -> None:
    sessions.end_all(conn, at, id, reason, actor=actor)
    tokens.revoke_all(conn, at, id)


def _must_exist(conn: Connection, id: str) -> None:
    if not conn.scalar(select(exists().where(_u.id == id))):
        raise NotFound(_("没有账号 {id}", id=id), hint=_("用 mingjian users list 查看账号"))


def _note(
    conn: Connection, at: datetime, actor: str, action: str, id: str, detail: dict[str, object]
) -> None:
    audit.record(conn, at=at, actor=actor, action=action, object_kind="user", object_id=id, detail=detail)
