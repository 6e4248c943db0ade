"""`mingjian backtest`: what a rule would have found in past weeks, with one set of values or two."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mingjian.content import load_content
from mingjian.domain.errors import MingjianError, NotFound
from mingjian.domain.i18n import _
from mingjian.domain.model import Model
from mingjian.domain.override import checked_value
from mingjian.run import open_run
from mingjian.terminal import terminal

if TYPE_CHECKING:
    from mingjian.backtest.result import Outcome

DAY = ["%Y-%m-%d"]
Values = Annotated[
    list[str] | None, typer.Option("--param", help="参数=值,可重复 · name=value, may be repeated")
]
Against = Annotated[
    list[str] | None,
    typer.Option("--against", help="与另一组参数比较 · compare with other values: name=value"),
]


def register(app: typer.Typer) -> None:
    app.command("backtest")(backtest)


def backtest(
    rule: Annotated[str, typer.Argument(help="模型编码 · a model's id")],
    start: Annotated[datetime, typer.Option("--from", formats=DAY, help="起日 · first day")],
    end: Annotated[datetime, typer.Option("--to", formats=DAY, help="止日 · last day")],
    param: Values = None,
    against: Against = None,
    sources: Annotated[Path | None, typer.Option("--sources", help="城市目录 · a city's folder")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON · print JSON")] = False,
) -> None:
    """用过去的快照逐周试跑一个模型,不偷看以后 · run a model over past weeks with no look-ahead.

    例 · example:  mingjian backtest subsidy.deceased_payee --from 2026-03-02 --to 2026-06-29 --param grace_months=2
    """
    from mingjian import backtest as testing  # here, not above: --help should not wait for it

    model = load_content().model(rule)
    run = open_run(sources)
    first = _values(model, param)
    if against is None:
        outcome = testing.backtest(run, model, start.date(), end.date(), first)
        _print_json(outcome.as_json()) if as_json else _print(terminal(), outcome)
        return
    both = testing.compare(run, model, start.date(), end.date(), first, _values(model, against))
    if as_json:
        outcomes = {"first": both.first.as_json(), "second": both.second.as_json()}
        _print_json(
            outcomes | {"both": both.both, "only_first": both.only_first, "only_second": both.only_second}
        )
        return
    console = terminal()
    for outcome in (both.first, both.second):
        _print(console, outcome)
    console.print(
        _(
            "两组参数都命中 {b} 个对象，只有第一组命中 {x} 个，只有第二组命中 {y} 个",
            b=both.both,
            x=both.only_first,
            y=both.only_second,
        ),
        style="bold",
        highlight=False,
    )


def _values(model: Model, typed: list[str] | None) -> dict[str, Any]:
    found = {}
    for item in typed or []:
        name, sign, value = item.partition("=")
        if not sign:
            raise MingjianError(_("{item} 不是 参数=值", item=item), hint="--param grace_months=2")
        if name not in model.params:
            raise NotFound(
                _("模型 {id} 没有参数 {name}", id=model.id, name=name),
                hint=_("可用参数:{names}", names="、".join(model.params) or "-"),
            )
        found[name] = checked_value(name, model.params[name], value)
    return found


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def _print(console: Console, outcome: Outcome) -> None:
    values = "  ".join(f"{k}={v}" for k, v in outcome.params.items()) or "-"
    console.print(f"\n[bold]{outcome.model}[/] v{outcome.version}  [dim]{values}[/]", highlight=False)
    weeks = _table(_("日期"), _("命中"), _("新增"), "高", "中", "低")
    for week in outcome.weeks:
        weeks.add_row(str(week.day), str(week.hits), str(week.new), *map(str, week.by_level.values()))
    console.print(weeks)
    console.print(_("第一周的“新增”含此前已存在的全部"), style="dim")
    for day in outcome.skipped:
        console.print(f"  {day.day}  {day.reason}", style="yellow", highlight=False)
    _print_known(console, outcome)
    if outcome.load:
        load = _table(_("承办单位"), _("平均每周"), _("最多一周"))
        for unit in outcome.load[:15]:
            load.add_row(unit.name, f"{unit.per_week:.2f}", str(unit.most))
        console.print(load)


def _print_known(console: Console, outcome: Outcome) -> None:
    p = outcome.precision
    if p is not None and p.precision is not None:
        said = _(
            "已有结论 {n} 条：属实 {c}，不属实 {r}，精确率 {p:.2f}（95% 区间 {lo:.2f} 至 {hi:.2f}），尚无结论 {o} 条",
            n=p.confirmed + p.rejected,
            c=p.confirmed,
            r=p.rejected,
            p=p.precision,
            lo=p.low,
            hi=p.high,
            o=p.open,
        )
        console.print(said, highlight=False)
    else:
        console.print(_("这些对象还没有核查结论，精确率未知"), highlight=False)
    if outcome.overlap:
        table = _table(_("同一对象也被这些模型命中"), _("对象"), _("占比"))
        for o in outcome.overlap:
            table.add_row(o.model, str(o.shared), f"{o.share:.0%}")
        console.print(table)


def _table(first: str, *numbers: str) -> Table:
    table = Table(box=None)
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="right")
    return table
