"""`mingjian run` and `mingjian pull`: the main path without Airflow."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.run import Run, open_run
from mingjian.terminal import terminal

Sector = Annotated[str | None, typer.Option("--sector", help="只跑一个领域 · one sector only")]
AsOf = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="运行日 · the day of the run")
]
Sources = Annotated[Path | None, typer.Option("--sources", help="城市目录 · a city's folder with sources/")]


def register(app: typer.Typer) -> None:
    app.command("run")(run_path)
    app.command("pull")(pull)


def run_path(sector: Sector = None, as_of: AsOf = None, sources: Sources = None) -> None:
    """走完主流程:拉取 → 关口 → 检测 → 预警 → 派单 → 督办 · run the whole path without Airflow.

    例 · example:  MINGJIAN_HOME=/data/city mingjian run --sources /data/city --sector subsidy
    """
    from mingjian import flow, summary  # here, not above: --help should not wait for it
    from mingjian.sample.attach import city_services

    console = terminal()
    run = open_run(sources, _day(as_of))
    sectors = _sectors(run, sector)
    done = []
    with city_services(run.sources_dir), console.status("…") as status:
        for step in flow.walk(run, sectors):
            done.append(step)
            status.update(f"{step.stage} · {step.key}")
            summary.print_step(console, step)
    summary.print_summary(console, run, done)
    if any(step.error for step in done):
        raise typer.Exit(1)


def pull(
    source: Annotated[
        str | None, typer.Argument(help="数据源名;不写则全部 · a source's name; all when left out")
    ] = None,
    as_of: AsOf = None,
    sources: Sources = None,
) -> None:
    """只拉取数据源 · pull sources into the lake and stop there.

    例 · example:  mingjian pull subsidy_payouts --sources var/city
    """
    from mingjian import flow, summary  # here, not above: --help should not wait for it
    from mingjian.sample.attach import city_services

    console = terminal()
    run = open_run(sources, _day(as_of))
    if source and source not in run.sources:
        raise NotFound(
            _("没有数据源 {name}", name=source), hint=_("可用:{names}", names="、".join(sorted(run.sources)))
        )
    failed = False
    with city_services(run.sources_dir):
        for name in [source] if source else sorted(run.sources):
            step = flow.perform(run, flow.PATH[0], name)
            summary.print_step(console, step)
            failed = failed or step.error is not None
    if failed:
        raise typer.Exit(1)


def _day(as_of: datetime | None) -> date | None:
    return as_of.date() if as_of else None


def _sectors(run: Run, chosen: str | None) -> list[str]:
    from mingjian import flow

    if chosen and chosen not in run.content.sectors:
        raise NotFound(
            _("没有领域 {name}", name=chosen), hint=_("可用:{names}", names="、".join(run.content.sectors))
        )
    return flow.sectors_of(run, chosen)
