"""Measure models against a truth file: planted, found, false, recall and precision for each model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import select

from mingjian.detect.own import OWN_TABLES
from mingjian.domain.errors import SourceError
from mingjian.domain.i18n import _
from mingjian.domain.model import Status
from mingjian.pull import Kind, token_of
from mingjian.run import Run
from mingjian.store.tables import warning

TOKEN_KINDS: dict[str, Kind] = {"person": "person", "account": "account"}
NEEDED = ["model", "subject_kind", "subject_id"]


def evaluate(run: Run, truth_file: Path) -> list[dict[str, Any]]:
    """One row per model that runs: model, planted, found, false, recall, precision (None where undefined).

    A warning counts as found when model and subject stand in the truth file. Identifiers of persons and accounts
    stand there in the clear and are hashed here with the city's own key. Models that watch the service itself
    are not measured.
    """
    truth = _truth(run, truth_file)
    with run.engine.connect() as conn:
        rows = conn.execute(select(warning.c.model, warning.c.subject_id).distinct()).all()
    warned = {(r.model, r.subject_id) for r in rows}
    planted = set(zip(truth["model"], truth["subject_id"], strict=True))
    return [_measure(model, planted, warned) for model in _measured(run, planted)]


def _measured(run: Run, planted: set[tuple[str, str]]) -> list[str]:
    running = {
        m.id
        for m in run.content.models.values()
        if m.status in (Status.LIVE, Status.SHADOW) and not OWN_TABLES & (m.inputs.keys() - m.optional)
    }
    return sorted(running | {model for model, _subject in planted})


def _measure(model: str, planted: set[tuple[str, str]], warned: set[tuple[str, str]]) -> dict[str, Any]:
    wanted = {s for m, s in planted if m == model}
    got = {s for m, s in warned if m == model}
    found = len(wanted & got)
    return {
        "model": model,
        "planted": len(wanted),
        "found": found,
        "false": len(got - wanted),
        "recall": round(found / len(wanted), 4) if wanted else None,
        "precision": round(found / len(got), 4) if got else None,
    }


def misses(run: Run, truth_file: Path) -> list[dict[str, str]]:
    """Planted cases without a warning, with the note the truth file gives them."""
    truth = _truth(run, truth_file)
    with run.engine.connect() as conn:
        warned = {
            (r.model, r.subject_id) for r in conn.execute(select(warning.c.model, warning.c.subject_id))
        }
    missed = [(m, s) not in warned for m, s in zip(truth["model"], truth["subject_id"], strict=True)]
    return [{str(k): str(v) for k, v in row.items()} for row in truth[missed].to_dict("records")]


def _truth(run: Run, path: Path) -> pd.DataFrame:
    if not path.exists():
        raise SourceError(_("没有文件 {path}", path=path), hint=_("truth.csv 由 mingjian sample-city 写出"))
    truth = pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = [c for c in NEEDED if c not in truth.columns]
    if missing:
        raise SourceError(
            _("{path} 缺少列 {cols}", path=path, cols="、".join(missing)),
            hint=_("首行应为 model,subject_kind,subject_id,…"),
        )
    truth["subject_id"] = [
        token_of(run.home, TOKEN_KINDS[kind], raw) if kind in TOKEN_KINDS else raw
        for kind, raw in zip(truth["subject_kind"], truth["subject_id"], strict=True)
    ]
    return truth
