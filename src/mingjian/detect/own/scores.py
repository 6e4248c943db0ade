"""`model_scores`: how each model's scores were spread in its last runs, against its runs before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import RowMapping, select

from mingjian.detect import drift
from mingjian.domain.model import Model
from mingjian.run import Run
from mingjian.store.tables import model_run

SHOWN = timedelta(days=60)  # a shift is told from the day it began, which a rule finds in these
READ = SHOWN + timedelta(days=drift.REFERENCE)


def rows(run: Run) -> Iterator[dict[str, object]]:
    """One row a model and run of the last 60 days that could be compared, of the model's newest file only.

    `p_value` is Bonferroni's: the chance that any model of that day would show such a distance without a shift.
    """
    made = [row for runs in _by_model(run).values() for row in _compared(run, runs)]
    tests = Counter(row["as_of"] for row in made)
    for row in made:
        yield {**row, "p_value": min(1.0, row["p_value"] * tests[row["as_of"]])}


def _by_model(run: Run) -> dict[str, list[RowMapping]]:
    """Runs with a histogram, oldest first, of models that the content still has."""
    r = model_run.c
    wanted = select(r.model_id, r.as_of, r.version, r.hash, r.score_histogram).where(
        r.as_of > run.as_of - READ, r.as_of <= run.as_of, r.score_histogram.is_not(None)
    )
    found: defaultdict[str, list[RowMapping]] = defaultdict(list)
    with run.engine.connect() as conn:
        for row in conn.execute(wanted.order_by(r.model_id, r.as_of)).mappings():
            if row["model_id"] in run.content.models and isinstance(row["score_histogram"], dict):
                found[row["model_id"]].append(row)
    return found


def _compared(run: Run, runs: list[RowMapping]) -> Iterator[dict[str, Any]]:
    """A changed file or another statistic is another scale: only runs like the newest one are compared."""
    newest = runs[-1]
    of = newest["score_histogram"]["of"]
    alike = [r for r in runs if r["hash"] == newest["hash"] and r["score_histogram"]["of"] == of]
    counts = np.array([r["score_histogram"]["counts"] for r in alike])
    shift = drift.shifts(np.array([r["as_of"].toordinal() for r in alike]), counts, of)
    model: Model = run.content.models[newest["model_id"]]
    for n, row in enumerate(alike):
        if row["as_of"] > run.as_of - SHOWN and not np.isnan(shift.psi[n]):
            yield {
                "model_id": row["model_id"],
                "as_of": row["as_of"],
                "version": row["version"],
                "state": model.status.value,
                "statistic": of,
                "findings": int(counts[n].sum()),
                "reference_runs": int(shift.runs[n]),
                "usual_findings": round(float(shift.usual[n]), 1),
                "median": round(float(shift.median[n]), 2),
                "median_before": round(float(shift.median_before[n]), 2),
                "psi": round(float(shift.psi[n]), 4),
                "distance": round(float(shift.ks[n]), 4),
                "p_value": float(shift.p_value[n]),
            }
