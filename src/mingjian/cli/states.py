"""`mingjian models`: every model with its state, and why a shadow model is not live."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from mingjian.domain.authority import may_be_live
from mingjian.domain.i18n import _, pick
from mingjian.domain.model import Model, Status
from mingjian.run import city_content, default_sources, today
from mingjian.terminal import terminal


def register(app: typer.Typer) -> None:
    app.command("models")(models)


def models(
    status: Annotated[Status | None, typer.Option("--status", help="只看一种状态 · one state only")] = None,
    sources: Annotated[Path | None, typer.Option("--sources", help="城市目录 · a city's folder")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON · print JSON")] = False,
) -> None:
    """列出模型及其状态、依据，影子模型说明原因 · models with state, basis, and why a shadow is one.

    例 · example:  mingjian models --status shadow
    """
    folder = (sources or default_sources()).resolve()
    content = city_content(folder, today(folder))
    chosen = [m for _id, m in sorted(content.models.items()) if status in (None, m.status)]
    if as_json:
        print(json.dumps([_facts(m) for m in chosen], ensure_ascii=False, indent=1))
        return
    table = Table(box=None)
    for column in (_("模型"), _("名称"), _("状态"), _("版本"), _("类型"), _("期"), _("依据"), _("说明")):
        table.add_column(column)
    for m in chosen:
        table.add_row(
            m.id,
            pick(m.name),
            m.status,
            str(m.version),
            m.kind,
            m.phase,
            " ".join(f"{b.code}:{b.state}" for b in m.basis),
            why_not_live(m),
        )
    console = terminal()
    console.print(table)
    counts = [(s, sum(m.status is s for m in chosen)) for s in Status]
    console.print("  ".join(f"{s} {n}" for s, n in counts if n), highlight=False)


def why_not_live(model: Model) -> str:
    """What a shadow model waits for; empty for any other."""
    if model.status is not Status.SHADOW:
        return ""
    if may_be_live(model):
        return _("模型文件定为影子，先行观察")
    open_ones = [b.code for b in model.basis if b.state == "A"] or [b.code for b in model.basis]
    return _("涉及个人或账户，依据 {codes} 未经主管部门确认", codes="、".join(open_ones))


def _facts(m: Model) -> dict[str, object]:
    return {
        "id": m.id,
        "name": m.name,
        "status": m.status,
        "version": m.version,
        "kind": m.kind,
        "phase": m.phase,
        "subject": m.subject.kind,
        "basis": [b.model_dump() for b in m.basis],
        "why": why_not_live(m),
    }
