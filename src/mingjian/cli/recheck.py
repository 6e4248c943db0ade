"""`mingjian recheck`: closed matters that people look at again, how they were drawn, and what was found."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import select

from mingjian.cli.common import Actor, city_terms
from mingjian.domain.clock import SystemClock
from mingjian.domain.draw import uniform
from mingjian.domain.errors import NotFound
from mingjian.domain.i18n import _
from mingjian.domain.recheck import CheckState, Method, RecheckReason, RecheckResult, Rerun
from mingjian.domain.roles import Role
from mingjian.run import home
from mingjian.store import db, rechecks, seeds
from mingjian.store.tables import app_user
from mingjian.terminal import terminal

MOST = 200
group = typer.Typer(help="再监督（回头看） · re-supervision of closed matters", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="recheck")


@group.command("list")
def list_(
    planned: Annotated[
        bool, typer.Option("--planned", help="也列出未到期的 · those not yet due as well")
    ] = False,
) -> None:
    """列出待办的回头看 · the checks that are due, the oldest first.

    例 · example:  mingjian recheck list --planned
    """
    states = [CheckState.DUE, *([CheckState.PLANNED] if planned else [])]
    with db.open_store(home()).connect() as conn:
        rows = rechecks.listed(conn, states, None, MOST)
    table = Table(box=None)
    for column in (
        _("预警"),
        _("等级"),
        _("日期"),
        _("状态"),
        _("原因"),
        _("方式"),
        _("模型复查"),
        _("结果期限"),
    ):
        table.add_column(column)
    for r in rows:
        table.add_row(
            r["warning_id"],
            r["level"],
            str(r["due_on"]),
            CheckState(r["state"]).label,
            RecheckReason(r["reason"]).label,
            "、".join(Method(m).label for m in r["methods"]),
            Rerun(r["rerun"]).label,
            f"{r['result_due']:%Y-%m-%d}" if r["result_due"] else "-",
        )
    terminal().print(table if rows else _("没有待办的回头看"))


@group.command("draw")
def draw(
    warning_id: Annotated[str, typer.Argument(metavar="WARNING", help="预警编号 · the warning's id")],
) -> None:
    """重算一件预警的抽签 · draw again for one closed warning, and compare.

    例 · example:  mingjian recheck draw W0123456789ab
    """
    from mingjian.supervise.recheck.plan import PURPOSE, draw_key  # here, not above: --help should not wait

    with db.open_store(home()).connect() as conn:
        found = rechecks.plan_of(conn, warning_id)
        seed = seeds.seed_of(conn, PURPOSE, found[0]["month"]) if found else None
    if found is None or seed is None:
        raise NotFound(
            _("预警 {id} 没有回头看的决定", id=warning_id), hint=_("办结之后的下一次运行会作出决定")
        )
    plan, checks = found
    key = draw_key(warning_id, plan["round"])
    again = uniform(seed, key)
    table = Table(box=None, show_header=False)
    for name, value in (
        (_("决定"), "、".join(RecheckReason(r).label for r in plan["reasons"])),
        (_("种子"), f"{plan['month']} {seed}"),
        (_("抽签对象"), key),
        (_("抽签值"), f"{plan['draw']:.6f}"),
        (_("重算"), f"{again:.6f} " + (_("一致") if again == plan["draw"] else _("不一致"))),
        (_("中签概率"), f"{plan['share']:.4f}"),
        (_("其中单位风险"), f"{plan['risk']:.4f}"),
        (_("模型复查"), Rerun(plan["rerun"]).label),
        (_("人工检查"), "、".join(str(c["due_on"]) for c in checks) or _("无")),
    ):
        table.add_row(name, value)
    terminal().print(table)


@group.command("result")
def result(
    warning_id: Annotated[str, typer.Argument(metavar="WARNING", help="预警编号 · the warning's id")],
    found: Annotated[RecheckResult, typer.Argument(help="结论 · ok, partial or false")],
    actor: Actor,
    reason: Annotated[
        str, typer.Option("--reason", help="原因码，不合格时必填，如 RC01 · code, unless ok")
    ] = "",
    note: Annotated[str, typer.Option("--note", help="检查情况 · what was seen")] = "",
) -> None:
    """填写回头看的结论 · say what a recheck found: ok, partial or false.

    例 · example:  mingjian recheck result W0123456789ab partial --reason RC01 --note 一处未拆除
    """
    from mingjian.supervise.recheck.result import give_result  # here, not above: --help should not wait

    with db.open_store(home()).begin() as conn:
        role = conn.scalar(select(app_user.c.role).where(app_user.c.id == actor, app_user.c.active))
        if role is None:
            raise NotFound(_("没有用户 {id}", id=actor), hint=_("用 --actor 指明作出结论的人员"))
        give_result(
            conn, SystemClock(), warning_id, found, actor, Role(role), reason, note, terms=city_terms()
        )
    terminal().print(_("已记录：{result}", result=found.label), highlight=False)
