"""`mingjian params`: a city's or a district's own values for the parameters of models."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from mingjian.cli.common import DAY, Actor, From, Reason, check_days, check_reason, first_day
from mingjian.content import load_content
from mingjian.domain.clock import SystemClock
from mingjian.domain.errors import MingjianError, NotFound
from mingjian.domain.i18n import _, pick
from mingjian.domain.model import Model, Param
from mingjian.domain.override import checked_value
from mingjian.run import home
from mingjian.store import db, overrides
from mingjian.terminal import terminal

group = typer.Typer(help="模型参数的本地取值 · local values of parameters", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="params")


@group.command("list")
def list_(
    model: Annotated[
        str | None, typer.Argument(help="模型编码；不写则全部 · a model's id; all when left out")
    ] = None,
) -> None:
    """列出模型声明的参数与本地取值 · a model's parameters, and the values set here.

    例 · example:  mingjian params list subsidy.deceased_payee
    """
    console = terminal()
    if model:
        console.print(_declared(load_content().model(model)))
    table = Table(box=None, title=_("本地取值"), title_justify="left")
    for column in (
        _("编号"),
        _("模型"),
        _("参数"),
        _("值"),
        _("范围"),
        _("起"),
        _("止"),
        _("理由"),
        _("决定人"),
    ):
        table.add_column(column)
    with db.open_store(home()).connect() as conn:
        rows = overrides.all_of(conn, model)
    for r in rows:
        table.add_row(
            str(r["id"]),
            r["model"],
            r["name"],
            _plain(r["value"]),
            r["district"] or _("全市"),
            str(r["valid_from"]),
            str(r["valid_to"] or "-"),
            r["reason"],
            r["actor"],
        )
    console.print(table if rows else _("没有本地取值，全部按模型文件"))


@group.command("set")
def set_(
    model: Annotated[str, typer.Argument(help="模型编码 · a model's id")],
    name: Annotated[str, typer.Argument(help="参数名 · the parameter")],
    value: Annotated[
        str, typer.Argument(help="值，可带单位；清单用逗号分隔 · value, with its unit if you like")
    ],
    reason: Reason,
    actor: Actor,
    district: Annotated[
        str | None,
        typer.Option("--district", help="只在一个区县（六位代码）· one district only (six digits)"),
    ] = None,
    from_: From = None,
    to: Annotated[
        datetime | None,
        typer.Option("--to", formats=DAY, help="到哪天止，不写则不限 · last day, open if unsaid"),
    ] = None,
) -> None:
    """设定参数的本地取值 · set a parameter for this city or one district.

    例 · example:  mingjian params set subsidy.deceased_payee grace_days 90日 --district 150102 --reason 牧区路远
    """
    declared = _param(load_content().model(model), name)
    if district is not None and not re.fullmatch(r"\d{6}", district):
        raise MingjianError(_("区县代码 {code} 不是六位数字", code=district), hint=_("例如 150102"))
    first, last = first_day(from_), to.date() if to else None
    check_days(first, last)
    checked = checked_value(name, declared, value)
    new = overrides.NewOverride(model, name, checked, district, first, last, check_reason(reason))
    with db.open_store(home()).begin() as conn:
        made = overrides.add(conn, new, actor, SystemClock().now())
    terminal().print(
        _(
            "已设定（编号 {id}）：{model} 的 {name} = {value} {unit}，自 {day} 起",
            id=made,
            model=model,
            name=name,
            value=_plain(checked),
            unit=declared.unit,
            day=first,
        ),
        highlight=False,
    )


@group.command("end")
def end_(
    override_id: Annotated[int, typer.Argument(metavar="ID", help="编号 · the number in the list")],
    actor: Actor,
    from_: From = None,
) -> None:
    """让一个本地取值失效 · let a value hold no longer.

    例 · example:  mingjian params end 3
    """
    first = first_day(from_)
    with db.open_store(home()).begin() as conn:
        row = overrides.end(conn, override_id, first, actor, SystemClock().now())
    terminal().print(
        _("自 {day} 起，{model} 的 {name} 不再用本地取值", day=first, model=row["model"], name=row["name"]),
        highlight=False,
    )


def _param(model: Model, name: str) -> Param:
    if name not in model.params:
        raise NotFound(
            _("模型 {model} 没有参数 {name}", model=model.id, name=name),
            hint=_("可用：{names}", names="、".join(model.params) or "-"),
        )
    return model.params[name]


def _declared(model: Model) -> Table:
    table = Table(box=None, title=f"{model.id} {pick(model.name)}", title_justify="left")
    for column in (_("参数"), _("默认值"), _("单位"), _("含义")):
        table.add_column(column)
    for name, param in model.params.items():
        table.add_row(name, _plain(param.value), param.unit, pick({"zh": param.zh, "en": param.en}))
    return table


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
