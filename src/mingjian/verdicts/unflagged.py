"""The month's sample of subjects that a model did not flag, for people to look at: what nobody looks for is missed unseen."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from mingjian.domain.draw import month_of
from mingjian.domain.model import Model, Status
from mingjian.domain.review import DrawOutcome, ReviewTerms
from mingjian.run import Run
from mingjian.store import reviews
from mingjian.store.seeds import seed_for

PURPOSE = "review"
MEMORY = "1GB"


@dataclass(frozen=True)
class Sample:
    """Drawn subjects in the order of the draw; `population` counts all subjects, `flagged` those among them."""

    subjects: tuple[str, ...] = ()
    population: int = 0
    flagged: int = 0


def draw_month(run: Run, terms: ReviewTerms) -> dict[str, int]:
    """Draw this month's sample of every live model that has none yet; {"drawn": subjects, "no_population": models}.

    A model whose table has not come yet is drawn for on a later day of the month.
    """
    month = month_of(run.as_of)
    with run.engine.connect() as conn:
        done = reviews.drawn_models(conn, month)
    counts = {"drawn": 0, "no_population": 0}
    for model in live_models(run):
        if model.id not in done:
            outcome, drawn = _draw(run, model, month, terms)
            counts["drawn"] += drawn
            counts["no_population"] += outcome is DrawOutcome.NO_POPULATION
    return counts


def live_models(run: Run) -> list[Model]:
    """The models whose warnings go to units, by id."""
    return [m for _id, m in sorted(run.content.models.items()) if m.status is Status.LIVE]


def population_table(model: Model) -> str | None:
    """The first table the model reads that lists its subjects; None when no table has them in a column."""
    return next((t for t, columns in model.inputs.items() if model.subject.column in columns), None)


def _draw(run: Run, model: Model, month: str, terms: ReviewTerms) -> tuple[DrawOutcome | None, int]:
    table = population_table(model)
    version = run.lake.version("ready", table) if table else None
    files = run.lake.uris("ready", table, version) if table and version is not None else []
    if table and not files:  # it has not come, or has no row yet
        return None, 0
    row = {"model": model.id, "month": month, "model_version": model.version, "source_table": table or ""}
    with run.engine.begin() as conn:
        now = run.clock.now()
        if table is None:
            reviews.add_draw(conn, {**row, "outcome": DrawOutcome.NO_POPULATION}, model.subject.kind, (), now)
            return DrawOutcome.NO_POPULATION, 0
        seed = seed_for(conn, PURPOSE, month, now)
        known = reviews.flagged(conn, model.id, model.subject.kind, run.as_of - terms.window)
        found = sample(files, model.subject.column, known, f"{seed}:{model.id}", terms.per_month)
        counted = {"population": found.population, "flagged": found.flagged}
        draw = {**row, "outcome": DrawOutcome.DRAWN, "source_version": version, **counted}
        made = reviews.add_draw(conn, draw, model.subject.kind, found.subjects, now)
    return DrawOutcome.DRAWN, len(found.subjects) if made else 0


def sample(files: Sequence[str], column: str, flagged: Sequence[str], key: str, n: int) -> Sample:
    """The `n` unflagged subjects of these Parquet files with the smallest SHA-256 of `key:subject`.

    That is a simple random sample without replacement, and whoever knows the key draws the same again.
    """
    name = '"' + column.replace('"', '""') + '"'
    with closing(duckdb.connect(config={"autoinstall_known_extensions": "false"})) as read:
        read.execute(f"SET memory_limit = '{MEMORY}'")
        read.register("flagged", pa.table({"id": pa.array(list(flagged), pa.string())}))
        read.execute(
            f"CREATE TEMP TABLE subject AS SELECT DISTINCT CAST({name} AS VARCHAR) AS id FROM read_parquet(?)"
            f" WHERE {name} IS NOT NULL",
            [list(files)],
        )
        population, known = read.execute(
            "SELECT count(*), count(*) FILTER (WHERE id IN (SELECT id FROM flagged)) FROM subject"
        ).fetchone() or (0, 0)
        drawn = read.execute(
            "SELECT id FROM subject WHERE id NOT IN (SELECT id FROM flagged)"
            " ORDER BY sha256(? || ':' || id), id LIMIT ?",
            [key, n],
        ).fetchall()
    return Sample(tuple(row[0] for row in drawn), population, known)
