"""`mingjian warnings`, `replay` and `evaluate`: look at warnings, prove them, measure them."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import select

from mingjian.cli.common import note_reading
from mingjian.cli.detail import print_warning
from mingjian.content import load_content
from mingjian.domain.errors import MingjianError, NotFound
from mingjian.domain.i18n import _, pick
from mingjian.run import home, open_run
from mingjian.store import db
from mingjian.store.tables import warning
from mingjian.terminal import terminal

group = typer.Typer(help="查看预警 · look at warnings", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON · print JSON")]
LISTED = [
    "id",
    "model",
    "model_version",
    "sector",
    "subject_kind",
    "subject_id",
    "period",
    "level",
    "score",
    "fingerprint",
    "first_seen",
    "last_seen",
    "hits",
    "status",
    "region_code",
    "amount",
    "unit_id",
    "bundle",
    "reason",
]


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="warnings")
    app.command("replay")(replay)
    app.command("evaluate")(evaluate)


@group.command("list")
def list_(
    sector: Annotated[str | None, typer.Option(help="领域 · sector")] = None,
    level: Annotated[str | None, typer.Option(help="高 | 中 | 低")] = None,
    model: Annotated[str | None, typer.Option(help="模型编码 · model id")] = None,
    limit: Annotated[int, typer.Option(help="最多几条;0 为全部 · at most; 0 for all")] = 0,
    as_json: AsJson = False,
) -> None:
    """列出预警,重者在前 · list warnings, the most serious first.

    例 · example:  mingjian warnings list --sector subsidy --level 高 --json
    """
    query = select(warning).order_by(warning.c.level_rank, warning.c.queue_key.desc(), warning.c.id)
    for column, value in ((warning.c.sector, sector), (warning.c.level, level), (warning.c.model, model)):
        query = query.where(column == value) if value else query
    with db.open_store(home()).begin() as conn:
        rows = conn.execute(query.limit(limit) if limit else query).mappings().all()
        note_reading(conn, [row["id"] for row in rows], "warnings list")
    if as_json:
        print(
            json.dumps(
                [{k: row[k] for k in LISTED} for row in rows], ensure_ascii=False, default=_plain, indent=1
            )
        )
        return
    _table(rows)


@group.command("show")
def show(
    warning_id: Annotated[str, typer.Argument(metavar="ID", help="预警编号 · the warning's id")],
    as_json: AsJson = False,
) -> None:
    """看一条预警的来龙去脉 · one warning in full.

    例 · example:  mingjian warnings show W0123456789ab
    """
    with db.open_store(home()).begin() as conn:
        row = conn.execute(select(warning).where(warning.c.id == warning_id)).mappings().first()
        if row is None:
            raise NotFound(_("没有预警 {id}", id=warning_id), hint=_("用 mingjian warnings list 查看编号"))
        note_reading(conn, [warning_id], "warnings show")
    if as_json:
        print(json.dumps(dict(row), ensure_ascii=False, default=_plain, indent=1))
        return
    print_warning(terminal(), load_content(), dict(row))


def replay(
    warning_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="预警编号 · the warning's id")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="全部预警 · every warning")] = False,
    sources: Annotated[Path | None, typer.Option("--sources", help="城市目录 · a city's folder")] = None,
    as_json: AsJson = False,
) -> None:
    """用当时的快照重算预警,看是否一致 · recompute warnings from their snapshots and compare.

    例 · example:  mingjian replay --all
    """
    from mingjian import replay as replaying  # here, not above: --help should not wait for it

    if bool(warning_id) == everything:
        raise MingjianError(_("请给出一个预警编号,或用 --all"), hint="mingjian replay --all")
    done = replaying.replay(open_run(sources), warning_id)
    differing = [r for r in done if r.difference]
    if as_json:
        print(json.dumps([r.__dict__ for r in done], ensure_ascii=False, indent=1))
    else:
        console = terminal()
        for r in differing:
            console.print(f"[red]✗[/] {r.warning_id}  {r.model}: {r.difference}", highlight=False)
        console.print(
            _("重算 {n} 条预警,{same} 条一致", n=len(done), same=len(done) - len(differing)), highlight=False
        )
    if differing:
        raise typer.Exit(1)


def evaluate(
    truth: Annotated[Path, typer.Option("--truth", help="真值文件 · the truth file")],
    sources: Annotated[Path | None, typer.Option("--sources", help="城市目录 · a city's folder")] = None,
    missed: Annotated[bool, typer.Option("--misses", help="列出漏掉的 · list the misses")] = False,
    as_json: AsJson = False,
) -> None:
    """对照真值文件度量每个模型 · measure every model against a truth file.

    例 · example:  mingjian evaluate --truth var/city/truth.csv
    """
    from mingjian import evaluate as measuring  # here, not above: --help should not wait for it

    run = open_run(sources or truth.parent)
    rows = measuring.evaluate(run, truth)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    table = Table(box=None)
    for column in (_("模型"), _("植入"), _("找到"), _("误报"), _("召回率"), _("精确率")):
        table.add_column(column, justify="left" if column == _("模型") else "right")
    for r in rows:
        table.add_row(
            r["model"],
            *[str(r[k]) for k in ("planted", "found", "false")],
            *[_rate(r[k]) for k in ("recall", "precision")],
        )
    console = terminal()
    console.print(table)
    for miss in measuring.misses(run, truth) if missed else []:
        console.print(
            f"  {miss['model']}  {miss['subject_id'][:16]}  {miss.get('note', '')}", highlight=False
        )


def _table(rows: Any) -> None:
    content = load_content()
    table = Table(box=None)
    for column in (
        _("编号"),
        _("等级"),
        _("分"),
        _("模型"),
        _("对象"),
        _("期间"),
        _("首次"),
        _("次数"),
        _("状态"),
    ):
        table.add_column(column)
    for r in rows:
        name = pick(content.models[r["model"]].name) if r["model"] in content.models else r["model"]
        subject = f"{r['subject_kind']} {r['subject_id'][:18]}"
        table.add_row(
            r["id"],
            r["level"],
            str(r["score"]),
            name,
            subject,
            r["period"],
            str(r["first_seen"]),
            str(r["hits"]),
            r["status"],
        )
    console = terminal()
    console.print(table if rows else _("没有预警。先运行 mingjian run"))


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else str(value)
