"""One warning in the terminal: what was seen, why this level and score, and the rows behind it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from mingjian.content import Content
from mingjian.domain.i18n import _, language, pick
from mingjian.domain.sector import Column
from mingjian.explain.pictured import is_listed


def print_warning(console: Console, content: Content, row: dict[str, Any]) -> None:
    """Print one row of the warning table; personal values stay the tokens they are, shortened."""
    model = content.models.get(row["model"])
    title = pick(model.name) if model else row["model"]
    head = f"{row['id']}  {row['level']}  {row['score']}  {title}"
    console.print(Panel(pick(row["explanation"]), title=head, title_align="left"))
    facts = {
        _("模型"): f"{row['model']} v{row['model_version']}",
        _("对象"): f"{row['subject_kind']} {row['subject_id'][:18]}",
        _("期间"): row["period"],
        _("区划"): row["region_code"] or "-",
        _("状态"): f"{row['status']} ({row['reason']})",
        _("首次/最近/次数"): f"{row['first_seen']} / {row['last_seen']} / {row['hits']}",
        _("数据快照"): "  ".join(f"{t} v{v}" for t, v in row["lake"].items()),
        _("参数"): "  ".join(f"{k}={v}" for k, v in row["params"].items() if is_listed(k, v)) or "-",
    }
    for name, value in facts.items():
        console.print(f"  [dim]{name}[/]  {value}", highlight=False)
    console.print(f"\n[bold]{_('分值构成')}[/]")
    for part in row["score_parts"]:
        console.print(f"  {part['points']:+4d}  {part[language()]}", highlight=False)
    if model:
        console.print(f"\n[bold]{_('核查要点')}[/]", highlight=False)
        for n, step in enumerate(model.check_steps(), start=1):
            console.print(f"  {n}. {step}", highlight=False)
    _print_evidence(console, content, row["evidence"])
    console.print("\n" + _("预警只是核查线索,不是结论。"), style="dim")


def _print_evidence(console: Console, content: Content, evidence: list[dict[str, Any]]) -> None:
    by_table: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in evidence:
        by_table[item["table"]].append(item["row"])
    for name, rows in by_table.items():
        spec = content.tables[name]
        table = Table(
            title=f"{spec.zh if language() == 'zh' else name} ({len(rows)})", title_justify="left", box=None
        )
        shown = [c for c in spec.columns if c in rows[0]]  # in the manifest's order
        for column in shown:
            table.add_column(spec.columns[column].zh if language() == "zh" else column)
        for row in rows:
            table.add_row(*[_shown(row[c], spec.columns[c]) for c in shown])
        console.print(table)


def _shown(value: Any, column: Column) -> str:
    if value is None:
        return "-"
    return f"{str(value)[:6]}…" if column.personal else column.shown(value)
