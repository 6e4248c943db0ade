"""`model_run`: the newest run of each model, so that one that failed or is held is found by a rule."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text

from mingjian.run import Run

# `bad_since` is the first of the unbroken bad days up to the newest run; empty while a model runs well.
NEWEST = text("""
WITH run AS (SELECT * FROM model_run WHERE as_of <= :as_of),
newest AS (SELECT DISTINCT ON (model_id) * FROM run ORDER BY model_id, as_of DESC),
good AS (SELECT model_id, max(as_of) AS day FROM run WHERE outcome IN ('done', 'no_feed') GROUP BY model_id)
SELECT n.model_id, n.version, n.as_of, n.outcome, n.findings, n.seconds, n.message, min(r.as_of) AS bad_since
FROM newest n
LEFT JOIN good g ON g.model_id = n.model_id
LEFT JOIN run r ON r.model_id = n.model_id AND r.as_of > coalesce(g.day, DATE '0001-01-01')
GROUP BY n.model_id, n.version, n.as_of, n.outcome, n.findings, n.seconds, n.message
ORDER BY n.model_id
""")


def rows(run: Run) -> Iterator[dict[str, object]]:
    """One row a model that the content still has, with its present state."""
    with run.engine.connect() as conn:
        found = conn.execute(NEWEST, {"as_of": run.as_of}).all()
    for row in found:
        model = run.content.models.get(row.model_id)
        if model is not None:
            yield {
                "model_id": row.model_id,
                "sector": model.sector,
                "version": row.version,
                "state": model.status.value,
                "as_of": row.as_of,
                "outcome": row.outcome,
                "bad_since": row.bad_since,
                "findings": row.findings,
                "seconds": None if row.seconds is None else float(row.seconds),
                "message": row.message,
            }
