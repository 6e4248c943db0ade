"""`mingjian sample-city`: write a made-up city's source systems."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mingjian.domain.clock import SystemClock
from mingjian.domain.i18n import _
from mingjian.terminal import terminal


def register(app: typer.Typer) -> None:
    app.command("sample-city")(sample_city)


def sample_city(
    out: Annotated[Path, typer.Option("--out", help="写到哪个目录 · where to write")],
    people: Annotated[int, typer.Option("--people", min=10_000, help="人口 · people")] = 20_000,
    seed: Annotated[int, typer.Option("--seed", help="随机种子 · seed")] = 1,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="城市的今天 · the city's today")
    ] = None,
) -> None:
    """生成样例城市:源系统、数据源文件和 truth.csv · write source systems, source files and truth.csv.

    例 · example:  mingjian sample-city --people 20000 --seed 7 --out /tmp/city
    """
    from mingjian.sample import build_city  # here, not above: --help should not wait for it

    console, started = terminal(), time.monotonic()
    day = as_of.date() if as_of else SystemClock().now().date()
    with console.status(_("正在生成样例城市…")) as status:
        counts = build_city(out, people, seed, day, say=status.update)
    for name, rows in counts.items():
        console.print(f"  {name:<32} {rows:>10,}", highlight=False)
    console.print(
        _("样例城市写在 {out},用时 {s:.1f} 秒", out=out, s=time.monotonic() - started), highlight=False
    )
