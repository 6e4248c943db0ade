"""Replay: recompute a warning from the snapshot, model and parameters it was made with, and compare."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml
from sqlalchemy import Connection, Row, select

from mingjian.content.words import explain
from mingjian.detect.engine import open_engine
from mingjian.detect.evaluate import findings_of
from mingjian.detect.outliers.room import kept_fits
from mingjian.detect.tables import reads, show
from mingjian.domain.campaign import SUBJECT
from mingjian.domain.errors import MingjianError, NotFound
from mingjian.domain.finding import digest
from mingjian.domain.i18n import _
from mingjian.domain.model import Model
from mingjian.run import Run
from mingjian.store.tables import model_archive, warning


@dataclass(frozen=True)
class Replayed:
    """`difference` is empty when the warning came out identical, else it says what differs."""

    warning_id: str
    model: str
    difference: str


def replay(run: Run, warning_id: str | None = None) -> list[Replayed]:
    """Replay one warning, or all; each model is run once per snapshot. Raises NotFound for an unknown id."""
    with run.engine.connect() as conn:
        query = select(warning).order_by(warning.c.model, warning.c.id)
        rows = conn.execute(query.where(warning.c.id == warning_id) if warning_id else query).all()
        if warning_id and not rows:
            raise NotFound(_("没有预警 {id}", id=warning_id), hint=_("用 mingjian warnings list 查看编号"))
        rows = [row for row in rows if row.subject_kind != SUBJECT]  # a campaign's stands for others
        groups: defaultdict[tuple[Any, ...], list[Row[Any]]] = defaultdict(list)
        for row in rows:
            groups[row.model, row.model_hash, row.last_seen, _frozen(row.lake), _frozen(row.params)].append(
                row
            )
        return [done for group in groups.values() for done in _replay_group(run, conn, group)]


def _replay_group(run: Run, conn: Connection, group: list[Row[Any]]) -> list[Replayed]:
    first = group[0]
    try:
        model = archived_model(conn, first.model, first.model_hash)
        made = _run_again(run, model, first.last_seen, first.lake, first.params)
    except MingjianError as error:
        return [Replayed(r.id, r.model, str(error)) for r in group]
    return [Replayed(r.id, r.model, _difference(r, made.get((r.subject_id, r.period)))) for r in group]


def archived_model(conn: Connection, model_id: str, model_hash: str) -> Model:
    """The model file as it was when it made a warning."""
    body = conn.execute(
        select(model_archive.c.body).where(
            model_archive.c.model_id == model_id, model_archive.c.hash == model_hash
        )
    ).scalar_one()
    return Model.model_validate(yaml.safe_load(body))


def _run_again(
    run: Run, model: Model, as_of: date, lake: dict[str, int], params: dict[str, Any]
) -> dict[tuple[str, str], tuple[str, dict[str, str]]]:
    engine = open_engine(run.home / "spill")
    try:
        show(engine, run.lake, run.content.tables, lake, set(reads(model)) - set(lake))
        with kept_fits(run, lake):
            found = findings_of(engine, model, run.content.tables, as_of, lake, overrides=params)
    finally:
        engine.close()
    return {(f.subject_id, f.period): (digest(f), explain(model, f.measures, f.params)) for f in found}


def _difference(row: Row[Any], made: tuple[str, dict[str, str]] | None) -> str:
    if made is None:
        return _("重算后不再命中")
    again, words = made
    if again != row.digest:
        return _("重算结果与记录不一致")
    return "" if words == row.explanation else _("说明文字与记录不一致")


def _frozen(value: dict[str, Any]) -> str:
    return repr(sorted(value.items()))
