"""The detect stage: a group of models over the newest gated snapshots, findings into the store."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian import __version__
from mingjian.content import Content
from mingjian.detect import feeds
from mingjian.detect.engine import Engine
from mingjian.detect.evaluate import findings_of
from mingjian.domain.errors import RuleError
from mingjian.domain.finding import Finding
from mingjian.domain.i18n import _
from mingjian.domain.model import Model
from mingjian.domain.reason import GateVerdict
from mingjian.run import Run
from mingjian.store.tables import finding, model_archive, model_run, table_state

DONE, NO_FEED, BLOCKED, FAILED = "done", "no_feed", "blocked", "failed"


def groups_of(content: Content, sector: str) -> list[str]:
    """The sector's groups: `<sector>.rules` and `<sector>.models`, where there are any."""
    models = content.models_of(sector)
    groups = {
        f"{sector}.rules": [m for m in models if m.query],
        f"{sector}.models": [m for m in models if m.detector],
    }
    return [name for name, members in groups.items() if members]


def detect_group(run: Run, group: str) -> dict[str, int]:
    """Run every model of one group; a model that cannot run says why in `model_run` and stops no other."""
    sector, _dot, kind = group.partition(".")
    models = [m for m in run.content.models_of(sector) if (m.detector is None) == (kind == "rules")]
    if any(feeds.TABLE in m.inputs for m in models):
        feeds.record(run)
    counts = {"models": 0, "findings": 0, "not_run": 0}
    with run.engine.connect() as conn:
        states = {row.table_name: row for row in conn.execute(select(table_state))}
    engine = _engine(run, models, states)
    try:
        for model in models:
            outcome, found = _detect(run, engine, model, states)
            counts["models"] += 1
            counts["findings"] += found
            counts["not_run"] += outcome != DONE
    finally:
        engine.close()
    return counts


def _engine(run: Run, models: list[Model], states: dict[str, Any]) -> Engine:
    engine = Engine(spill=run.home / "spill")
    for table in sorted({t for m in models for t in _reads(m)}):
        state = states.get(table)
        if state is not None and state.ready_version is not None:
            engine.view(table, run.lake.uris("ready", table, state.ready_version), run.content.tables[table])
    return engine


def _reads(model: Model) -> set[str]:
    return {*model.inputs, *(e.table for e in model.evidence)}


def _detect(run: Run, engine: Engine, model: Model, states: dict[str, Any]) -> tuple[str, int]:
    started = time.monotonic()
    found: list[Finding] = []
    lake: dict[str, int] = {}
    outcome, message = _may_run(model, states)
    if outcome == DONE:
        lake = {t: int(states[t].ready_version) for t in sorted(_reads(model))}
        if (known := _unchanged(run, model, lake)) is not None:
            return DONE, known
        try:
            found = findings_of(engine, model, run.content.tables, run.as_of, lake)
        except RuleError as error:
            outcome, message = FAILED, f"{run.content.paths[model.id]}: {error}"
    with run.engine.begin() as conn:
        _archive(conn, run, model)
        if outcome == DONE:
            _replace_findings(conn, run, model, found)
        _journal(conn, run, model, outcome, message, len(found), time.monotonic() - started, lake)
    return outcome, len(found)


def _unchanged(run: Run, model: Model, lake: dict[str, int]) -> int | None:
    """How many findings this very model made today on these very snapshots, if it has run; else None."""
    query = select(model_run.c.findings).where(
        model_run.c.model_id == model.id,
        model_run.c.as_of == run.as_of,
        model_run.c.hash == run.content.hashes[model.id],
        model_run.c.outcome == DONE,
        model_run.c.reads == _program(lake),
    )
    with run.engine.connect() as conn:
        return conn.execute(query).scalar()


def _program(lake: dict[str, int]) -> dict[str, Any]:
    return {"lake": lake, "program": __version__}


def _may_run(model: Model, states: dict[str, Any]) -> tuple[str, str]:
    reads = sorted(_reads(model))
    missing = [t for t in reads if t not in states or states[t].ready_version is None]
    blocked = [t for t in reads if t in states and states[t].verdict == GateVerdict.BLOCKED]
    if blocked:
        return BLOCKED, _("表 {tables} 未通过质量关口,模型暂停", tables="、".join(blocked))
    if missing:
        return NO_FEED, _("没有表 {tables} 的数据,模型未运行", tables="、".join(missing))
    return DONE, ""


def _archive(conn: Connection, run: Run, model: Model) -> None:
    conn.execute(
        upsert(model_archive)
        .values(
            model_id=model.id,
            hash=run.content.hashes[model.id],
            version=model.version,
            body=run.content.paths[model.id].read_text(encoding="utf-8"),
        )
        .on_conflict_do_nothing()
    )


def _replace_findings(conn: Connection, run: Run, model: Model, found: list[Finding]) -> None:
    conn.execute(delete(finding).where(finding.c.model == model.id, finding.c.as_of == run.as_of))
    if found:
        digest = run.content.hashes[model.id]
        conn.execute(
            insert(finding), [asdict(f) | {"level": f.level.value, "model_hash": digest} for f in found]
        )


def _journal(
    conn: Connection,
    run: Run,
    model: Model,
    outcome: str,
    message: str,
    count: int,
    seconds: float,
    lake: dict[str, int],
) -> None:
    row = {
        "version": model.version,
        "hash": run.content.hashes[model.id],
        "outcome": outcome,
        "reads": _program(lake),
        "findings": count,
        "seconds": round(seconds, 3),
        "message": message,
    }
    statement = upsert(model_run).values(model_id=model.id, as_of=run.as_of, **row)
    conn.execute(statement.on_conflict_do_update(index_elements=["model_id", "as_of"], set_=row))
