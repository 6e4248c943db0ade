"""`mingjian backup` and `mingjian restore`: a city's whole state into a folder, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mingjian.cli.common import Actor
from mingjian.domain.clock import SystemClock
from mingjian.domain.i18n import _
from mingjian.run import home
from mingjian.store import db
from mingjian.terminal import terminal

if TYPE_CHECKING:
    from mingjian.backup import Manifest


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    folder: Annotated[Path, typer.Argument(help="新目录 · a new folder")],
    actor: Actor,
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help="连同密钥一起备份 · the keys too: then guard it like a key")
    ] = False,
) -> None:
    """备份数据库、数据湖与其余文件，服务照常运行 · back up store, lake and files while the service works.

    例 · example:  mingjian backup /backup/mingjian-2026-03-02
    """
    from mingjian.backup import back_up  # here, not above: --help should not wait for it

    console, target = terminal(), folder.absolute()
    engine = db.connect(db.database_url(home()))
    with console.status(_("正在备份…")):
        made = back_up(engine, home(), target, SystemClock(), actor, with_secrets=with_secrets)
    engine.dispose()
    console.print("[green]✓[/] " + _("备份写在 {f}", f=target), highlight=False)
    console.print("  " + _tally(made), highlight=False)
    if made.audit_broken_at is not None:
        console.print(
            "[bold red]![/] " + _("备份时审计链已在第 {n} 行不符，请立即查明", n=made.audit_broken_at),
            highlight=False,
        )
    if with_secrets:
        console.print("[bold yellow]![/] " + _("备份含密钥：得到它就能冒充登录、关联身份，请加密存放"))
    else:
        console.print(
            "[yellow]![/] " + _("密钥不在备份中：请另行妥善保存 secret 目录，没有它新旧数据无法对应")
        )


def restore(
    folder: Annotated[Path, typer.Argument(help="备份目录 · the backup's folder")],
    actor: Actor,
    into: Annotated[
        Path | None, typer.Option("--into", help="恢复到哪个目录，默认 MINGJIAN_HOME · into which home")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="替换现有数据 · replace what is there; stop the service first")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="只核对备份是否完好 · only check that the backup is whole")
    ] = False,
) -> None:
    """从备份恢复，要么全部成功，要么什么也不变 · restore a backup: everything or nothing.

    例 · example:  mingjian restore /backup/mingjian-2026-03-02 --into /srv/drill
    """
    from mingjian import backup as backups  # here, not above: --help should not wait for it

    console = terminal()
    if check:
        with console.status(_("正在核对…")):
            whole = backups.check(folder)
        console.print("[green]✓[/] " + _("备份完好") + "  " + _tally(whole), highlight=False)
        return
    place = (into or home()).resolve()
    place.mkdir(parents=True, exist_ok=True)
    words = {
        backups.Step.CHECK: _("正在核对…"),
        backups.Step.COPY: _("正在复制文件…"),
        backups.Step.LOAD: _("正在装入数据库…"),
        backups.Step.VERIFY: _("正在验证审计链…"),
    }
    engine = db.connect(db.database_url(place))
    with console.status("…") as status:
        made = backups.restore(
            engine,
            place,
            folder,
            SystemClock(),
            actor,
            force=force,
            say=lambda step: status.update(words.get(step, "…")),
        )
    engine.dispose()
    console.print("[green]✓[/] " + _("已恢复到 {f}", f=place) + "  " + _tally(made), highlight=False)
    if not (place / "secret").exists():
        console.print("[yellow]![/] " + _("没有密钥：请放回 secret 目录，再启动服务"))


def _tally(made: Manifest) -> str:
    return _(
        "{at} · {r:,} 行 · {t} 个湖表 · {n:,} 个文件 · {mb:,.1f} MB",
        at=made.taken_at[:16].replace("T", " "),
        r=sum(table.rows for table in made.tables.values()),
        t=len(made.lake),
        n=len(made.files),
        mb=made.size / 1e6,
    )
