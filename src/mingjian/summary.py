"""What a run prints: one line a step while it goes, and the figures at the end."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from mingjian.domain.i18n import _, language, pick
from mingjian.domain.level import Level
from mingjian.domain.order import Light
from mingjian.domain.reason import WarnReason
from mingjian.domain.warning import WarningState
from mingjian.flow import Done
from mingjian.run import Run
from mingjian.store.tables import feed, model_run, quarantine, supervision_order, warning


def print_step(console: Console, step: Done) -> None:
    """One line: stage, key, counts, seconds; a failure in full."""
    if step.error:
        console.print(f"[red]✗ {step.stage:<9} {step.key}[/]\n  {step.error}", highlight=False)
        return
    counts = "  ".join(f"{k} {v:,}" for k, v in step.counts.items() if v)
    console.print(
        f"[green]✓[/] {step.stage:<9} {step.key:<28} {counts}  [dim]{step.seconds:.1f}s[/]", highlight=False
    )


def print_summary(console: Console, run: Run, done: list[Done]) -> None:
    """Rows pulled, rows quarantined with reasons, findings, warnings, orders, time per stage."""
    console.print()
    console.rule(_("明鉴 · {day} 运行小结", day=run.as_of))
    with run.engine.connect() as conn:
        _print(console, _("数据源"), [_("源"), _("读入"), _("入湖"), _("隔离"), _("结果")], _feeds(conn))
        _print(
            console, _("隔离行与原因"), [_("表"), _("阶段"), _("类别"), _("行"), _("例")], _quarantined(conn)
        )
        _print(console, _("模型"), [_("模型"), _("名称"), _("状态"), _("命中"), _("秒")], _models(conn, run))
        _print(
            console,
            _("预警(按领域与等级)"),
            [_("领域"), "高", "中", "低", _("合计"), _("今日新增")],
            _warnings(conn, run),
        )
        _print(
            console,
            _("未派发的预警(按原因)"),
            [_("原因"), "高", "中", "低", _("合计")],
            _held_back(conn),
        )
        _print(console, _("督办单(按级次)"), [_("级次"), _("灯"), _("单数")], _orders(conn))
    _print(console, _("各阶段用时"), [_("阶段"), _("步数"), _("秒")], _times(done))


def _print(console: Console, title: str, columns: list[str], rows: list[list[Any]]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for n, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[n], int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left")
    for row in rows:
        table.add_row(
            *[f"{c:,}" if isinstance(c, int) else f"{c:.1f}" if isinstance(c, float) else str(c) for c in row]
        )
    console.print(table if rows else f"[bold]{title}[/] -", highlight=False)
    console.print()


def _feeds(conn: Any) -> list[list[Any]]:
    rows = conn.execute(select(feed).order_by(feed.c.source))
    return [[r.source, r.rows_read, r.rows_kept, r.rows_quarantined, r.error or r.reason] for r in rows]


def _quarantined(conn: Any) -> list[list[Any]]:
    by = (quarantine.c.table_name, quarantine.c.stage, quarantine.c.value_class)
    rows = conn.execute(
        select(*by, func.count().label("n"), func.min(quarantine.c.reason).label("example"))
        .where(quarantine.c.status == "held")
        .group_by(*by)
        .order_by(*by)
    )
    return [[r.table_name, r.stage, r.value_class, r.n, r.example] for r in rows]


def _models(conn: Any, run: Run) -> list[list[Any]]:
    rows = conn.execute(
        select(model_run)
        .distinct(model_run.c.model_id)
        .order_by(model_run.c.model_id, (model_run.c.outcome == "done").desc(), model_run.c.as_of.desc())
    )
    return [
        [
            r.model_id,
            pick(run.content.models[r.model_id].name),
            r.message or r.outcome,
            r.findings,
            float(r.seconds),
        ]
        for r in rows
        if r.model_id in run.content.models
    ]


def _warnings(conn: Any, run: Run) -> list[list[Any]]:
    rows = conn.execute(
        select(
            warning.c.sector,
            warning.c.level,
            func.count().label("n"),
            func.count().filter(warning.c.first_seen == run.as_of).label("fresh"),
        ).group_by(warning.c.sector, warning.c.level)
    ).all()
    found: defaultdict[str, dict[str, int]] = defaultdict(lambda: {"高": 0, "中": 0, "低": 0, "fresh": 0})
    for r in rows:
        found[r.sector][r.level] += r.n
        found[r.sector]["fresh"] += r.fresh
    order = {s.sector: s.order for s in run.content.sectors.values()}
    return [
        [
            pick(run.content.sectors[s].name, language()),
            c["高"],
            c["中"],
            c["低"],
            c["高"] + c["中"] + c["低"],
            c["fresh"],
        ]
        for s, c in sorted(found.items(), key=lambda item: order.get(item[0], 0))
    ]


def _held_back(conn: Any) -> list[list[Any]]:
    """Warnings that wait for their unit's budget, and those that rest, by what silenced them."""
    resting = [WarningState.WAITING, WarningState.RECORDED]
    rows = conn.execute(
        select(
            warning.c.reason,
            *(func.count().filter(warning.c.level == level).label(level.english) for level in Level),
            func.count().label("n"),
        )
        .where(warning.c.status.in_(resting))
        .group_by(warning.c.reason)
        .order_by(func.count().desc(), warning.c.reason)
    )
    return [[WarnReason(r.reason).label, r.high, r.medium, r.low, r.n] for r in rows]


def _orders(conn: Any) -> list[list[Any]]:
    by = (supervision_order.c.tier, supervision_order.c.light)
    rows = conn.execute(select(*by, func.count().label("n")).group_by(*by).order_by(*by))
    return [[_("{n} 级", n=r.tier), Light(r.light).label, r.n] for r in rows]


def _times(done: list[Done]) -> list[list[Any]]:
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for step in done:
        seconds[step.stage].append(step.seconds)
    return [[stage, len(s), round(sum(s), 1)] for stage, s in seconds.items()]
