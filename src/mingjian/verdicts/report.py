"""Each model's figures side by side: its precision, and what the reviews say it misses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mingjian.domain.review import ReviewTerms
from mingjian.domain.verdict import CountsAs
from mingjian.store import reviews, verdicts
from mingjian.verdicts.estimate import Missed, missed
from mingjian.verdicts.precision import Precision, by_model, precision_of, told


@dataclass(frozen=True)
class Figures:
    """One model over the terms' window; `missed` has no rate before the first review."""

    model: str
    precision: Precision
    missed: Missed


def figures_by_model(
    conn: Connection, now: datetime, terms: ReviewTerms, model: str | None = None
) -> list[Figures]:
    """The figures of every model (or of one) that told something or was reviewed, by id."""
    since = now - terms.window
    told_of = by_model(told(r) for r in verdicts.told_since(conn, since, model))
    sizes = {m: n for m, n in reviews.unflagged_sizes(conn).items() if model in (None, m)}
    known = sorted(set(told_of) | set(sizes))
    answers = reviews.answers(conn, since, known)
    found = []
    for m in known:
        rows = told_of.get(m, [])
        confirmed = len({r.subject_id for r in rows if r.counts is CountsAs.CONFIRMED})
        misses = missed(*answers.get(m, (0, 0)), sizes.get(m, 0), confirmed)
        found.append(Figures(m, precision_of(rows, now, terms.ripe_share), misses))
    return found
