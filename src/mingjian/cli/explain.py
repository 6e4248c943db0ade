"""`mingjian explain`: why a warning was made, and what would have made it not."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from mingjian.cli.common import note_reading
from mingjian.content.labels import table_label
from mingjian.domain.i18n import _
from mingjian.run import Run, open_run
from mingjian.terminal import terminal

if TYPE_CHECKING:
    from mingjian.explain import Account

MARK = {True: "[green]✓[/]", False: "[dim]·[/]", None: "[yellow]?[/]"}


def register(app: typer.Typer) -> None:
    app.command("explain")(explain)


def explain(
    warning_id: Annotated[str, typer.Argument(metavar="ID", help="预警编号 · the warning's id")],
    sources: Annotated[Path | None, typer.Option("--sources", help="城市目录 · a city's folder")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON · print JSON")] = False,
) -> None:
    """说明一条预警:看到什么、越过哪条线、同类如何、依据哪些行、怎样就不会命中 · why a warning was made, and what would silence it.

    例 · example:  mingjian explain W0123456789ab
    """
    from mingjian.explain import explain_warning  # here, not above: --help should not wait for it

    run = open_run(sources)
    account = explain_warning(run, warning_id)
    with run.engine.begin() as conn:
        note_reading(conn, [account.id], "explain")
    if as_json:
        print(json.dumps(account.as_json(), ensure_ascii=False, indent=1, default=str))
        return
    _print(terminal(), run, account)


def _print(console: Console, run: Run, account: Account) -> None:
    head = f"{account.id}  {account.level}  {account.score}  {account.title}"
    console.print(Panel(account.seen, title=head, title_align="left"))
    _heading(console, _("越过了哪条线"))
    for branch in account.branches:
        for words, holds in branch.parts:
            style = "bold" if branch.gave and holds else ""
            console.print(f"  {MARK[holds]} {branch.level}  {words}", style=style, highlight=False)
    if account.settings:
        _heading(console, _("所用参数"))
        for s in account.settings:
            changed = _("（模型原值 {v}）", v=s.default) if s.default is not None else ""
            console.print(f"  {s.label}  {s.value} {s.unit}{changed}", highlight=False)
    if account.unusual:
        _heading(console, _("与同类相比"))
        for text in account.unusual:
            console.print(f"  · {text}", highlight=False)
    _print_peers(console, run, account)
    _print_rows(console, run, account)
    if account.exclusions:
        _heading(console, _("已核过的排除情形（均不符合）"))
        for text in account.exclusions:
            console.print(f"  · {text}", highlight=False)
    _print_what_if(console, run, account)
    console.print("\n" + _("预警只是核查线索,不是结论。"), style="dim")


def _print_peers(console: Console, run: Run, account: Account) -> None:
    _heading(console, _("同类如何"))
    p = account.peers
    console.print(
        "  " + _("当日该模型在全市命中 {n} 个对象，本区县 {d} 个", n=p.city, d=p.district), highlight=False
    )
    if not p.measures:
        return
    table = Table(box=None)
    for name in (_("数值"), _("本例"), _("中位数"), _("九成以下"), _("低于本例的占比")):
        table.add_column(name, justify="left" if name == _("数值") else "right")
    from mingjian.explain.account import measure_label

    for m in p.measures:
        numbers = [f"{v:,.2f}".rstrip("0").rstrip(".") for v in (m.value, m.median, m.p90)]
        table.add_row(measure_label(run, account.model, m.measure), *numbers, f"{m.share_below:.0%}")
    console.print(table)


def _print_rows(console: Console, run: Run, account: Account) -> None:
    _heading(console, _("依据的行"))
    for table, count in Counter(item["table"] for item in account.rows).items():
        keys = [", ".join(map(str, i["key"].values())) for i in account.rows if i["table"] == table]
        more = " …" if count > 5 else ""
        console.print(
            f"  {table_label(run.content.tables, table)} ({count}): {'; '.join(keys[:5])}{more}",
            highlight=False,
        )


def _print_what_if(console: Console, run: Run, account: Account) -> None:
    _heading(console, _("怎样就不会命中"))
    for name, change in account.silences:
        console.print(f"  · {name} {change}", highlight=False)
    for table, key in account.decisive:
        said = _("若没有{t}中的 {key} 这一行", t=table_label(run.content.tables, table), key=key)
        console.print(f"  · {said}", highlight=False)
    if account.not_told:
        console.print(f"  {account.not_told}", style="yellow", highlight=False)
    elif not account.silences and not account.decisive:
        console.print("  " + _("单改一个参数或去掉任一行都仍会命中"), highlight=False)


def _heading(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/]", highlight=False)
