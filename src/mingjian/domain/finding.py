"""A finding: what one model saw about one subject in one key period, on one snapshot."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from mingjian.domain.level import Level


@dataclass(frozen=True)
class Finding:
    """Made by detect, read by warn. `measures` are the query's other output columns.

    `evidence` is a list of {"table", "key", "row"}; `lake` maps table to the snapshot version read.
    """

    model: str
    model_version: int
    as_of: date
    subject_kind: str
    subject_id: str
    period: str
    region_code: str | None
    level: Level
    score: int
    score_parts: list[dict[str, Any]]
    measures: dict[str, Any]
    evidence: list[dict[str, Any]] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    lake: dict[str, int] = field(default_factory=dict)


def digest(found: Finding) -> str:
    """SHA-256 over all that the model saw and said; replay must reproduce it. Parts added later are left out."""
    seen = asdict(found)
    for varying in ("as_of", "lake"):
        seen.pop(varying)
    text = json.dumps(seen, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint(found: Finding) -> str:
    """Model, subject and key period (catalogue §1.1): the same matter has the same fingerprint."""
    return matter_mark(found.model, found.subject_kind, found.subject_id, found.period)


def matter_mark(model: str, subject_kind: str, subject_id: str, period: str) -> str:
    """The fingerprint from its parts."""
    text = "\x1f".join([model, subject_kind, subject_id, period])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def warning_id(fingerprint: str) -> str:
    """The id of the first warning of a matter."""
    return f"W{fingerprint[:12]}"


def bundle(found: Finding) -> str:
    """All warnings on one subject share this mark."""
    return subject_mark(found.subject_kind, found.subject_id)


def subject_mark(subject_kind: str, subject_id: str) -> str:
    """The mark of a subject's bundle."""
    return hashlib.sha256(f"{subject_kind}\x1f{subject_id}".encode()).hexdigest()[:16]
