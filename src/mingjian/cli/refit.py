"""`mingjian refit`: fit the outlier models that score later days on today's snapshot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.run import open_run
from mingjian.terminal import terminal


def register(app: typer.Typer) -> None:
    app.command("refit")(refit)


def refit(
    model: Annotated[
        str | None, typer.Argument(help="模型编码；不写则全部 · a model's id; all when left out")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="训练日 · the day of the training data"),
    ] = None,
    sources: Annotated[Path | None, typer.Option("--sources", help="城市目录 · a city's folder")] = None,
) -> None:
    """重新拟合先拟合后打分的离群模型，次日起用 · refit the outlier models that score later days.

    例 · example:  mingjian refit utility.bill_outlier
    """
    from mingjian import flow, summary  # here, not above: --help should not wait for it

    console = terminal()
    run = open_run(sources, as_of.date() if as_of else None)
    run = replace(run, say=lambda text: console.print(text, style="yellow", highlight=False))
    done = []
    for stage in flow.WEEKLY:
        keys = stage.keys(run, flow.WATCH)
        if model is not None and model not in keys:
            raise NotFound(
                _("{id} 不是先拟合后打分的模型", id=model),
                hint=_("可用模型：{names}", names="、".join(keys) or "-"),
            )
        for key in [model] if model else keys:
            done.append(flow.perform(run, stage, key))
            summary.print_step(console, done[-1])
    if any(step.error for step in done):
        raise typer.Exit(1)
