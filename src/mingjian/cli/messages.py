"""`mingjian messages` and `mingjian contacts`: what leaves, what does not, and where recipients are reached."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy import RowMapping

from mingjian.cli.common import Actor, Reason, check_reason
from mingjian.domain.channel import ChannelKind
from mingjian.domain.clock import CITY_TZ, SystemClock
from mingjian.domain.contact import Contact
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.domain.message import STATE_OF, DeliveryReason, MessageState
from mingjian.run import home, open_run
from mingjian.store import contacts, db, outbox
from mingjian.terminal import terminal

messages = typer.Typer(help="消息 · messages", no_args_is_help=True)
people = typer.Typer(help="联系方式 · where recipients are reached", no_args_is_help=True)

MOST_BYTES = 20_000_000
COLUMNS = ("owner_kind", "owner_id", "channel", "address")
After = Annotated[int, typer.Option("--after", min=0, help="从此编号之后 · after this id")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="最多几行 · at most")]
Sources = Annotated[Path | None, typer.Option("--sources", help="城市目录 · a city's folder")]


def register(app: typer.Typer) -> None:
    app.add_typer(messages, name="messages")
    app.add_typer(people, name="contacts")


@messages.command("list")
def list_(
    state: Annotated[
        MessageState | None, typer.Option("--state", help="只看一种状态 · one state only")
    ] = None,
    recipient: Annotated[str | None, typer.Option("--to", help="只看一个单位 · one recipient")] = None,
    after: After = 0,
    limit: Limit = 50,
) -> None:
    """列出消息及去向，并核对总数 · messages and what became of them, with the account of all.

    例 · example:  mingjian messages list --state waiting --limit 20
    """
    with db.open_store(home()).connect() as conn:
        _print(outbox.page(conn, state, after, limit, recipient), limit)
        account, oldest = outbox.accounted(conn), outbox.oldest_waiting(conn)
    told = {"sent": account.sent, "digested": account.digested, "dead": account.dead}
    terminal().print(
        _(
            "共 {all} 条：已发 {sent}，并入汇总 {digested}，发不出 {dead}，待发 {waiting}",
            all=account.all,
            **told,
            waiting=account.waiting,
        ),
        highlight=False,
    )
    if oldest:
        since = oldest.astimezone(CITY_TZ).strftime("%Y-%m-%d %H:%M")
        terminal().print(_("等得最久的一条写于 {at}", at=since), highlight=False)
    if not account.holds:
        raise MingjianError(
            _("有 {n} 条消息的状态自相矛盾", n=account.astray),
            hint=_("保留数据库现状并通知运维：消息账目对不上"),
        )


@messages.command("dead")
def dead(after: After = 0, limit: Limit = 50) -> None:
    """列出发不出的消息及原因 · messages that will not leave by themselves, and why.

    例 · example:  mingjian messages dead
    """
    with db.open_store(home()).connect() as conn:
        rows = outbox.page(conn, MessageState.DEAD, after, limit)
    if rows:
        _print(rows, limit)
    else:
        terminal().print("[green]✓[/] " + _("没有发不出的消息"))


@messages.command("replay")
def replay(
    ids: Annotated[list[int], typer.Argument(metavar="ID...", help="编号，见 dead · ids from the list")],
    reason: Reason,
    actor: Actor,
) -> None:
    """原因排除后，让发不出的消息重新等待发送 · let dead messages wait again, once the cause is gone.

    例 · example:  mingjian messages replay 12 13 --reason 网关已恢复
    """
    with db.open_store(home()).begin() as conn:
        count = outbox.replay(conn, ids, actor, check_reason(reason), SystemClock().now())
    terminal().print(_("{n} 条消息已重新待发，下次发送时送出", n=count))


@messages.command("retry")
def retry(actor: Actor, sources: Sources = None) -> None:
    """立即发送，不等退避时间；静默时段照旧 · send now, without waiting for the next try; quiet hours still hold.

    例 · example:  mingjian messages retry
    """
    from mingjian.notify import deliver, open_post  # here, not above: --help should not wait for it

    run = open_run(sources)
    with run.engine.begin() as conn:
        outbox.retry_now(conn, actor, run.clock.now())
    post = open_post(run)
    counts = deliver(run.engine, run.clock, post)
    terminal().print(
        _("已发 {sent}，待重试 {failed}，发不出 {dead}，并入汇总 {digested}，静默 {quiet}", **counts),
        highlight=False,
    )
    if post.faults:
        raise post.faults[0]


@people.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="CSV", exists=True, dir_okay=False, help="UTF-8 CSV")],
    actor: Actor,
) -> None:
    """导入联系方式：列为 owner_kind、owner_id、channel、address，可加 active（0 为停用）· import addresses from CSV.

    例 · example:  mingjian contacts import contacts.csv
    """
    if path.stat().st_size > MOST_BYTES:
        raise MingjianError(
            _("文件超过 {n} 兆字节", n=MOST_BYTES // 1_000_000), hint=_("拆成几个文件分别导入")
        )
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if missing := [name for name in COLUMNS if name not in (reader.fieldnames or [])]:
            raise MingjianError(
                _("{file} 缺少列 {names}", file=path.name, names="、".join(missing)),
                hint=_("第一行写列名：{names}", names=",".join(COLUMNS)),
            )
        found = [_contact(row, path.name, number) for number, row in enumerate(reader, start=2)]
    with db.open_store(home()).begin() as conn:
        count = contacts.write(conn, found, actor, SystemClock().now())
    terminal().print(_("已导入 {n} 个联系方式", n=count))


@people.command("list")
def list_contacts(
    owner: Annotated[str | None, typer.Option("--owner", help="单位或账号 · a unit or an account")] = None,
    after: After = 0,
    limit: Limit = 50,
) -> None:
    """列出联系方式，地址遮去大半 · contacts, their addresses masked.

    例 · example:  mingjian contacts list --owner U001
    """
    table = _table(_("编号"), _("属于"), _("渠道"), _("地址"), _("在用"))
    with db.open_store(home()).connect() as conn:
        for row, address in contacts.page(conn, after, limit, owner):
            whose = f"{row['owner_kind']} {row['owner_id']}"
            table.add_row(
                str(row["id"]), escape(whose), row["channel"], escape(address), "✓" if row["active"] else ""
            )
    terminal().print(table)


def _contact(row: dict[str, Any], name: str, number: int) -> Contact:
    """One line of the file; an error names file and line and never the address."""
    said = {column: (row.get(column) or "").strip() for column in (*COLUMNS, "active")}
    kinds = {kind.value: kind for kind in ChannelKind}
    try:
        if said["channel"] not in kinds:
            raise MingjianError(_("没有渠道 {name}", name=said["channel"]), hint=_("channel 填 mail 或 sms"))
        return Contact(
            owner_kind=said["owner_kind"],  # type: ignore[arg-type]  # checked by Contact itself
            owner_id=said["owner_id"],
            channel=kinds[said["channel"]],
            address=said["address"],
            active=said["active"] != "0",
        )
    except MingjianError as error:
        raise MingjianError(f"{name}:{number}: {error.message}", hint=error.hint) from None


def _print(rows: Any, limit: int) -> None:
    shown: dict[str, Callable[[RowMapping], str]] = {
        _("编号"): lambda row: str(row["id"]),
        _("消息"): lambda row: str(row["template"]),
        _("收件"): lambda row: str(row["recipient"]),
        _("渠道"): lambda row: str(row["channel"]),
        _("状态"): lambda row: STATE_OF[DeliveryReason(row["reason"])].label,
        _("原因"): lambda row: DeliveryReason(row["reason"]).label,
        _("次数"): lambda row: str(row["attempts"]),
        _("时间"): _moment,
        _("最近错误"): lambda row: row["last_error"] or "",
    }
    table = _table(*shown)
    for row in rows:
        table.add_row(*(escape(cell(row)) for cell in shown.values()))
    terminal().print(table)
    if len(rows) == limit:
        terminal().print(_("还有更多：加 --after {id}", id=rows[-1]["id"]), highlight=False)


def _moment(row: RowMapping) -> str:
    """When it was sent or died, else when it is tried next."""
    at = row["sent_at"] or row["dead_at"] or row["next_try"]
    return str(at.astimezone(CITY_TZ).strftime("%Y-%m-%d %H:%M"))


def _table(*names: str) -> Table:
    table = Table(box=None)
    for name in names:
        table.add_column(name)
    return table
