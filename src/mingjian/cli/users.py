"""`mingjian users`: accounts, their sessions and their API tokens, as an administrator handles them."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from mingjian.cli.common import Actor, Reason, check_reason
from mingjian.domain.clock import SystemClock
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.domain.sign_in import EndReason, Scope
from mingjian.run import home
from mingjian.store import accounts, db, sessions, tokens
from mingjian.terminal import terminal

group = typer.Typer(help="账号、会话与令牌 · accounts, sessions and tokens", no_args_is_help=True)

User = Annotated[str, typer.Argument(metavar="ID", help="账号 · the account")]
Whose = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="账号，不写则全部 · the account; all when left out")
]


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="users")


@group.command("add")
def add(
    id: User,
    name: Annotated[str, typer.Option("--name", help="姓名 · the person's name")],
    role: Annotated[str, typer.Option("--role", help="R1 … R13 | LEADER")],
    scope: Annotated[str, typer.Option("--scope", help="own_org | own_region | line | city")],
    actor: Actor,
    unit: Annotated[str | None, typer.Option("--unit", help="单位编码 · the unit's id")] = None,
    totp: Annotated[
        bool, typer.Option("--totp", help="必须使用动态口令 · must have a second factor")
    ] = False,
) -> None:
    """新建账号，一次性密码只显示这一次 · make an account; its one-time password is shown this once.

    例 · example:  mingjian users add liming --name 李明 --role R1 --scope own_org --unit U0123
    """
    with db.open_store(home()).begin() as conn:
        password = accounts.add(
            conn,
            SystemClock().now(),
            id=id,
            name=name,
            role=role,
            unit_id=unit,
            data_scope=scope,
            totp_required=totp,
            actor=actor,
        )
    _show_once(_("账号 {id} 已建立，一次性密码：{p}", id=id, p=password), _("首次登录后须先修改"))


@group.command("reset")
def reset(
    id: User,
    actor: Actor,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="同时解除动态口令与恢复码 · forget the second factor too")
    ] = False,
) -> None:
    """重置密码：结束会话、吊销令牌，显示新的一次性密码 · a new one-time password; sessions and tokens end.

    例 · example:  mingjian users reset liming --second-factor
    """
    with db.open_store(home()).begin() as conn:
        password = accounts.reset(conn, SystemClock().now(), id, second_factor=second_factor, actor=actor)
    _show_once(_("账号 {id} 已重置，一次性密码：{p}", id=id, p=password), _("首次登录后须先修改"))


@group.command("freeze")
def freeze(id: User, reason: Reason, actor: Actor) -> None:
    """冻结账号，会话和令牌立即失效 · let nobody in with an account; its sessions and tokens end at once.

    例 · example:  mingjian users freeze liming --reason 已调离
    """
    with db.open_store(home()).begin() as conn:
        accounts.freeze(conn, SystemClock().now(), id, check_reason(reason), actor=actor)
    terminal().print(_("账号 {id} 已冻结", id=id), highlight=False)


@group.command("unfreeze")
def unfreeze(id: User, reason: Reason, actor: Actor) -> None:
    """解冻账号，也解除输错密码的锁定 · open an account again, also one locked by wrong passwords.

    例 · example:  mingjian users unfreeze liming --reason 核实无误
    """
    with db.open_store(home()).begin() as conn:
        accounts.unfreeze(conn, SystemClock().now(), id, check_reason(reason), actor=actor)
    terminal().print(_("账号 {id} 已解冻", id=id), highlight=False)


@group.command("list")
def list_(
    after: Annotated[str, typer.Option("--after", help="从此账号之后列起 · go on behind this account")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="最多列几个 · at most")] = 1000,
) -> None:
    """列出账号与状态 · accounts and their state, by id.

    例 · example:  mingjian users list --limit 50
    """
    now = SystemClock().now()
    with db.open_store(home()).connect() as conn:
        found = accounts.listed(conn, after=after, limit=limit)
    table = _table(_("账号"), _("姓名"), _("角色"), _("范围"), _("单位"), _("状态"), _("动态口令"))
    for u in found:
        state = _("正常") if u["active"] else _("已冻结")
        if u["active"] and u["locked_until"] and u["locked_until"] > now:
            state = _("暂时锁定")
        elif u["active"] and u["must_change"]:
            state = _("待改密码")
        factor = _("已启用") if u["second_factor"] else _("须启用") if u["totp_required"] else ""
        role = Role(u["role"]).label if u["role"] in set(Role) else u["role"]
        table.add_row(u["id"], u["name"], role, u["data_scope"], u["unit_name"] or "", state, factor)
    terminal().print(table if found else _("没有账号"))


@group.command("sessions")
def sessions_(id: Whose = None) -> None:
    """列出未结束的会话 · sessions that still let somebody in.

    例 · example:  mingjian users sessions liming
    """
    with db.open_store(home()).connect() as conn:
        found = sessions.open_sessions(conn, SystemClock().now(), id)
    table = _table(_("会话"), _("账号"), _("方式"), _("终端"), _("开始"), _("最近"))
    for s in found:
        times = (f"{s[key]:%Y-%m-%d %H:%M}" for key in ("begun", "last_seen"))
        table.add_row(s["id"][:12], s["user_id"], s["way"], s["agent"], *times)
    terminal().print(table if found else _("没有未结束的会话"))


@group.command("end")
def end(
    id: User,
    actor: Actor,
    session: Annotated[
        str | None, typer.Option("--session", help="只结束这一个，如列表所示 · only this one, as listed")
    ] = None,
) -> None:
    """结束一个账号的会话 · end the sessions of an account; it can sign in again.

    例 · example:  mingjian users end liming
    """
    reason = EndReason.ENDED_BY_ADMINISTRATOR
    with db.open_store(home()).begin() as conn:
        n = sessions.end_all(conn, SystemClock().now(), id, reason, actor=actor, only=session)
    terminal().print(_("已结束 {n} 个会话", n=n), highlight=False)


@group.command("token")
def token(
    id: User,
    name: Annotated[str, typer.Option("--name", help="用途 · what it is for")],
    scope: Annotated[list[Scope], typer.Option("--scope", help="可多次 · may be given again")],
    actor: Actor,
    days: Annotated[int, typer.Option("--days", help="有效天数，至多 365 · days it is valid")] = 90,
) -> None:
    """发一个 API 令牌，只显示这一次 · make an API token, shown this once.

    例 · example:  mingjian users token liming --name 月报脚本 --scope read:figures --days 90
    """
    with db.open_store(home()).begin() as conn:
        number, secret = tokens.make(conn, SystemClock().now(), id, name, scope, days, actor=actor)
    _show_once(
        _("令牌 {id}：{secret}", id=number, secret=secret), _("请求头：Authorization: Bearer 后接令牌")
    )


@group.command("tokens")
def tokens_(id: Whose = None) -> None:
    """列出 API 令牌，不显示其内容 · API tokens without their secrets.

    例 · example:  mingjian users tokens
    """
    with db.open_store(home()).connect() as conn:
        found = tokens.listed(conn, id)
    table = _table(_("令牌"), _("账号"), _("用途"), _("范围"), _("到期"), _("最近使用"), _("吊销"))
    for t in found:
        days = (f"{t[key]:%Y-%m-%d}" if t[key] else "" for key in ("expires_at", "last_used", "revoked_at"))
        table.add_row(t["id"], t["user_id"], t["name"], " ".join(t["scopes"]), *days)
    terminal().print(table if found else _("没有令牌"))


@group.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="令牌编号 · the token's id")], actor: Actor
) -> None:
    """吊销一个 API 令牌 · let a token be good for nothing from now on.

    例 · example:  mingjian users revoke 3f9a0c21b7de
    """
    with db.open_store(home()).begin() as conn:
        tokens.revoke(conn, SystemClock().now(), token, actor=actor)
    terminal().print(_("令牌 {id} 已吊销", id=token), highlight=False)


def _show_once(said: str, hint: str) -> None:
    terminal().print(said, highlight=False)
    terminal().print(f"  → {hint}", highlight=False)


def _table(*columns: str) -> Table:
    table = Table(box=None)
    for column in columns:
        table.add_column(column)
    return table
