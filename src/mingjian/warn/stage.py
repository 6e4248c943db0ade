"""The warn stage: the findings of one sector and day become warnings, each with its named reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, select

from mingjian.content.words import explain
from mingjian.domain.finding import Finding, bundle, digest, fingerprint
from mingjian.domain.level import Level
from mingjian.domain.warning import WarningState
from mingjian.run import Run
from mingjian.store.tables import finding, warning
from mingjian.warn import write
from mingjian.warn.decide import Known, Question, decide

MANY_FAMILIES = 10


def warn_sector(run: Run, sector: str) -> dict[str, int]:
    """Decide every finding of `run.as_of`; counts by reason. The same day run again adds nothing."""
    models = [m.id for m in run.content.models_of(sector)]
    with run.engine.begin() as conn:
        found = conn.execute(
            select(finding)
            .where(finding.c.as_of == run.as_of, finding.c.model.in_(models))
            .order_by(finding.c.id)
        ).all()
        rows = [_row(run, f, families) for f, families in _with_families(run, found)]
        known = _known(conn, [r["fingerprint"] for r in rows])
        decided = [_decided(run, row, known.get(row["fingerprint"])) for row in rows]
        write.save(conn, run, decided)
    return {"findings": len(found), **Counter(d.reason.value for d in decided)}


def _decided(run: Run, row: dict[str, Any], known: Known | None) -> write.Decided:
    question = Question(run.as_of, run.content.models[row["model"]].status, known)
    return write.Decided(row, decide(question), known)


def _with_families(run: Run, found: Any) -> list[tuple[Row[Any], int]]:
    families: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for f in found:
        families[f.subject_kind, f.subject_id].add(run.content.models[f.model].kind.value)
    return [(f, len(families[f.subject_kind, f.subject_id])) for f in found]


def _row(run: Run, row: Row[Any], families: int) -> dict[str, Any]:
    model = run.content.models[row.model]
    found = as_finding(row)
    parts = list(found.score_parts)
    if families > 1:
        parts.append(
            {"part": "context", "points": MANY_FAMILIES, "zh": "另一类模型也指向同一对象",
             "en": "a model of another kind points at the same subject"}
        )  # fmt: skip
    print_ = fingerprint(found)
    return {
        "id": f"W{print_[:12]}",
        "fingerprint": print_,
        "model": found.model,
        "model_version": found.model_version,
        "model_hash": row.model_hash,
        "sector": model.sector,
        "subject_kind": found.subject_kind,
        "subject_id": found.subject_id,
        "bundle": bundle(found),
        "period": found.period,
        "region_code": found.region_code,
        "district_code": district_of(found.region_code),
        "owner": model.owner,
        "level": found.level.value,
        "level_rank": found.level.rank,
        "score": max(0, min(100, sum(int(p["points"]) for p in parts))),
        "score_parts": parts,
        "amount": found.measures.get(model.score.amount) if model.score.amount else None,
        "measures": found.measures,
        "evidence": found.evidence,
        "params": found.params,
        "lake": found.lake,
        "explanation": explain(model, found.measures, found.params),
        "digest": digest(found),
    }


def district_of(region_code: str | None) -> str | None:
    """The first six digits of a GB/T 2260 code; a code of another kind (a ward's name, say) is left whole."""
    if region_code and region_code[:6].isdigit():
        return region_code[:6]
    return region_code


def as_finding(row: Row[Any]) -> Finding:
    """A stored finding as the domain knows it."""
    values = {f.name: getattr(row, f.name) for f in fields(Finding)}
    return Finding(**{**values, "level": Level(row.level)})


def _known(conn: Connection, prints: list[str]) -> dict[str, Known]:
    newest = (
        select(
            warning.c.fingerprint, warning.c.id, warning.c.last_seen, warning.c.status, warning.c.closed_at
        )
        .where(warning.c.fingerprint.in_(prints))
        .order_by(warning.c.fingerprint, warning.c.created_at)
    )
    return {
        r.fingerprint: Known(
            r.id, r.last_seen, WarningState(r.status), r.closed_at.date() if r.closed_at else None
        )
        for r in conn.execute(newest)
    }
