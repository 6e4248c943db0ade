"""`mingjian quarantine` and `letter`: rows held back, letters for overdue orders."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from mingjian.domain.clock import SystemClock, clock_for
from mingjian.domain.i18n import _, language
from mingjian.run import city_content, default_sources, home, open_run, today
from mingjian.store import db
from mingjian.terminal import terminal

quarantine = typer.Typer(help="隔离区 · rows held back", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(quarantine, name="quarantine")
    app.command("letter")(letter)


@quarantine.command("list")
def list_(
    table: Annotated[str | None, typer.Option(help="只看一张表 · one table")] = None,
    after: Annotated[int, typer.Option(help="从此编号之后 · after this id")] = 0,
    limit: Annotated[int, typer.Option(help="最多几行 · at most")] = 50,
) -> None:
    """列出被隔离的行及原因 · rows held, with file, row, column and reason.

    例 · example:  mingjian quarantine list --table payout
    """
    from mingjian.gate import list_held  # here, not above: --help should not wait for it

    shown = Table(box=None)
    for name in (_("编号"), _("表"), _("文件"), _("行"), _("列"), _("类别"), _("原因")):
        shown.add_column(name)
    with db.open_store(home()).connect() as conn:
        for row in list_held(conn, table, after, limit):
            cells = (
                row["id"],
                row["table_name"],
                row["file"],
                row["row_no"],
                row["column_name"],
                row["value_class"],
            )
            shown.add_row(*map(str, cells), row["reason"])
    terminal().print(shown)


@quarantine.command("pages")
def pages(
    out: Annotated[Path, typer.Option("--out", help="写到哪个目录 · where to write")],
    sources: Annotated[Path | None, typer.Option("--sources", help="城市目录 · a city's folder")] = None,
) -> None:
    """写出每张表的质量关口结果页 · write one page per table with what the gate found.

    例 · example:  mingjian quarantine pages --out var/gate
    """
    from mingjian.gate import write_pages  # here, not above: --help should not wait for it

    for path in write_pages(open_run(sources), out):
        terminal().print(f"  {path}", highlight=False)


@quarantine.command("accept-size")
def accept_size_(
    table: Annotated[str, typer.Argument(help="表 · table")],
    actor: Annotated[str, typer.Option(help="谁认可 · who accepts")],
) -> None:
    """认可一张明显变小的表,下次运行时放行 · accept that a table shrank; the next run lets it pass.

    例 · example:  mingjian quarantine accept-size payout --actor 数据管理员
    """
    from mingjian.gate import accept_size  # here, not above: --help should not wait for it

    with db.open_store(home()).begin() as conn:
        accept_size(conn, table, actor, SystemClock().now())
    terminal().print(_("已认可 {table} 的行数", table=table))


@quarantine.command("release")
def release_(
    ids: Annotated[list[int], typer.Argument(help="隔离编号 · ids from the list")],
    actor: Annotated[str, typer.Option(help="谁放行 · who releases")],
) -> None:
    """放行关口误判的行,下次运行时入表 · let rows pass that the gate held in error.

    例 · example:  mingjian quarantine release 12 13 --actor 数据管理员
    """
    from mingjian.gate import release  # here, not above: --help should not wait for it

    with db.open_store(home()).begin() as conn:
        count = release(conn, ids, actor, SystemClock().now())
    terminal().print(_("已放行 {n} 行,下次运行时进入模型", n=count))


def letter(
    order_id: Annotated[str, typer.Argument(metavar="ORDER", help="督办单编号 · the order's id")],
    out: Annotated[Path, typer.Option("--out", help="写到哪个目录 · where to write")] = Path(),
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="落款日,默认今天 · its date, today if unsaid"),
    ] = None,
    sources: Annotated[Path | None, typer.Option("--sources", help="城市目录 · a city's folder")] = None,
) -> None:
    """为逾期督办单生成提醒督办函(HTML 与 Word)· the reminder letter of an overdue order.

    例 · example:  mingjian letter D0123456789ab --out letters
    """
    from mingjian.report.reminder import render_reminder  # here, not above: --help should not wait for it
    from mingjian.supervise import terms_of

    folder = (sources or default_sources()).resolve()
    content = city_content(folder, today(folder))
    now = (clock_for(as_of.date()) if as_of else SystemClock()).now()
    out.mkdir(parents=True, exist_ok=True)
    with db.open_store(home()).connect() as conn:
        made = render_reminder(conn, content, order_id, language(), now, terms_of(content).calendar)
    (out / f"{order_id}.html").write_text(made.html, encoding="utf-8")
    (out / f"{order_id}.docx").write_bytes(made.docx)
    terminal().print(
        _("已写 {a} 与 {b}", a=out / f"{order_id}.html", b=out / f"{order_id}.docx"), highlight=False
    )
