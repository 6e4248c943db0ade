"""A model's warnings as arrays: what it saw when it first told each matter, and what inspectors found later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, and_, func, select

from mingjian.domain.level import Level
from mingjian.domain.warning import CONFIRMED_STATES, REJECTED_STATES, WORKING_STATES, WarningState
from mingjian.store.tables import finding, order_step, warning

# The steps by which a verdict is reached; what follows (a plan, a report, a closing) is not a new one.
VERDICTS = frozenset({WarningState.CONFIRMED, WarningState.REFERRED}) | REJECTED_STATES
OPEN = frozenset(WORKING_STATES) - CONFIRMED_STATES


@dataclass(frozen=True)
class Matters:
    """n warnings of one model, by id. `x` (n, d) numeric measures named by `columns`, NaN where a row has none.

    `score` (n,) points 0-100 and `level` (n,) its rank when first told; `y` (n,) 1 confirmed, 0 rejected, NaN not
    judged; `moment` (n,) seconds of the epoch at the verdict, NaN before; `open` (n,) still to be judged, and then
    `queued` (n,) the points and `standing` (n,) the level's rank that the queue has now.
    """

    ids: list[str]
    columns: list[str]
    x: np.ndarray
    score: np.ndarray
    level: np.ndarray
    y: np.ndarray
    moment: np.ndarray
    open: np.ndarray
    queued: np.ndarray
    standing: np.ndarray

    @property
    def judged(self) -> np.ndarray:
        return ~np.isnan(self.y)

    @property
    def prior(self) -> np.ndarray:
        """The order without verdicts: the level, then the points."""
        return self.score - 1000.0 * self.level


def matters_of(conn: Connection, model: str) -> Matters:
    """Warnings of a model that are judged or wait for it; shadow records and closed ones without verdict are not.

    Measures are those of the finding that first told the matter: what came after, the verdict's own consequences
    among it, must not help to foresee the verdict. Warnings whose first finding is gone are left out.
    """
    rows = conn.execute(_query(model)).all()
    columns = _numeric(rows)
    x = np.array([[_number(r.measures.get(c)) for c in columns] for r in rows], dtype=float)
    status = [WarningState(r.status) for r in rows]
    y = [1.0 if s in CONFIRMED_STATES else 0.0 if s in REJECTED_STATES else np.nan for s in status]
    y = [v if r.at is not None else np.nan for v, r in zip(y, rows, strict=True)]
    return Matters(
        ids=[r.id for r in rows],
        columns=columns,
        x=x.reshape(len(rows), len(columns)),
        score=np.array([r.first_score for r in rows], dtype=float),
        level=np.array([Level(r.level).rank for r in rows], dtype=float),
        y=np.array(y, dtype=float),
        moment=np.array([r.at.timestamp() if r.at else np.nan for r in rows], dtype=float),
        open=np.array([s in OPEN for s in status], dtype=bool),
        queued=np.array([r.score for r in rows], dtype=int),
        standing=np.array([r.level_rank for r in rows], dtype=int),
    )


def _query(model: str) -> Any:
    """Each warning with its first finding and the moment of its last verdict."""
    w, f, s = warning.c, finding.c, order_step.c
    said = (
        select(s.object_id, func.max(s.at).label("at"))
        .where(s.object_kind == "warning", s.to_state.in_(sorted(VERDICTS)))
        .group_by(s.object_id)
        .subquery()
    )
    first = and_(
        f.model == w.model,
        f.as_of == w.first_seen,
        f.subject_kind == w.subject_kind,
        f.subject_id == w.subject_id,
        f.period == w.period,
    )
    return (
        select(
            w.id,
            w.status,
            w.score,
            w.level_rank,
            f.score.label("first_score"),
            f.level,
            f.measures,
            said.c.at,
        )
        .join(finding, first)
        .outerjoin(said, said.c.object_id == w.id)
        .where(w.model == model, w.status.in_(sorted(OPEN | CONFIRMED_STATES | REJECTED_STATES)))
        .order_by(w.id)
    )


def _numeric(rows: Sequence[Row[Any]]) -> list[str]:
    """Measures that are numbers wherever they are filled, by name, without those that never differ."""
    values: defaultdict[str, set[float]] = defaultdict(set)
    words: set[str] = set()
    for row in rows:
        for name, value in row.measures.items():
            if isinstance(value, bool | int | float):
                values[name].add(float(value))
            elif value is not None:
                words.add(name)
    return sorted(name for name, seen in values.items() if len(seen) > 1 and name not in words)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, bool | int | float) else np.nan
