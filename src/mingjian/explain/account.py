"""The whole account of one warning, as plain values for the terminal, for JSON and for pages."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row, select

from mingjian.content.conditions import Reader, columns_of, shown
from mingjian.content.labels import namer, param_label, unit_of, unit_shown
from mingjian.content.words import explain
from mingjian.domain.errors import ContentError, MingjianError, NotFound
from mingjian.domain.i18n import _, pick
from mingjian.domain.model import Model
from mingjian.explain.again import Again
from mingjian.explain.counterfactual import Threshold, thresholds
from mingjian.explain.peers import Peers, peers_of
from mingjian.explain.pictured import is_listed
from mingjian.explain.unusual import ranked, unusual_words
from mingjian.replay import archived_model
from mingjian.run import Run
from mingjian.store.tables import warning

MOST_ROWS = 20  # more rows than this are not tried one by one: no single one of them can matter much


@dataclass(frozen=True)
class Branch:
    """One branch of the level rule: what it asks, alternative by alternative, and whether it gave the level."""

    level: str
    parts: list[tuple[str, bool | None]]
    gave: bool


@dataclass(frozen=True)
class Setting:
    """A parameter: in words, the value used, its unit, and the model's own value where that was overridden."""

    label: str
    value: str
    unit: str
    default: str | None


@dataclass(frozen=True)
class Account:
    """All that `mingjian explain` says. `decisive` are rows without any one of which nothing would have fired.

    `unusual` says of an outlier which features set it apart; it is empty for all other models.
    """

    id: str
    model: str
    title: str
    level: str
    score: int
    seen: str
    branches: list[Branch]
    settings: list[Setting]
    unusual: list[str]
    peers: Peers
    rows: list[dict[str, Any]]
    exclusions: list[str]
    silences: list[tuple[str, str]]
    decisive: list[tuple[str, str]]
    not_told: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def explain_warning(run: Run, warning_id: str) -> Account:
    """The account of one warning, from the model as it was and the snapshots it read. Raises NotFound."""
    with run.engine.connect() as conn:
        row = conn.execute(select(warning).where(warning.c.id == warning_id)).first()
        if row is None:
            raise NotFound(_("没有预警 {id}", id=warning_id), hint=_("用 mingjian warnings list 查看编号"))
        model = archived_model(conn, row.model, row.model_hash)
        peers = peers_of(conn, row, _read_by_levels(model))
    silences, decisive, not_told = _what_if(run, model, row)
    return Account(
        id=row.id,
        model=row.model,
        title=pick(model.name),
        level=row.level,
        score=row.score,
        seen=pick(explain(model, row.measures, row.params)),
        branches=_branches(run, model, row),
        settings=_settings(model, row),
        unusual=_unusual(run, row),
        peers=peers,
        rows=row.evidence,
        exclusions=[pick(e) for e in model.exclusions],
        silences=silences,
        decisive=decisive,
        not_told=not_told,
    )


def measure_label(run: Run, model_id: str, column: str) -> str:
    """A measure in the reader's words, with its unit."""
    model = run.content.models.get(model_id)
    if model is None:
        return column
    unit = unit_of(model, run.content.tables, column)
    return namer(model, run.content.tables)(column) + (f"（{unit}）" if unit else "")


def _unusual(run: Run, row: Row[Any]) -> list[str]:
    try:
        return unusual_words(ranked(row.measures), partial(measure_label, run, row.model))
    except ContentError as error:
        return [str(error)]


def _read_by_levels(model: Model) -> list[str]:
    return list(dict.fromkeys(c for rule in model.level for c in columns_of(rule.when)))


def _branches(run: Run, model: Model, row: Row[Any]) -> list[Branch]:
    reader = Reader({**row.params, **row.measures}, namer(model, run.content.tables))
    gave = next((n for n, rule in enumerate(model.level) if rule.level.value == row.level), None)
    return [
        Branch(rule.level.value, reader.parts(rule.when), n == gave) for n, rule in enumerate(model.level)
    ]


def _settings(model: Model, row: Row[Any]) -> list[Setting]:
    found = []
    for name, param in model.params.items():
        used = row.params.get(name, param.value)
        if not is_listed(name, used):
            continue
        default = shown(param.value) if used != param.value else None
        found.append(Setting(param_label(model, name), shown(used), unit_shown(param.unit), default))
    return found


def _what_if(
    run: Run, model: Model, row: Row[Any]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]], str]:
    """(parameter changes that silence it, rows that decide it, why this could not be told)."""
    try:
        with Again(run, model, row) as again:
            changes = thresholds(model, row.params, again.fires)
            decisive = _decisive(again, row) if model.query else []
    except MingjianError as error:
        return [], [], str(error)
    return [_change(model, change) for change in changes], decisive, ""


def _change(model: Model, change: Threshold) -> tuple[str, str]:
    more = _("改为 {v} 或更大", v=shown(change.value))
    less = _("改为 {v} 或更小", v=shown(change.value))
    unit = unit_shown(model.params[change.name].unit)
    now = _("（现为 {v}）", v=f"{shown(change.now)} {unit}".strip())
    return param_label(model, change.name) + now, more if change.value > change.now else less


def _decisive(again: Again, row: Row[Any]) -> list[tuple[str, str]]:
    """Evidence rows without which the subject is not hit at all; only short tables are tried row by row."""
    found = []
    for table in dict.fromkeys(item["table"] for item in row.evidence):
        mine = [item["key"] for item in row.evidence if item["table"] == table]
        if len(mine) <= MOST_ROWS:
            found += [
                (table, ", ".join(map(str, key.values())))
                for key in mine
                if not again.fires_without(table, key)
            ]
    return found
