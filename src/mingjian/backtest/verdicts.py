"""What is known already about the subjects that a backtest hit: verdicts of people, warnings of other models."""

from __future__ import annotations

from collections import Counter

from scipy.stats import binomtest
from sqlalchemy import Connection, select

from mingjian.backtest.result import Overlap, Precision
from mingjian.domain.warning import CONFIRMED_STATES, REJECTED_STATES
from mingjian.store.tables import warning

Subjects = frozenset[tuple[str, str]]  # (kind, id)


def precision_of(conn: Connection, model_id: str, subjects: Subjects) -> Precision:
    """Confirmed and rejected warnings of this model on these subjects; `open` counts those without a verdict."""
    query = select(warning.c.subject_kind, warning.c.subject_id, warning.c.status)
    seen: Counter[str] = Counter()
    for kind, subject, status in conn.execute(query.where(warning.c.model == model_id)):
        if (kind, subject) in subjects:
            seen[_verdict(status)] += 1
    confirmed, rejected = seen["confirmed"], seen["rejected"]
    judged = confirmed + rejected
    if not judged:
        return Precision(0, 0, seen["open"], None, None, None)
    interval = binomtest(confirmed, judged).proportion_ci(method="wilson")
    return Precision(
        confirmed, rejected, seen["open"], confirmed / judged, float(interval.low), float(interval.high)
    )


def _verdict(status: str) -> str:
    if status in CONFIRMED_STATES:
        return "confirmed"
    return "rejected" if status in REJECTED_STATES else "open"


def overlap_of(conn: Connection, model_id: str, live: list[str], subjects: Subjects) -> list[Overlap]:
    """Live models that warned of the same subjects, the most overlapping first."""
    others = [m for m in live if m != model_id]
    query = select(warning.c.model, warning.c.subject_kind, warning.c.subject_id).distinct()
    shared: Counter[str] = Counter()
    for model, kind, subject in conn.execute(query.where(warning.c.model.in_(others))):
        shared[model] += (kind, subject) in subjects
    total = len(subjects) or 1
    return [Overlap(model, n, round(n / total, 4)) for model, n in shared.most_common() if n]
