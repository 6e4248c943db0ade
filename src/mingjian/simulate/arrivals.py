"""What the models see: so many warnings a day by season and weekday, written by the warn stage's own writer."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from mingjian.domain.level import Level
from mingjian.domain.model import Model, Status
from mingjian.run import Run
from mingjian.simulate.city import City
from mingjian.simulate.roads import Arrival, road_of
from mingjian.simulate.scenario import Scenario
from mingjian.store.tables import model_run
from mingjian.warn import write
from mingjian.warn.decide import Question, decide
from mingjian.warn.write import Decided

# Catalogue §6: most are process lights; cold snaps and outages make winter the season of the hotline.
SECTORS = {"process": 55, "subsidy": 20, "utility": 15, "realty": 8, "network": 2}
LEVELS = {Level.HIGH: 8, Level.MEDIUM: 34, Level.LOW: 58}
MONTHS = (1.35, 1.05, 0.95, 0.9, 0.9, 0.95, 1.1, 1.05, 0.9, 0.9, 1.05, 1.25)
WEEKDAYS = (1.15, 1.1, 1.05, 1.0, 1.0, 0.8, 0.75)
MADE = "simulated:"  # how fingerprints of drawn warnings begin
NO_EVIDENCE, OVER_BUDGET, TWIN = 0.04, 0.01, 0.01  # shares of all warnings


@dataclass(frozen=True)
class Arrived:
    """What the driver remembers of a new warning: its id, and the matter of which it is a duplicate."""

    id: str
    lead: str | None


def counts(scenario: Scenario) -> list[int]:
    """Warnings of each day; they add up to the scenario's number."""
    weights = [MONTHS[d.month - 1] * WEEKDAYS[d.weekday()] for d in scenario.dates]
    whole = sum(weights)
    marks = [round(scenario.warnings * w / whole) for w in accumulate(weights)]
    return [after - before for before, after in zip([0, *marks], marks, strict=False)]


def arrive(run: Run, scenario: Scenario, city: City, day: date, first: int, many: int) -> list[Arrived]:
    """Write this day's warnings, numbered from `first`, and note that every live model has run."""
    models = _live(run)
    made = [_drawn(run, scenario, city, models, day, first + n) for n in range(many)]
    with run.engine.begin() as conn:
        write.save(conn, run, [decided for decided, _lead in made])
        conn.execute(
            insert(model_run).on_conflict_do_nothing(),
            [_ran(run, m, day) for ms in models.values() for m in ms],
        )
    return [Arrived(decided.id, lead) for decided, lead in made]


def _live(run: Run) -> dict[str, list[Model]]:
    found = {s: [m for m in run.content.models_of(s) if m.status is Status.LIVE] for s in SECTORS}
    return {sector: models for sector, models in found.items() if models}


def _ran(run: Run, model: Model, day: date) -> dict[str, Any]:
    hashed = run.content.hashes.get(model.id, "")
    return {"model_id": model.id, "as_of": day, "version": model.version, "hash": hashed, "outcome": "done"}


def _drawn(
    run: Run, scenario: Scenario, city: City, models: Mapping[str, Sequence[Model]], day: date, number: int
) -> tuple[Decided, str | None]:
    drawn = scenario.drawn("warning", number)
    sectors, road = list(models), road_of(scenario, _id(number))
    sector = drawn.choices(sectors, [SECTORS[s] for s in sectors])[0]
    twin = number > 1 and (drawn.random() < TWIN * scenario.rare or road.arrival is Arrival.TWIN)
    lead = scenario.drawn("lead", number).randrange(max(1, number - 40), number) if twin else None
    row = _row(run, scenario, drawn, drawn.choice(models[sector]), drawn.choice(city.districts), number, lead)
    room = drawn.random() >= OVER_BUDGET * scenario.rare and road.arrival is not Arrival.OVER_BUDGET
    window = run.content.policy.reopening.window
    question = Question(day, Status.LIVE, None, window, room=room, facts=(row["measures"], row["evidence"]))
    return Decided(row, question, decide(question)), _id(lead) if lead else None


def _row(
    run: Run,
    scenario: Scenario,
    drawn: random.Random,
    model: Model,
    district: str,
    number: int,
    lead: int | None,
) -> dict[str, Any]:
    """The columns that a finding gives a warning. A duplicate is about the subject of the other one."""
    chance = drawn.choices(list(LEVELS), list(LEVELS.values()))[0]
    road = road_of(scenario, _id(number))
    level = road.level or chance
    bare = drawn.random() < NO_EVIDENCE or road.arrival is Arrival.BARE
    subject = f"S{lead or number:07d}"
    return {
        "id": _id(number),
        "fingerprint": f"{MADE}{number}",
        "model": model.id,
        "model_version": model.version,
        "model_hash": run.content.hashes.get(model.id, ""),
        "sector": model.sector,
        "subject_kind": model.subject.kind,
        "subject_id": subject,
        "bundle": f"{model.subject.kind}:{subject}" if lead is None else f"twin:{subject}",
        "period": run.as_of.strftime("%Y-%m"),
        "region_code": f"{district}001001",
        "district_code": district,
        "owner": model.owner,
        "level": level.value,
        "level_rank": level.rank,
        "score": drawn.randrange(20, 100),
        "score_parts": [{"part": "base", "points": 40, "zh": "基础分", "en": "base"}],
        "amount": drawn.randrange(100, 500_000) if model.score.amount else None,
        "measures": {},
        "evidence": [] if bare else list(_evidence(run, model, number)),
        "params": {name: p.value for name, p in model.params.items()},
        "lake": {},
        "explanation": {"zh": "模拟预警，请核实", "en": "simulated, please check"},
        "digest": f"{MADE}{number}",
    }


def _evidence(run: Run, model: Model, number: int) -> Iterator[dict[str, Any]]:
    """One row of each table that the model shows, by its key alone."""
    for shown in model.evidence:
        table = run.content.tables.get(shown.table)
        key = dict.fromkeys(table.key if table else ["id"], f"{number}")
        yield {"table": shown.table, "key": key, "row": dict(key)}


def _id(number: int) -> str:
    return f"W{number:07d}"
