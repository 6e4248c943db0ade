"""A finding as the row of a warning: who owns it, how it scores, what it says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Row

from mingjian.content.words import explain
from mingjian.domain.finding import Finding, bundle, digest, fingerprint, warning_id
from mingjian.domain.level import Level
from mingjian.domain.silence import EXCEPTION_POINTS, ListedException
from mingjian.run import Run
from mingjian.warn.silences import Silences

MANY_FAMILIES = 10


def with_families(run: Run, found: Sequence[Row[Any]]) -> list[tuple[Row[Any], int]]:
    """Each finding with the number of families of models that point at its subject."""
    families: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for f in found:
        families[f.subject_kind, f.subject_id].add(run.content.models[f.model].kind.value)
    return [(f, len(families[f.subject_kind, f.subject_id])) for f in found]


def warning_row(run: Run, row: Row[Any], families: int, quiet: Silences) -> dict[str, Any]:
    """The columns of a warning that its finding and the day's exceptions give."""
    model = run.content.models[row.model]
    found = as_finding(row)
    exception = quiet.exception(model.id, (found.subject_kind, found.subject_id))
    parts = list(found.score_parts)
    if families > 1:
        parts.append(
            {"part": "context", "points": MANY_FAMILIES, "zh": "另一类模型也指向同一对象",
             "en": "a model of another kind points at the same subject"}
        )  # fmt: skip
    if exception:
        parts.append(_excepted(exception))
    print_ = fingerprint(found)
    return {
        "id": warning_id(print_),
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


def _excepted(entry: ListedException) -> dict[str, Any]:
    return {
        "part": "context", "points": EXCEPTION_POINTS, "zh": f"例外名单内：{entry.document}",
        "en": f"on the list of exceptions: {entry.document}",
    }  # fmt: skip


def district_of(region_code: str | None) -> str | None:
    """The first six digits of a GB/T 2260 code; a code of another kind (a ward's name, say) is left whole."""
    if region_code and region_code[:6].isdigit():
        return region_code[:6]
    return region_code


def as_finding(row: Row[Any]) -> Finding:
    """A stored finding as the domain knows it."""
    values = {f.name: getattr(row, f.name) for f in fields(Finding)}
    return Finding(**{**values, "level": Level(row.level)})
