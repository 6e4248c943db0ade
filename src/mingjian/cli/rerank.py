"""`mingjian rerank`: do inspectors' verdicts order a model's warnings better, and do they order them now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.run import open_run
from mingjian.terminal import terminal


def register(app: typer.Typer) -> None:
    app.command("rerank")(rerank)


def rerank(
    model: Annotated[str | None, typer.Option("--model", help="只看一个模型 · one model's id")] = None,
    sources: Annotated[Path | None, typer.Option("--sources", help="城市目录 · a city's folder")] = None,
) -> None:
    """用核查结论重排统计模型的预警，确实更好才采用 · let verdicts order warnings where that is shown to be better.

    例 · example:  mingjian rerank --model utility.bill_outlier
    """
    from mingjian import rerank as ranking  # here, not above: --help should not wait for it

    run = open_run(sources)
    chosen = [m for m in ranking.statistical(run) if model in (None, m.id)]
    if not chosen:
        raise NotFound(_("没有统计模型 {id}", id=model), hint=_("不带 --model 运行可列出全部统计模型"))
    table = Table(box=None)
    table.add_column(_("模型"))
    for name in (_("结论"), _("属实"), _("原顺序"), _("按结论"), _("差的95%区间")):
        table.add_column(name, justify="right")
    table.add_column(_("决定"))
    for one in chosen:
        with run.engine.begin() as conn:
            trial = ranking.rerank_model(conn, run, one)
        table.add_row(
            one.id,
            str(trial.judged),
            str(trial.confirmed),
            _figure(trial.before),
            _figure(trial.after),
            "-" if trial.low is None else f"{trial.low:+.3f} … {trial.high:+.3f}",
            trial.reason.label,
        )
    terminal().print(table)
    terminal().print(_("“原顺序”“按结论”为后来结论上的平均精确率"), style="dim", highlight=False)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
