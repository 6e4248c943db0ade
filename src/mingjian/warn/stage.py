"""The warn stage: the findings of one sector and day become warnings, each with its named reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping, case, select

from mingjian.domain.level import Level
from mingjian.domain.model import Status
from mingjian.domain.place import queue_key
from mingjian.domain.reason import WarnReason
from mingjian.domain.warning import PUT_RIGHT, WarningState
from mingjian.run import Run, sync_units
from mingjian.store.tables import finding, warning
from mingjian.warn import budget, silences, write
from mingjian.warn.budget import Asking
from mingjian.warn.decide import TAKES_ROOM, Known, Question, decide
from mingjian.warn.row import warning_row, with_families
from mingjian.warn.silences import Silences
from mingjian.warn.write import Decided


def warn_sector(run: Run, sector: str) -> dict[str, int]:
    """Decide every finding of `run.as_of`; counts by reason. The same day run again adds nothing."""
    models = [m.id for m in run.content.models_of(sector)]
    sync_units(run)
    with run.engine.begin() as conn:
        found = conn.execute(
            select(finding)
            .where(finding.c.as_of == run.as_of, finding.c.model.in_(models))
            .order_by(finding.c.model, finding.c.subject_kind, finding.c.subject_id, finding.c.period)
        ).all()
        budget.hold(conn)
        waiting = [row for row in budget.waiting(conn, run.as_of) if _is_live(run, row["model"])]
        quiet = silences.load(conn, run, [*[f._mapping for f in found], *waiting])
        rows = [warning_row(run, f, families, quiet) for f, families in with_families(run, found)]
        known = _known(conn, [r["fingerprint"] for r in rows])
        decided = _decide_all(run, rows, known, quiet)
        decided += _still_waiting(run, waiting, {d.id for d in decided}, quiet)
        decided = _within_budget(conn, run, decided)
        write.save(conn, run, decided)
    return {"findings": len(found), **Counter(d.reason.value for d in decided)}


def _is_live(run: Run, model: str) -> bool:
    return model in run.content.models and run.content.models[model].status is Status.LIVE


def _decide_all(
    run: Run, rows: list[dict[str, Any]], known: dict[str, Known], quiet: Silences
) -> list[Decided]:
    """Stronger models first, so that the weaker ones see what became of them."""
    rank = {model: silences.rank_of(run.content, model) for model in {r["model"] for r in rows}}
    decided = []
    for row in sorted(rows, key=lambda r: rank[r["model"]]):
        one = _decided(run, row, known.get(row["fingerprint"]), quiet)
        subject = (row["subject_kind"], row["subject_id"])
        quiet.tell(row["model"], subject, row["period"], one.id, alive=one.alive)
        decided.append(one)
    return decided


def _decided(run: Run, row: Any, known: Known | None, quiet: Silences, *, hit: bool = True) -> Decided:
    model = run.content.models[row["model"]]
    subject = (row["subject_kind"], row["subject_id"])
    question = Question(
        run.as_of,
        model.status,
        known,
        run.content.policy.reopening.window,
        exception=quiet.exception(model.id, subject),
        snooze=quiet.snooze(model.id, subject),
        inhibitor=quiet.inhibitor(model, subject, row["period"]),
        facts=(row["measures"], row["evidence"]) if hit else None,
    )
    return Decided(row, question, decide(question), hit=hit)


def _still_waiting(run: Run, waiting: list[RowMapping], hit: set[str], quiet: Silences) -> list[Decided]:
    """Warnings in the queue that no model saw today: they are let in as well when their turn has come."""
    found = []
    for row in waiting:
        if row["id"] not in hit:
            known = Known(
                row["id"], row["last_seen"], WarningState.WAITING, None, row["first_seen"], row["moved"]
            )
            found.append(_decided(run, row, known, quiet, hit=False))
    return [d for d in found if d.reason is WarnReason.ADMITTED]


def _within_budget(conn: Connection, run: Run, decided: list[Decided]) -> list[Decided]:
    """Ask each owning unit's budget of the week for room; what it refuses waits."""
    wanting = {n: d for n, d in enumerate(decided) if d.reason in TAKES_ROOM}
    units = budget.units_for(conn, run.content, [d.row for d in wanting.values()])
    asking = [_asking(run, str(n), d, unit) for (n, d), unit in zip(wanting.items(), units, strict=True)]
    used = budget.used_in_week(conn, run.as_of)
    let_in = budget.admit(asking, used, run.content.budget)
    for one in asking:
        d = decided[int(one.key)]
        if one.key not in let_in:
            question = replace(d.question, room=False)
            d = replace(d, question=question, reason=decide(question))
        decided[int(one.key)] = replace(d, budget_unit=None if one.life_safety else one.unit)
    return [d for d in decided if d.hit or d.reason is WarnReason.ADMITTED]


def _asking(run: Run, key: str, d: Decided, unit: str) -> Asking:
    row = d.row
    return Asking(
        key,
        unit,
        row["owner"],
        Level(row["level"]),
        queue_key(row["score"], d.known.moved if d.known else 0),
        since=d.known.first_seen if d.known else run.as_of,
        life_safety=run.content.models[row["model"]].score.life_safety,
    )


def _known(conn: Connection, prints: list[str]) -> dict[str, Known]:
    """The newest warning of each matter, locked: nobody may take a step on it while it is decided."""
    w = warning.c
    put_right = w.status.in_(PUT_RIGHT)
    newest = (
        select(
            w.fingerprint,
            w.id,
            w.last_seen,
            w.status,
            w.closed_at,
            w.first_seen,
            w.moved,
            case((put_right, w.measures)).label("measures"),
            case((put_right, w.evidence)).label("evidence"),
        )
        .where(w.fingerprint.in_(prints))
        .order_by(w.fingerprint, w.created_at)
        .with_for_update()
    )
    return {
        r.fingerprint: Known(
            r.id,
            r.last_seen,
            WarningState(r.status),
            r.closed_at.date() if r.closed_at else None,
            r.first_seen,
            r.moved,
            None if r.evidence is None else (r.measures, r.evidence),
        )
        for r in conn.execute(newest)
    }
