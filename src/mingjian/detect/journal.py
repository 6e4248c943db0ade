"""What a model's run leaves in the store: its file, its findings, and how it ended."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian.detect.drift import histogram
from mingjian.detect.plan import Outcome, Plan
from mingjian.domain.finding import Finding
from mingjian.domain.model import Model
from mingjian.run import Run
from mingjian.store.tables import finding, model_archive, model_run

AT_ONCE = 2_000  # findings to the store at once: their evidence is written out as text on the way


def write(run: Run, plan: Plan, outcome: Outcome, message: str, found: list[Finding], seconds: float) -> None:
    """All of one model's run in one transaction; findings of an earlier run today go only when this one is done."""
    with run.engine.begin() as conn:
        _archive(conn, run, plan.model)
        if outcome == Outcome.DONE:
            _replace_findings(conn, run, plan.model, found)
        _journal(conn, run, plan, outcome, message, found, seconds)


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
    digest = run.content.hashes[model.id]
    for first in range(0, len(found), AT_ONCE):
        some = found[first : first + AT_ONCE]
        conn.execute(
            insert(finding), [vars(f) | {"level": f.level.value, "model_hash": digest} for f in some]
        )


def _journal(
    conn: Connection,
    run: Run,
    plan: Plan,
    outcome: Outcome,
    message: str,
    found: list[Finding],
    seconds: float,
) -> None:
    row = {
        "version": plan.model.version,
        "hash": run.content.hashes[plan.model.id],
        "outcome": outcome.value,
        "reads": plan.program,
        "findings": len(found),
        "seconds": round(seconds, 3),
        "message": message,
        "score_histogram": histogram(found) if outcome == Outcome.DONE else None,
    }
    statement = upsert(model_run).values(model_id=plan.model.id, as_of=run.as_of, **row)
    conn.execute(statement.on_conflict_do_update(index_elements=["model_id", "as_of"], set_=row))
