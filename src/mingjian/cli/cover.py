"""`mingjian organisation absent` and `duty`: who stands in for whom, who is on duty."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import Connection

from mingjian.cli.common import DAY, Actor
from mingjian.domain.clock import CITY_TZ, Clock, SystemClock
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.domain.unit import AbsenceReason
from mingjian.organisation import cover
from mingjian.run import home
from mingjian.store import absences, db, duties
from mingjian.terminal import terminal

From = Annotated[
    datetime | None,
    typer.Option("--from", formats=DAY, help="从哪天起，默认今天 · first day, today if unsaid"),
]
To = Annotated[datetime | None, typer.Option("--to", formats=DAY, help="到哪天止（含）· last day")]
User = Annotated[
    str | None, typer.Argument(metavar="[USER]", help="账号；不写则列出 · the account; list when left out")
]


def absent(
    actor: Actor,
    user: User = None,
    deputy: Annotated[
        str | None, typer.Option("--deputy", help="代理人，同一单位 · who stands in, of the same unit")
    ] = None,
    from_: From = None,
    to: To = None,
    reason: Annotated[
        AbsenceReason, typer.Option("--reason", help="原因代码 · a code, no more")
    ] = AbsenceReason.LEAVE,
    end: Annotated[bool, typer.Option("--end", help="今天起回岗 · back from today")] = False,
) -> None:
    """登记不在岗与代理人；代理人与本人在职责分离上视为一人 · somebody is away and somebody stands in.

    例 · example:  mingjian organisation absent li --deputy wang --from 2026-10-09 --to 2026-10-16 --reason travel
    """
    clock = SystemClock()
    today = _today(clock)
    engine = db.open_store(home())
    if user is None:
        with engine.connect() as conn:
            terminal().print(_absences(conn, today))
        return
    first = from_.date() if from_ else today
    with engine.begin() as conn:
        if end:
            cover.be_back(conn, clock, user, first, actor)
            said = _("{user} 自 {day} 起回岗", user=user, day=first)
        elif deputy is None or to is None:
            raise MingjianError(
                _("请写明代理人和止期"), hint=_("用 --deputy 账号 --to 2026-10-16，或用 --end 回岗")
            )
        else:
            cover.be_absent(conn, clock, user, deputy, first, to.date(), reason, actor)
            said = _(
                "{user} 自 {first} 至 {last} 由 {deputy} 代理",
                user=user,
                deputy=deputy,
                first=first,
                last=to.date(),
            )
    terminal().print(said, highlight=False)


def duty(
    actor: Actor,
    user: User = None,
    unit: Annotated[str | None, typer.Option("--unit", help="单位 · of this unit")] = None,
    line: Annotated[str | None, typer.Option("--line", help="业务条线 · of this line of business")] = None,
    role: Annotated[
        Role | None, typer.Option("--role", help="角色，默认本人的 · the role, one's own if unsaid")
    ] = None,
    from_: From = None,
    to: To = None,
    weekdays: Annotated[
        str, typer.Option("--weekdays", help="星期几，1 是星期一 · which days, 1 is Monday")
    ] = "1-7",
    end: Annotated[int | None, typer.Option("--end", help="撤下这一条 · take this entry off")] = None,
) -> None:
    """值班表：登记、撤下、列出；写了单位而没写账号则答现在谁值班 · duty lists, and who is on duty now.

    例 · example:  mingjian organisation duty li --unit D150102-civil --weekdays 1-5 --from 2026-10-01 --to 2026-10-31
    """
    clock = SystemClock()
    engine = db.open_store(home())
    if end is not None:
        with engine.begin() as conn:
            cover.take_off_duty(conn, clock, end, actor)
        terminal().print(_("已撤下第 {id} 条", id=end), highlight=False)
        return
    if user is None:
        with engine.connect() as conn:
            terminal().print(_now(conn, unit, clock) if unit else _duties(conn, _today(clock)))
        return
    with engine.begin() as conn:
        made = cover.put_on_duty(
            conn,
            clock,
            user,
            unit_id=unit,
            line_code=line,
            role=role,
            first_day=from_.date() if from_ else _today(clock),
            last_day=to.date() if to else None,
            weekdays=cover.weekdays_of(weekdays),
            actor=actor,
        )
    terminal().print(_("已登记值班（第 {id} 条）", id=made), highlight=False)


def _today(clock: Clock) -> date:
    return clock.now().astimezone(CITY_TZ).date()


def _absences(conn: Connection, today: date) -> Table | str:
    table = Table(box=None)
    for column in (_("账号"), _("姓名"), _("代理人"), _("起"), _("止"), _("原因")):
        table.add_column(column)
    held = absences.current(conn, today)
    for a in held:
        cells = (a.user_id, a.name, f"{a.deputy_name}（{a.deputy_id}）", str(a.first_day), str(a.last_day))
        table.add_row(*cells, AbsenceReason(a.reason).label)
    return table if held else _("没有人登记不在岗")


def _duties(conn: Connection, today: date) -> Table | str:
    table = Table(box=None)
    for column in (
        _("编号"),
        _("单位"),
        _("条线"),
        _("账号"),
        _("姓名"),
        _("角色"),
        _("起"),
        _("止"),
        _("星期"),
    ):
        table.add_column(column)
    held = duties.entries(conn, today)
    for d in held:
        days = (str(d.first_day), str(d.last_day or ""), cover.said_weekdays(d.weekdays))
        table.add_row(
            str(d.id), d.unit_id or "", d.line_code or "", d.user_id, d.name, Role(d.role).label, *days
        )
    return table if held else _("值班表是空的")


def _now(conn: Connection, unit: str, clock: Clock) -> Table | str:
    table = Table(box=None)
    for column in (_("账号"), _("姓名"), _("角色"), _("代替")):
        table.add_column(column)
    held = duties.on_duty(conn, [unit], clock.now())[unit]
    for one in held:
        table.add_row(one.user_id, one.name, Role(one.role).label, one.instead_of or "")
    return table if held else _("{unit} 现在没有人值班", unit=unit)
