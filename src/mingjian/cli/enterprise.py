"""`mingjian enterprise`: what enterprises raised in a quarter, and what became of it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from mingjian.domain.clock import CITY_TZ, SystemClock
from mingjian.domain.enterprise import is_quarter, quarter_of
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.run import home
from mingjian.store import db, enterprise
from mingjian.terminal import terminal

group = typer.Typer(help="企业问题（三员） · enterprise issues", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="enterprise")


@group.command("report")
def report(
    quarter: Annotated[
        str, typer.Option("--quarter", help="季度，如 2026Q3（默认本季度） · the quarter (default: this one)")
    ] = "",
) -> None:
    """季度报告：各区县收集、答复、回访的数量 · the quarter's report by district.

    例 · example:  mingjian enterprise report --quarter 2026Q3
    """
    today = SystemClock().now().astimezone(CITY_TZ).date()
    asked = quarter or quarter_of(today)
    if not is_quarter(asked):
        raise MingjianError(_("没有季度 {quarter}", quarter=asked), hint=_("季度须写作 2026Q3"))
    with db.open_store(home()).connect() as conn:
        rows = enterprise.quarterly(conn, asked, today)
    if not rows:
        terminal().print(_("{quarter} 没有收集企业问题", quarter=asked))
        return
    table = Table(title=_("{quarter} 企业问题", quarter=asked), box=None)
    for column in (
        _("区县"),
        _("收集"),
        _("部门级"),
        _("区级"),
        _("升级"),
        _("已答复"),
        _("按期"),
        _("重办"),
        _("已办结"),
        _("满意"),
        _("逾期未答复"),
    ):
        table.add_column(column)
    shown = ("collected", "department", "district", "raised", "answered", "in_time", "reopened", "closed",
             "satisfied", "overdue")  # fmt: skip
    for r in rows:
        table.add_row(r["district_code"], *(str(r[name]) for name in shown))
    table.add_row(_("合计"), *(str(sum(r[name] for r in rows)) for name in shown), style="bold")
    terminal().print(table)
