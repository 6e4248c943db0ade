"""`mingjian simulate`: a year of a city's traffic on a moved clock, with every rule of the queue checked at the end."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from mingjian.domain.i18n import _
from mingjian.terminal import terminal

Sheet = Annotated[Path | None, typer.Option("--csv", help="各单位指标写入此文件 · all units' figures")]
Database = Annotated[
    str, typer.Option("--database", help="模拟用数据库名，运行后删除 · its own database, dropped afterwards")
]


def register(app: typer.Typer) -> None:
    app.command("simulate")(simulate)


def simulate(
    units: Annotated[int, typer.Option(min=8, help="单位数 · units")] = 200,
    days: Annotated[int, typer.Option(min=1, max=365, help="天数 · days")] = 30,
    warnings: Annotated[int, typer.Option(min=1, help="预警数 · warnings")] = 1_000,
    seed: Annotated[
        int, typer.Option(help="种子，相同则结果相同 · the same seed, the same figures")
    ] = 20_261,
    workers: Annotated[int, typer.Option(min=1, max=32, help="并行进程数 · processes")] = 1,
    pace: Annotated[float, typer.Option(min=0.01, help="办理快慢，1 为常速 · delays are multiplied")] = 1.0,
    rare: Annotated[float, typer.Option(min=0, help="少见步骤的倍数 · how often rare steps happen")] = 1.0,
    every_step: Annotated[
        bool, typer.Option("--every-step", help="使每种步骤都出现 · so that every step is taken")
    ] = False,
    sheet: Sheet = None,
    database: Database = "mingjian_simulate",
    keep: Annotated[bool, typer.Option("--keep", help="保留数据库 · keep the database")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="只核对保留的数据库 · only check a database that was kept")
    ] = False,
) -> None:
    """模拟一座城市的办理过程，并核对全部不变量 · simulate a city's traffic through the API, check every invariant.

    例 · example:  mingjian simulate --units 2500 --days 365 --warnings 40000 --workers 2 --csv units.csv
    """
    from mingjian.content.loader import content_root  # here, not above: --help should not wait for it
    from mingjian.run import home
    from mingjian.simulate import place, report, run
    from mingjian.simulate.day import Simulation
    from mingjian.simulate.scenario import Scenario

    console, started = terminal(), time.monotonic()
    server = place.server_url(home())
    if check:
        figures = run.check_again(place.kept_database(server, database))
    else:
        scenario = Scenario(units, days, warnings, seed, pace=pace, rare=rare, every_step=every_step)

        def tell(day: date, running: Simulation) -> None:
            if day == scenario.dates[-1] or (day.month != scenario.after(day).month):
                console.print(
                    _(
                        "{day} 预警 {arrived:,} 步骤 {steps:,} 请求 {asked:,} 用时 {s:.0f} 秒",
                        day=day,
                        arrived=running.arrived,
                        steps=running.steps,
                        asked=running.asked,
                        s=time.monotonic() - started,
                    ),
                    highlight=False,
                )

        console.print(
            _("单位 {units:,} 天数 {days} 预警 {warnings:,} 种子 {seed}", **vars(scenario)), highlight=False
        )
        with place.own_database(server, database, keep=keep) as url, place.own_home(home()) as folder:
            figures = run.simulate(scenario, url, folder, content_root(), workers, tell)
    report.print_figures(console, figures)
    if sheet is not None:
        report.write_sheet(sheet, figures)
        console.print(_("各单位指标：{path}", path=sheet), highlight=False)
    if not figures.hold:
        raise typer.Exit(1)
