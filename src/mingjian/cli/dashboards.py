"""`mingjian grafana`: dashboards as code, written out or published."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from mingjian.content import load_content
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _, language
from mingjian.terminal import terminal

group = typer.Typer(help="Grafana 看板 · dashboards", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="grafana")


@group.command("export")
def export(out: Annotated[Path, typer.Argument(metavar="DIR", help="写到哪个目录 · where to write")]) -> None:
    """写出供文件加载的数据源与看板 · write data source and dashboards for file provisioning.

    例 · example:  mingjian grafana export /etc/grafana
    """
    from mingjian.report import grafana  # here, not above: --help should not wait for it

    for path in grafana.export(out, load_content(), language()):
        terminal().print(f"  {path}", highlight=False)


@group.command("publish")
def publish(
    url: Annotated[str, typer.Option("--url", help="Grafana 地址 · Grafana's address")],
    token: Annotated[
        str | None, typer.Option("--token", help="服务令牌,默认取 GRAFANA_TOKEN · service token")
    ] = None,
) -> None:
    """把数据源与看板发布到 Grafana · send data source and dashboards to a Grafana.

    例 · example:  mingjian grafana publish --url http://grafana:3000 --token "$GRAFANA_TOKEN"
    """
    from mingjian.report import grafana  # here, not above: --help should not wait for it

    secret = token or os.environ.get("GRAFANA_TOKEN")
    if not secret:
        raise MingjianError(_("没有令牌"), hint=_("用 --token 给出,或设置环境变量 GRAFANA_TOKEN"))
    grafana.publish(url, secret, load_content(), grafana.DashDatabase.from_environment(), language())
    terminal().print("[green]✓[/] " + _("看板已发布到 {url}", url=url), highlight=False)
