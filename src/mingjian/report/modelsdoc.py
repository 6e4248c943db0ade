"""docs/models.md, written from the model files and the measured figures, so that page and models cannot differ."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mingjian.content import Content
from mingjian.domain.model import Kind, Model, Status

INTRO = """# 预警模型 · Warning models

Written by `python bench/models.py` from `rules/`, `models/` and `bench/results/models.json`; change those, not this page.

How the figures were measured: for each seed a made-up city of {people:,} people was written, walked from its source
systems to the queue, and compared with what had been planted in it (`mingjian evaluate`). *planted* counts planted
subjects, *found* those warned of, *false* warnings on subjects that were not planted. A made-up city measures whether
a model does what its card says; it does not measure how often its warnings would be right in a real one. That is what
shadow running, `mingjian backtest` and the verdicts of inspectors are for.

The model that watches our own orders has no planted case: `bench/own_orders.py` leaves a city's orders unanswered instead.

Basis states: V seen in public pages, K known but unconfirmed, A to be filled by the authority. A model that points at
a person, a household or an account ships as *shadow* until a city's authority confirms its basis.
"""
_QUIET = re.compile(r"\bN_\w+")

Figures = Mapping[str, Mapping[str, Any]]


def models_markdown(content: Content, measured: Mapping[str, Any]) -> str:
    """The whole page: an overview by sector, then a table for each model.

    `measured` is bench/results/models.json: {"people", "seeds": {seed: {model: figures}}}.
    """
    seeds: dict[str, Figures] = measured["seeds"]
    parts = [INTRO.format(people=measured["people"]), _overview(content, seeds)]
    for sector in sorted(content.sectors.values(), key=lambda s: s.order):
        mine = [m for i, m in sorted(content.models.items()) if m.sector == sector.sector]
        if mine:
            parts.append(f"## {sector.name['zh']} {sector.name['en']}\n")
            parts += [_section(content, model, seeds) for model in mine]
    return "\n".join(parts)


def _overview(content: Content, seeds: Mapping[str, Figures]) -> str:
    head = "| model | 名称 | kind | phase | status | planted | recall | precision |\n|---|---|---|---|---|--:|--:|--:|\n"
    rows = []
    for model_id, model in sorted(content.models.items()):
        total = _total([f[model_id] for f in seeds.values() if model_id in f])
        rows.append(
            f"| [`{model_id}`](#{_anchor(model)}) | {model.name['zh']} | {model.kind.value} | {model.phase} | "
            f"{model.status.value} | {total['planted'] or '-'} | {_rate(total['recall'])} | {_rate(total['precision'])} |"
        )
    return head + "\n".join(rows) + "\n"


def _section(content: Content, model: Model, seeds: Mapping[str, Figures]) -> str:
    owner = content.sectors[model.sector].owners[model.owner]
    fires = sum(len(case.fires) for case in model.tests)
    quiet = len(
        {name for case in model.tests for rows in case.rows.values() for name in _QUIET.findall(rows)}
    )
    facts = [
        ("说明", model.description["zh"]),
        ("what", model.description["en"]),
        (
            "kind, phase, status",
            f"{model.kind.value}, {model.phase}, {_status(model)}, version {model.version}",
        ),
        ("subject, period", f"{model.subject.kind}, `{model.period}`"),
        ("basis", "; ".join(f"{b.code} ({b.state})" for b in model.basis)),
        ("owner", f"{owner.zh} {owner.en}"),
        ("reads", ", ".join(_input(model, table) for table in model.inputs)),
        (
            "parameters",
            "; ".join(_param(name, p.value, p.unit, p.en) for name, p in model.params.items()) or "none",
        ),
        ("levels", "; ".join(f"{r.level.value} `{r.when}`" for r in model.level)),
        ("must not fire", "; ".join(e["en"] for e in model.exclusions) or "none"),
        ("known gaps", "; ".join(e["en"] for e in model.known_gaps) or "none"),
        ("tests", f"{len(model.tests)} cases, {fires} subjects that fire, {quiet} that must not"),
    ]
    if model.inhibited_by:
        facts.append(("silenced by", ", ".join(f"`{m}`" for m in model.inhibited_by)))
    for seed, figures in seeds.items():
        if model.id in figures:
            facts.append((f"measured, seed {seed}", _measured(figures[model.id])))
    rows = "\n".join(f"| {name} | {_cell(value)} |" for name, value in facts)
    return f"### {model.name['zh']} {model.name['en']}\n\n`{model.id}`\n\n| | |\n|---|---|\n{rows}\n"


def _status(model: Model) -> str:
    return model.status.value if model.status is not Status.SHADOW else "shadow (until confirmed)"


def _input(model: Model, table: str) -> str:
    return f"`{table}`" + (" (optional)" if table in model.optional else "")


def _param(name: str, value: Any, unit: str, meaning: str) -> str:
    said = ", ".join(str(v) for v in value) if isinstance(value, list) else str(value)
    return f"`{name}` = {said}{' ' + unit if unit else ''} ({meaning})"


def _measured(f: Mapping[str, Any]) -> str:
    return (
        f"planted {f['planted']}, found {f['found']}, false {f['false']}, "
        f"recall {_rate(f['recall'])}, precision {_rate(f['precision'])}"
    )


def _total(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts of all seeds added up, and the rates over them."""
    planted, found, false = (sum(int(r[k]) for r in rows) for k in ("planted", "found", "false"))
    return {
        "planted": planted,
        "recall": found / planted if planted else None,
        "precision": found / (found + false) if found + false else None,
    }


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _anchor(model: Model) -> str:
    """GitHub's anchor of the section's heading."""
    heading = f"{model.name['zh']} {model.name['en']}".lower()
    return re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")


def floors(model: Model) -> tuple[float, float] | None:
    """The least recall and precision that a P1 model must reach on a fresh seed; None where none is promised."""
    if model.phase != "P1" or model.kind is Kind.OUTLIER or model.status is Status.RETIRED:
        return None
    return (0.9, 0.8) if model.kind in (Kind.TEXT, Kind.GRAPH) else (0.99, 0.95)
