"""`mingjian audit`: whether the log is whole, its daily anchors, and what it holds."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from mingjian.cli.common import DAY, Actor
from mingjian.domain.audit import Anchor, AuditReport
from mingjian.domain.clock import CITY_TZ, SystemClock
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.run import home
from mingjian.store import anchors, db
from mingjian.store import audit as log
from mingjian.store.audit_check import check
from mingjian.terminal import terminal

group = typer.Typer(help="审计日志 · the audit log", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="audit")


@group.command("verify")
def verify(
    against: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|HEX",
            help="与印出的锚核对：简报文件（HTML、Word、文本）或 64 位哈希 · check against a printed anchor",
        ),
    ] = None,
) -> None:
    """核验审计链：有行被改、被删、被换位、被伪造，逐处指明 · name every row edited, deleted, reordered or forged.

    例 · example:  mingjian audit verify --against bulletin-2026-03-02.html
    """
    with db.open_store(home()).connect() as conn:
        printed = _printed(against) if against else None
        if isinstance(printed, str):
            wanted, printed = printed, anchors.find(conn, printed)
            if printed is None:
                raise MingjianError(
                    _("审计日志中没有一行的哈希是 {hash}", hash=wanted),
                    hint=_("先核对抄写；抄写无误，则印出该锚之前的日志已被改写：保留现场，通知安全审计员"),
                )
        report = check(conn, [printed] if printed else [])
    if report.faults:
        raise anchors.broken(report)
    _say_whole(report, printed)


@group.command("anchor")
def anchor(
    actor: Actor,
    despite: Annotated[
        str | None,
        typer.Option(
            metavar="REASON",
            help="日志已知有异常仍要设锚，写明理由 · anchor a log known to be broken, and say why",
        ),
    ] = None,
) -> None:
    """设今日的锚并显示；今日已有则只显示 · make today's anchor and show it, or show the one there is.

    例 · example:  mingjian audit anchor
    """
    with db.open_store(home()).begin() as conn:
        made = anchors.make(conn, SystemClock().now(), actor=actor, despite=despite)
        shown = made or anchors.newest(conn)
    if shown is None:
        raise MingjianError(_("审计日志还是空的，无锚可设"), hint=_("运行 mingjian run 之后再设"))
    console = terminal()
    console.print(_("已设锚") if made else _("今日的锚已有；最近的锚是"))
    console.print("  " + anchor_line(shown), highlight=False)


@group.command("show")
def show(
    kind: Annotated[str | None, typer.Option(help="对象类别，如 warning · kind of object")] = None,
    object_id: Annotated[str | None, typer.Option("--id", help="对象编号 · the object's id")] = None,
    actor: Annotated[str | None, typer.Option(help="谁 · who")] = None,
    action: Annotated[str | None, typer.Option(help="做了什么，如 view · what was done")] = None,
    day: Annotated[datetime | None, typer.Option(formats=DAY, help="哪一天 · which day")] = None,
    before: Annotated[int | None, typer.Option(help="此编号之前 · below this row number")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多几行 · at most")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON · print JSON")] = False,
) -> None:
    """查看审计行，新者在前：按对象、人、日期 · audit rows, newest first, by object, person and day.

    例 · example:  mingjian audit show --actor inspector --action view --day 2026-03-02
    """
    with db.open_store(home()).connect() as conn:
        rows = log.page(
            conn,
            object_kind=kind,
            object_id=object_id,
            actor=actor,
            action=action,
            day=day.date() if day else None,
            before=before,
            size=limit,
        )
    if as_json:
        print(json.dumps([dict(row) for row in rows], ensure_ascii=False, default=str, indent=1))
        return
    table = Table(box=None)
    for column in (_("编号"), _("时间"), _("谁"), _("操作"), _("对象"), _("详情")):
        table.add_column(column)
    for row in rows:
        at = f"{row['at'].astimezone(CITY_TZ):%Y-%m-%d %H:%M:%S}"
        detail = json.dumps(row["detail"], ensure_ascii=False) if row["detail"] else ""
        about = f"{row['object_kind']} {row['object_id']}"
        table.add_row(str(row["id"]), at, row["actor"], row["action"], about, detail)
    console = terminal()
    console.print(table if rows else _("没有符合条件的审计行"))
    if len(rows) == limit:
        console.print(_("更早的：--before {n}", n=rows[-1]["id"]), highlight=False)


def anchor_line(anchor: Anchor) -> str:
    """The anchor as it is printed everywhere."""
    return _(
        "审计锚 {day}：共 {rows} 行，末行 {last}，哈希 {hash}",
        day=anchor.day or "",
        rows=f"{anchor.rows:,}",
        last=f"{anchor.last_id:,}",
        hash=anchor.groups,
    )


def _printed(against: str) -> Anchor | str:
    """The anchor that a file shows, or the hash that was typed; MingjianError when there is neither."""
    from mingjian.report.printed import printed_anchor  # here, not above: --help should not wait for it

    typed = "".join(against.split()).lower()
    if len(typed) == 64 and set(typed) <= set("0123456789abcdef"):
        return typed
    return printed_anchor(Path(against))


def _say_whole(report: AuditReport, printed: Anchor | None) -> None:
    console = terminal()
    console.print(
        "[green]✓[/] " + _("审计链完整：{n} 行，{k} 个锚相符", n=f"{report.rows:,}", k=f"{report.anchors:,}"),
        highlight=False,
    )
    if printed:
        console.print("  " + _("印出的锚相符：第 {n} 行", n=f"{printed.last_id:,}"), highlight=False)
    if report.unanchored:
        console.print("  " + _("最近的锚之后还有 {n} 行", n=f"{report.unanchored:,}"), highlight=False)
