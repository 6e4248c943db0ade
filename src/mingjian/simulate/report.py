"""The figures as tables in the terminal, and all units as a sheet."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from mingjian.domain.i18n import _
from mingjian.domain.roles import Role
from mingjian.simulate.checks import Check
from mingjian.simulate.figures import Figures, UnitRow

ENDS = 10  # units shown from the top and from the bottom
FEWEST = 3  # orders from which a unit is ranked
SHOWN = 5  # breaches of a rule


def print_figures(console: Console, figures: Figures) -> None:
    """Everything, the rules last: what is read first at the end of a long run."""
    whole = figures.whole
    console.print(_line(_("预警"), figures.warnings), highlight=False)
    console.print(
        _(
            "督办单 {orders:,} 件，办结率 {handled}，按时办结率 {on_time}，满意率 {satisfied}",
            orders=whole.orders,
            handled=_percent(whole.handling_rate),
            on_time=_percent(whole.on_time_rate),
            satisfied=_percent(whole.satisfaction_rate),
        ),
        highlight=False,
    )
    _print_units(console, figures)
    _print_steps(console, figures)
    for name, counts in (
        (_("亮灯"), figures.lights),
        (_("督办阶梯"), figures.rungs),
        (_("督办层级"), figures.tiers),
        (_("发牌"), figures.cards),
        (_("请求"), figures.tally.asked),
        (_("有意的错误请求，均被拒绝或只办一次"), figures.tally.bad),
        (_("条件未备而被拒"), {f"{a} ({why})": n for (a, why), n in figures.tally.refused.items()}),
        (_("提供而未办的步骤"), figures.tally.unknown),
        (_("久办无果"), figures.tally.stranded),
    ):
        if counts:
            console.print(_line(name, counts), highlight=False)
    m = figures.messages
    states = {"all": m.all, "sent": m.sent, "digested": m.digested, "waiting": m.waiting, "dead": m.dead}
    console.print(_line(_("消息"), states), highlight=False)
    _print_checks(console, figures.checks)


def write_sheet(path: Path, figures: Figures) -> None:
    """All units, one line each, with their rates as shares of one."""
    columns = ("unit", "name", "orders", "closed", "finished", "on_time", "satisfied", "unsatisfied")
    rates = ("handling_rate", "on_time_rate", "satisfaction_rate")
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        sheet = csv.writer(file)
        sheet.writerow([*columns, *rates])
        for u in figures.units:
            said = [getattr(u, rate) for rate in rates]
            sheet.writerow(
                [*(getattr(u, c) for c in columns), *("" if r is None else f"{r:.4f}" for r in said)]
            )


def _print_units(console: Console, figures: Figures) -> None:
    """The best and the worst by what was handed in in time, then by what was handled."""
    ranked = sorted((u for u in figures.units if u.orders >= FEWEST), key=_rank)
    if not ranked:
        return
    table = Table(box=None)
    for column in (_("单位"), _("名称"), _("督办单"), _("办结率"), _("按时办结率"), _("满意率")):
        table.add_column(column)
    shown = ranked[:ENDS] + [u for u in ranked[-ENDS:] if u not in ranked[:ENDS]]
    for u in shown:
        rates = (u.handling_rate, u.on_time_rate, u.satisfaction_rate)
        table.add_row(u.unit, u.name, str(u.orders), *map(_percent, rates))
    console.print(table)


def _rank(unit: UnitRow) -> tuple[float, float, str]:
    return -(unit.on_time_rate or 0), -(unit.handling_rate or 0), unit.unit


def _print_steps(console: Console, figures: Figures) -> None:
    by_role: dict[str, Counter[str]] = {}
    for (role, action), n in figures.tally.taken.items():
        by_role.setdefault(role, Counter())[action] = n
    for role in sorted(by_role, key=lambda r: list(Role).index(Role(r))):
        console.print(_line(f"{role} {Role(role).label}", by_role[role]), highlight=False)


def _print_checks(console: Console, checks: Sequence[Check]) -> None:
    table = Table(box=None, show_header=False)
    for check in checks:
        said = f"[green]{_('成立')}[/]" if check.holds else f"[red]{'、'.join(check.breaches[:SHOWN])}[/]"
        table.add_row(check.name, said)
    console.print(table)


def _line(name: str, counts: Mapping[str, int]) -> str:
    told = "，".join(f"{key} {n:,}" for key, n in counts.items())
    return f"{name}：{told}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
