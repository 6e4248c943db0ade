"""The tables of a model as they stood on an earlier day: from that day's snapshot, or read back from a later one.

Nothing that became known after the day may be seen. Where neither a snapshot nor the table's `history` can promise
that, the day is given up with its reason.
"""

from __future__ import annotations

from datetime import date

from mingjian.detect.engine import Engine
from mingjian.domain.i18n import _
from mingjian.domain.model import Model
from mingjian.domain.sector import History, Table
from mingjian.run import Run

ALWAYS = "always"


def stand_on(run: Run, engine: Engine, model: Model, day: date) -> str:
    """Let the model's tables mean what they held on `day`; returns why that cannot be had, or an empty text."""
    for table in sorted({*model.inputs, *(e.table for e in model.evidence)}):
        spec = run.content.tables[table]
        version = run.lake.version_on(table, day)
        later = run.lake.first_after(table, day)
        if version is not None:
            engine.view(table, run.lake.uris("ready", table, version), spec)
        elif later is not None and spec.history is not None:
            engine.view(f"{table}_later", run.lake.uris("ready", table, later), spec)
            engine.keep(
                table, past_rows(f"{table}_later", spec, spec.history, _columns(model, table, spec), day)
            )
        elif table in model.optional:
            engine.empty(table, spec)
        elif later is None:
            return _("没有表 {t} 的任何快照", t=table)
        else:
            return _("表 {t} 在该日没有快照，其历史也无法从后来的快照还原", t=table)
    return ""


def past_rows(source: str, spec: Table, history: History, columns: list[str], day: date) -> str:
    """SQL for the rows of `source` that were known on `day`, later events emptied and what they overwrote unknown."""
    today = f"DATE '{day.isoformat()}'"
    happened = [f'CAST("{event}" AS DATE) > {today}' for event in history.events]
    picked = ", ".join(_column(c, spec, history, today, happened) for c in columns)
    known = "" if history.known_from == ALWAYS else f" WHERE CAST({history.known_from} AS DATE) <= {today}"
    return f'SELECT {picked} FROM "{source}"{known}'


def _column(name: str, spec: Table, history: History, today: str, happened: list[str]) -> str:
    if name in history.events:
        return f'CASE WHEN CAST("{name}" AS DATE) > {today} THEN NULL ELSE "{name}" END AS "{name}"'
    if name in history.state and happened:
        return f'CASE WHEN {" OR ".join(happened)} THEN NULL ELSE "{name}" END AS "{name}"'
    return f'"{name}"'


def _columns(model: Model, table: str, spec: Table) -> list[str]:
    """The columns that the model reads of the table, its key among them, in the manifest's order."""
    shown = [c for e in model.evidence if e.table == table for c in e.columns]
    wanted = {*spec.key, *model.inputs.get(table, []), *shown}
    return [c for c in spec.columns if c in wanted]
