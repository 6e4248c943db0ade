"""`mingjian organisation`: units and users imported; units moved, merged, renamed, closed; who is away, who is on duty."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from mingjian.cli import cover
from mingjian.cli.common import DAY, Actor
from mingjian.domain.clock import CITY_TZ, SystemClock
from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.unit import ChangeKind
from mingjian.run import home
from mingjian.store import db
from mingjian.store import organisation as store
from mingjian.terminal import terminal

group = typer.Typer(help="单位与用户 · units and users", no_args_is_help=True)

Document = Annotated[str, typer.Option("--document", help="依据的文件 · the document it rests on")]
OnDay = Annotated[
    datetime | None,
    typer.Option("--day", formats=DAY, help="从哪天起，默认今天 · the day it takes effect, today if unsaid"),
]
Unit = Annotated[str, typer.Argument(metavar="UNIT", help="单位编码 · the unit's id")]


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="organisation")
    group.command("absent")(cover.absent)
    group.command("duty")(cover.duty)


@group.command("import")
def import_(
    units: Annotated[Path, typer.Argument(metavar="UNITS", help="单位表，CSV 或 Excel · the units' file")],
    actor: Actor,
    users: Annotated[
        Path | None,
        typer.Argument(
            metavar="[USERS]",
            help="用户表；不写则用 Excel 的第二张表 · the users' file, or the workbook's sheet",
        ),
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", help="未采用的行写到哪 · where refused rows are told")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=DAY, help="表的编制日期，默认今天 · the day it was drawn up"),
    ] = None,
    document: Document = "",
    check: Annotated[
        bool, typer.Option("--check", help="只检查，不写入 · check only, change nothing")
    ] = False,
) -> None:
    """导入单位与用户；有错的行另存，其余照常；再导一遍什么也不变 · import units and users; bad rows are told, good ones go in.

    例 · example:  mingjian organisation import units.xlsx users.csv --check
    """
    from mingjian.organisation import import_register  # here, not above: --help should not wait for it

    done = import_register(
        db.open_store(home()),
        SystemClock(),
        units,
        users,
        actor=actor,
        as_of=as_of.date() if as_of else None,
        rejects=rejects,
        document=document,
        check_only=check,
    )
    shown = Table(box=None)
    for name in ("", _("新增"), _("有变"), _("不变"), _("未采用"), _("以本地为准")):
        shown.add_column(name, justify="right" if name else "left")
    for name, c in ((_("单位"), done.units), (_("用户"), done.users)):
        shown.add_row(name, *(f"{n:,}" for n in (c.new, c.changed, c.unchanged, c.rejected, c.kept)))
    terminal().print(shown)
    for sheet in done.sheets:
        if sheet.withheld:
            terminal().print(
                _("{file}：按规定不存的列：{columns}", file=sheet.file, columns="、".join(sheet.withheld)),
                highlight=False,
            )
        if sheet.unused:
            terminal().print(
                _("{file}：没有用到的列：{columns}", file=sheet.file, columns="、".join(sheet.unused)),
                highlight=False,
            )
    if done.rejects is not None:
        terminal().print(_("未采用的行及原因：{path}", path=done.rejects), highlight=False)
    if check:
        terminal().print(_("只作检查，没有写入"), highlight=False)


@group.command("move")
def move(
    unit: Unit,
    to: Annotated[str, typer.Option("--to", help="新的上级单位 · the new parent")],
    document: Document,
    actor: Actor,
    day: OnDay = None,
) -> None:
    """把单位连同下级划到另一个上级之下 · hang a unit, with all below it, under another.

    例 · example:  mingjian organisation move T150102001 --to D150105 --document 民政函〔2026〕3号
    """
    from mingjian.organisation import change  # here, not above: --help should not wait for it

    clock = SystemClock()
    with db.open_store(home()).begin() as conn:
        count = change.move(
            conn, unit, to, change.decide(clock, actor, document, day.date() if day else None)
        )
    terminal().print(_("{unit} 已划到 {to} 之下，共 {n} 个单位", unit=unit, to=to, n=count), highlight=False)


@group.command("merge")
def merge(
    units: Annotated[list[str], typer.Argument(metavar="UNIT…", help="被并入的单位 · the units that end")],
    into: Annotated[str, typer.Option("--into", help="承接的单位 · the unit that takes over")],
    document: Document,
    actor: Actor,
    day: OnDay = None,
) -> None:
    """把几个单位并入另一个：未了结的督办单、用户、下级单位一并移交，期限不变 · let a unit take over others.

    例 · example:  mingjian organisation merge D150102-housing D150102-urban --into D150102-build --document 编委发〔2026〕8号
    """
    from mingjian.organisation import change  # here, not above: --help should not wait for it

    clock = SystemClock()
    with db.open_store(home()).begin() as conn:
        done = change.merge(
            conn, units, into, change.decide(clock, actor, document, day.date() if day else None)
        )
    terminal().print(
        _(
            "{into} 已承接：督办单 {orders} 件、用户 {users} 个、下级单位 {units} 个",
            into=into,
            orders=done.orders,
            users=done.users,
            units=done.units,
        ),
        highlight=False,
    )


@group.command("rename")
def rename(
    unit: Unit,
    name: Annotated[str, typer.Argument(metavar="NAME", help="新名称 · the new name")],
    document: Document,
    actor: Actor,
    day: OnDay = None,
) -> None:
    """给单位更名 · give a unit another name.

    例 · example:  mingjian organisation rename D150102-civil 新城区民政和社会工作局 --document 编委发〔2026〕9号
    """
    from mingjian.organisation import change  # here, not above: --help should not wait for it

    clock = SystemClock()
    with db.open_store(home()).begin() as conn:
        change.rename(conn, unit, name, change.decide(clock, actor, document, day.date() if day else None))
    terminal().print(_("{unit} 已更名为 {name}", unit=unit, name=name), highlight=False)


@group.command("close")
def close(unit: Unit, document: Document, actor: Actor, day: OnDay = None) -> None:
    """撤销一个已无未了结事项的单位 · close a unit that has nothing left to do.

    例 · example:  mingjian organisation close D150102-office --document 编委发〔2026〕9号
    """
    from mingjian.organisation import change  # here, not above: --help should not wait for it

    clock = SystemClock()
    with db.open_store(home()).begin() as conn:
        change.close(conn, unit, change.decide(clock, actor, document, day.date() if day else None))
    terminal().print(_("{unit} 已撤销", unit=unit), highlight=False)


@group.command("show")
def show(
    unit: Unit,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=DAY, help="哪天的情形，默认今天 · as it stood on this day"),
    ] = None,
) -> None:
    """一个单位：那天叫什么、归谁管，历次变动 · a unit as it stood on a day, and its history.

    例 · example:  mingjian organisation show D150102-civil --as-of 2026-01-01
    """
    day = as_of.date() if as_of else SystemClock().now().astimezone(CITY_TZ).date()
    with db.open_store(home()).connect() as conn:
        stood = store.as_of(conn, [unit], day).get(unit)
        if stood is None:
            raise NotFound(_("没有单位 {id}", id=unit), hint=_("请核对单位编码"))
        changes = store.changes_of(conn, unit)
        today = store.successors(conn, [unit])[unit]
    above = " ← ".join(f"{name}（{id}）" for id, name in stood.above) or _("无")
    terminal().print(
        _("{day}：{name}（{id}）", day=day, name=stood.name, id=unit)
        + ("" if stood.open else _("，当日不存在或已撤销")),
        highlight=False,
    )
    terminal().print(_("上级：{above}", above=above), highlight=False)
    if today != unit:
        terminal().print(_("现由 {unit} 承接", unit=today), highlight=False)
    table = Table(box=None)
    for column in (_("日期"), _("单位"), _("变动"), _("变动前"), _("变动后"), _("文件"), _("决定人")):
        table.add_column(column)
    for c in changes:
        cells = (c.before or "", c.after or "", c.document, c.actor)
        table.add_row(str(c.day), f"{c.unit_name}（{c.unit_id}）", ChangeKind(c.kind).label, *cells)
    terminal().print(table if changes else _("没有变动记录"))
