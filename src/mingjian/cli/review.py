"""`mingjian review`: subjects that no model flagged, what verdicts say of each model, and proposals for shadow."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from mingjian.cli.common import Actor, Reason, city_terms
from mingjian.domain.clock import SystemClock
from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.review import ProposalState, ReviewVerdict
from mingjian.run import default_sources, home, today
from mingjian.store import db, proposals, reviews
from mingjian.terminal import terminal

group = typer.Typer(help="模型复查与查实率 · reviews of models, their precision", no_args_is_help=True)
TaskId = Annotated[int, typer.Argument(metavar="ID", help="编号 · the number in the list")]


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="review")


@group.command("list")
def list_(
    mine: Annotated[str | None, typer.Option("--of", help="只看某人的 · one reviewer's only")] = None,
) -> None:
    """列出待复查的未预警对象 · unflagged subjects that wait for a reviewer.

    例 · example:  mingjian review list --of inspector
    """
    table = Table(box=None)
    for column in (_("编号"), _("模型"), _("月份"), _("对象"), _("复查人")):
        table.add_column(column)
    with db.open_store(home()).connect() as conn:
        rows = reviews.tasks(conn, reviewer=mine)
    for r in rows:
        subject = f"{r['subject_kind']} {r['subject_id'][:18]}"
        table.add_row(str(r["id"]), r["model"], r["month"], subject, r["assigned_to"] or "-")
    terminal().print(table if rows else _("没有待复查的对象"))


@group.command("assign")
def assign(
    task_id: TaskId,
    to: Annotated[str, typer.Argument(metavar="USER", help="复查人 · the reviewer")],
    actor: Actor,
) -> None:
    """把一项复查交给监督员 · give a review to a supervisor.

    例 · example:  mingjian review assign 7 inspector
    """
    with db.open_store(home()).begin() as conn:
        reviews.assign(conn, task_id, to, actor, SystemClock().now())
    terminal().print(_("复查 {id} 已交给 {user}", id=task_id, user=to), highlight=False)


@group.command("verdict")
def verdict(
    task_id: TaskId,
    found: Annotated[ReviewVerdict, typer.Argument(help="结论 · clean, missed or unclear")],
    reason: Reason,
    actor: Actor,
) -> None:
    """填写复查结论 · say what a review found.

    例 · example:  mingjian review verdict 7 clean --reason 已核对户籍与账户 --actor inspector
    """
    with db.open_store(home()).begin() as conn:
        reviews.decide(conn, task_id, found, reason, actor, SystemClock().now())
    terminal().print(_("已记录：{result}", result=found.label), highlight=False)


@group.command("precision")
def precision(
    model: Annotated[str | None, typer.Option("--model", help="只看一个模型 · one model's id")] = None,
) -> None:
    """逐个模型列出查实率与漏报估计 · each model's precision and what it is estimated to miss.

    例 · example:  mingjian review precision --model subsidy.deceased_payee
    """
    from mingjian.verdicts.report import figures_by_model  # here, not above: --help should not wait

    with db.open_store(home()).connect() as conn:
        found = figures_by_model(conn, SystemClock().now(), city_terms().policy.reviews, model)
    if not found:
        raise NotFound(_("还没有可统计的预警"), hint=_("预警派出并有结论后再看"))
    table = Table(box=None)
    table.add_column(_("模型"))
    for name in (
        _("结论"), _("属实"), _("数据错误"), _("不计"), _("待定"), _("查实率"), _("成熟后"), _("抽查校正"),
        _("成熟天数"), _("漏报率"), _("查全率"),
    ):  # fmt: skip
        table.add_column(name, justify="right")
    for f in found:
        p = f.precision
        counts = (p.judged, p.confirmed, p.data_errors, p.not_counted, p.open)
        shares = [_share(x) for x in (p.all, p.mature, p.checked)]
        ripe = "-" if p.ripe_days is None else f"{p.ripe_days:.0f}"
        table.add_row(
            f.model, *map(str, counts), *shares, ripe, _share(f.missed.rate), _share(f.missed.recall)
        )
    terminal().print(table)
    terminal().print(_("括号内为 95% 区间；算法见 docs/rechecks.md"), style="dim", highlight=False)


@group.command("proposals")
def proposals_(
    every: Annotated[bool, typer.Option("--all", help="也列出已决定的 · decided ones as well")] = False,
) -> None:
    """列出转为影子的建议 · proposals to take a model back to shadow.

    例 · example:  mingjian review proposals --all
    """
    table = Table(box=None)
    for column in (
        _("编号"), _("模型"), _("版本"), _("提出"), _("查实率上限"), _("标准"), _("状态"), _("决定人"), _("理由"),
    ):  # fmt: skip
        table.add_column(column)
    with db.open_store(home()).connect() as conn:
        rows = proposals.all_of(conn, undecided=not every)
    for r in rows:
        figures: dict[str, Any] = r["figures"]
        made: datetime = r["proposed_at"]
        table.add_row(
            str(r["id"]),
            r["model"],
            str(r["model_version"]),
            f"{made:%Y-%m-%d}",
            f"{figures['mature_high']:.0%}",
            f"{figures['bar']:.0%}",
            ProposalState(r["state"]).label,
            r["decided_by"] or "-",
            r["reason"],
        )
    terminal().print(table if rows else _("没有待决定的建议"))


@group.command("accept")
def accept(proposal_id: TaskId, reason: Reason, actor: Actor) -> None:
    """同意建议，模型转为影子 · accept a proposal: the model runs as a shadow from today.

    例 · example:  mingjian review accept 3 --reason 口径不适合本地 --actor steward
    """
    _decide(proposal_id, ProposalState.ACCEPTED, reason, actor)


@group.command("reject")
def reject(proposal_id: TaskId, reason: Reason, actor: Actor) -> None:
    """不同意建议，模型照常 · reject a proposal: the model stays live.

    例 · example:  mingjian review reject 3 --reason 参数已调整 --actor steward
    """
    _decide(proposal_id, ProposalState.REJECTED, reason, actor)


def _decide(proposal_id: int, state: ProposalState, reason: str, actor: str) -> None:
    answer = proposals.Answer(state, actor, reason, SystemClock().now(), today(default_sources()))
    with db.open_store(home()).begin() as conn:
        row = proposals.decide(conn, proposal_id, answer)
    terminal().print(
        _(
            "{model} 第 {version} 版：{state}",
            model=row["model"],
            version=row["model_version"],
            state=state.label,
        ),
        highlight=False,
    )


def _share(p: Any) -> str:
    return "-" if p is None else f"{p.share:.0%} ({p.low:.0%}–{p.high:.0%})"
