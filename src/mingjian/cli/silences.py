"""`mingjian snooze` and `mingjian except`: what people keep silent for a time, with who and why."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import Connection, select

from mingjian.cli.common import DAY, Actor, From, Reason, check_days, check_reason, first_day
from mingjian.content import load_content
from mingjian.domain.clock import SystemClock
from mingjian.domain.errors import MingjianError, NotFound
from mingjian.domain.i18n import _
from mingjian.run import home
from mingjian.store import db, exceptions, snoozes
from mingjian.store.tables import warning
from mingjian.terminal import terminal

group = typer.Typer(help="例外名单 · the list of exceptions", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.command("snooze")(snooze)
    app.add_typer(group, name="except")


def snooze(
    actor: Actor,
    warning_id: Annotated[
        str | None,
        typer.Argument(
            metavar="[WARNING]", help="预警编号；不写则列出全部 · the warning's id; list when left out"
        ),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", formats=DAY, help="静默到哪天（含）· last silent day")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="理由，记入审计 · why, kept in the audit log")] = "",
    from_: From = None,
    end: Annotated[bool, typer.Option("--end", help="提前恢复 · end it now")] = False,
) -> None:
    """暂缓一个模型对同一对象的预警，到期自动恢复 · hear nothing of one model about one subject for a while.

    例 · example:  mingjian snooze W0123456789ab --until 2026-09-30 --reason 正在专项审计
    """
    engine, now, day = db.open_store(home()), SystemClock().now(), first_day(from_)
    if warning_id is None:
        with engine.connect() as conn:
            terminal().print(_snoozes(conn))
        return
    if not end and until is None:
        raise MingjianError(
            _("请说明暂缓到哪天"), hint=_("用 --until 2026-09-30 这样的日期，或用 --end 提前恢复")
        )
    with engine.begin() as conn:
        if end or until is None:
            snoozes.end(conn, warning_id, day, actor, now)
            said = _("预警 {id} 的暂缓已结束，下次命中时恢复", id=warning_id)
        else:
            check_days(day, until.date())
            snoozes.add(conn, warning_id, day, until.date(), check_reason(reason), actor, now)
            said = _("预警 {id} 暂缓到 {day}；已派单的照常办理", id=warning_id, day=until.date())
    terminal().print(said, highlight=False)


@group.command("add")
def add(
    reason: Reason,
    document: Annotated[str, typer.Option("--document", help="依据的文件 · the document it rests on")],
    to: Annotated[datetime, typer.Option("--to", formats=DAY, help="到哪天止（含）· last day")],
    actor: Actor,
    warning_id: Annotated[
        str | None,
        typer.Option("--warning", help="取这条预警的模型与对象 · take model and subject of this warning"),
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="对象类型，如 company · kind of subject")] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", help="对象编号，如预警所示 · its id, as warnings show it")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="只对一个模型 · one model only")] = None,
    every_model: Annotated[bool, typer.Option("--every-model", help="对全部模型 · every model")] = False,
    from_: From = None,
) -> None:
    """把一个对象列入例外名单：记录而不派发 · list a subject: recorded, sent to nobody.

    例 · example:  mingjian except add --warning W0123456789ab --to 2026-12-31 --document 民发〔2026〕8号 --reason 集中供养
    """
    first = first_day(from_)
    check_days(first, to.date())
    if model:
        load_content().model(model)
    with db.open_store(home()).begin() as conn:
        its_model, its_kind, its_id = _subject(conn, warning_id, kind, subject)
        if not (model or its_model or every_model):
            raise MingjianError(
                _("请说明对哪个模型"), hint=_("用 --model 指明，或用 --every-model 表示全部模型")
            )
        made = exceptions.add(
            conn,
            SystemClock().now(),
            model=None if every_model else model or its_model,
            subject_kind=its_kind,
            subject_id=its_id,
            valid_from=first,
            valid_to=to.date(),
            reason=check_reason(reason),
            document=document,
            actor=actor,
        )
    terminal().print(
        _("已列入例外（编号 {id}），{first} 至 {last}", id=made, first=first, last=to.date()), highlight=False
    )


@group.command("list")
def list_() -> None:
    """列出例外名单 · the list of exceptions, past ones too.

    例 · example:  mingjian except list
    """
    table = Table(box=None)
    for column in (_("编号"), _("模型"), _("对象"), _("起"), _("止"), _("文件"), _("理由"), _("决定人")):
        table.add_column(column)
    with db.open_store(home()).connect() as conn:
        entries = exceptions.all_entries(conn)
    for e in entries:
        subject = f"{e.subject_kind} {e.subject_id[:18]}"
        days = (str(e.valid_from), str(e.valid_to))
        table.add_row(str(e.id), e.model or _("全部模型"), subject, *days, e.document, e.reason, e.actor)
    terminal().print(table if entries else _("例外名单是空的"))


@group.command("end")
def end_(
    entry_id: Annotated[int, typer.Argument(metavar="ID", help="编号 · the number in the list")],
    actor: Actor,
    from_: From = None,
) -> None:
    """让一条例外失效 · let an exception hold no longer.

    例 · example:  mingjian except end 3
    """
    first = first_day(from_)
    with db.open_store(home()).begin() as conn:
        exceptions.end(conn, entry_id, first, actor, SystemClock().now())
    terminal().print(_("例外 {id} 自 {day} 起失效", id=entry_id, day=first), highlight=False)


def _subject(
    conn: Connection, warning_id: str | None, kind: str | None, subject: str | None
) -> tuple[str | None, str, str]:
    """Model, kind and id of the subject: those of a warning, or as said."""
    if warning_id is None:
        if not (kind and subject):
            raise MingjianError(_("请说明对象"), hint=_("用 --warning 编号，或用 --kind 与 --subject"))
        return None, kind, subject
    w = warning.c
    row = conn.execute(select(w.model, w.subject_kind, w.subject_id).where(w.id == warning_id)).first()
    if row is None:
        raise NotFound(_("没有预警 {id}", id=warning_id), hint=_("用 mingjian warnings list 查看编号"))
    return row.model, row.subject_kind, row.subject_id


def _snoozes(conn: Connection) -> Table | str:
    table = Table(box=None)
    for column in (_("预警"), _("模型"), _("对象"), _("起"), _("止"), _("理由"), _("决定人")):
        table.add_column(column)
    held = snoozes.all_snoozes(conn)
    for s in held:
        days: tuple[date, date] = (s.valid_from, s.valid_to)
        subject = f"{s.subject_kind} {s.subject_id[:18]}"
        table.add_row(s.warning_id, s.model, subject, *map(str, days), s.reason, s.actor)
    return table if held else _("没有暂缓")
