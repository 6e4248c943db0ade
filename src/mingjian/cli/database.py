"""`mingjian db`: the store's schema."""

from __future__ import annotations

from typing import Annotated

import typer

from mingjian.domain.i18n import _
from mingjian.run import home
from mingjian.store import db
from mingjian.terminal import terminal

group = typer.Typer(help="数据库 · the store", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="db")


@group.command("upgrade")
def upgrade(revision: Annotated[str, typer.Argument(help="目标版本 · target revision")] = "head") -> None:
    """把数据库升级到最新版本 · bring the schema to the newest version.

    例 · example:  MINGJIAN_DATABASE_URL=postgresql+psycopg://… mingjian db upgrade
    """
    engine = db.connect(db.database_url(home()))
    db.upgrade(engine, revision)
    terminal().print("[green]✓[/] " + _("数据库已是最新版本"))


@group.command("grants")
def grants() -> None:
    """授权服务账号:业务表可读写,审计表只可读与追加 · rights of the service's role: audit tables only read and append.

    例 · example:  MINGJIAN_DATABASE_URL=postgresql+psycopg://owner@… mingjian db grants
    """
    db.grant_service(db.connect(db.database_url(home())))
    terminal().print("[green]✓[/] " + _("角色 mingjian_service 已授权"))
    terminal().print(
        "  " + _("再把它授予服务的登录账号：{sql}", sql="GRANT mingjian_service TO …"), highlight=False
    )
