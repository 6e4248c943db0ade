"""What keeps a finding silent on one day: listed exceptions, snoozes, and stronger models on the same matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, select

from mingjian.content import Content
from mingjian.domain.finding import matter_mark, subject_mark, warning_id
from mingjian.domain.model import Model, Status
from mingjian.domain.silence import ListedException, Snooze, same_period
from mingjian.domain.warning import CLOSED_STATES, WarningState
from mingjian.run import Run
from mingjian.store.exceptions import exceptions_at
from mingjian.store.snoozes import snoozes_at
from mingjian.store.tables import finding, warning

Subject = tuple[str, str]
SILENT_STATES = (*CLOSED_STATES, WarningState.RECORDED, WarningState.RECHECK)


@dataclass
class Silences:
    """By model and subject; a model of None stands for every model. `alive` holds periods by warning."""

    exceptions: dict[tuple[str | None, Subject], ListedException] = field(default_factory=dict)
    snoozes: dict[tuple[str, Subject], Snooze] = field(default_factory=dict)
    alive: defaultdict[tuple[str, Subject], dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def exception(self, model: str, subject: Subject) -> ListedException | None:
        """The entry for this model, else the one for every model."""
        return self.exceptions.get((model, subject)) or self.exceptions.get((None, subject))

    def snooze(self, model: str, subject: Subject) -> Snooze | None:
        return self.snoozes.get((model, subject))

    def inhibitor(self, model: Model, subject: Subject, period: str) -> str | None:
        """The warning of a stronger model that already tells this matter, by its id."""
        for stronger in model.inhibited_by:
            for its_id, its_period in sorted(self.alive.get((stronger, subject), {}).items()):
                if same_period(period, its_period):
                    return its_id
        return None

    def tell(self, model: str, subject: Subject, period: str, its_id: str, *, alive: bool) -> None:
        """Note what was decided of a warning, for the weaker models that come after it."""
        if alive:
            self.alive[model, subject][its_id] = period
        else:
            self.alive[model, subject].pop(its_id, None)


def load(conn: Connection, run: Run, rows: Sequence[Any]) -> Silences:
    """The silences of this day that may concern these rows (model, subject_kind, subject_id)."""
    found = Silences()
    for entry in exceptions_at(conn, run.as_of):
        found.exceptions[entry.model, (entry.subject_kind, entry.subject_id)] = entry
    for held in snoozes_at(conn, run.as_of):
        found.snoozes[held.model, (held.subject_kind, held.subject_id)] = held
    _stronger_ones(conn, run, rows, found)
    return found


def _stronger_ones(conn: Connection, run: Run, rows: Sequence[Any], found: Silences) -> None:
    """Open warnings of stronger models, and what those saw today, on the subjects of weaker ones."""
    models = run.content.models
    weak = [r for r in rows if models[r["model"]].inhibited_by]
    subjects = {(r["subject_kind"], r["subject_id"]) for r in weak}
    stronger = {name for r in weak for name in models[r["model"]].inhibited_by}
    live = sorted(m for m in stronger if m in models and models[m].status is Status.LIVE)
    if not live:
        return
    w = warning.c
    marks = sorted({subject_mark(kind, id) for kind, id in subjects})
    told = select(w.model, w.subject_kind, w.subject_id, w.period, w.id).where(
        w.bundle.in_(marks), w.model.in_(live), w.status.not_in(SILENT_STATES)
    )
    for row in conn.execute(told):
        found.tell(row.model, (row.subject_kind, row.subject_id), row.period, row.id, alive=True)
    for row in conn.execute(_seen_elsewhere(run, live, weak)):
        subject = (row.subject_kind, row.subject_id)
        quiet = found.exception(row.model, subject) or found.snooze(row.model, subject)
        if subject in subjects and not quiet:
            mark = matter_mark(row.model, *subject, row.period)
            found.tell(row.model, subject, row.period, warning_id(mark), alive=True)


def _seen_elsewhere(run: Run, live: list[str], weak: list[Any]) -> Select[Any]:
    """Today's findings of stronger models in other sectors that are no warnings yet: their turn comes later."""
    models, f, w = run.content.models, finding.c, warning.c
    here = {models[r["model"]].sector for r in weak}
    known = select(w.id).where(
        w.model == f.model,
        w.subject_kind == f.subject_kind,
        w.subject_id == f.subject_id,
        w.period == f.period,
    )
    return select(f.model, f.subject_kind, f.subject_id, f.period).where(
        f.as_of == run.as_of,
        f.model.in_([m for m in live if models[m].sector not in here]),
        ~known.exists(),
    )


def rank_of(content: Content, model: str) -> int:
    """0 for a model that nothing silences, else one more than its strongest inhibitor: decide in this order."""

    def rank(name: str, above: frozenset[str]) -> int:
        stronger = [s for s in content.models[name].inhibited_by if s in content.models and s not in above]
        return max((rank(s, above | {s}) + 1 for s in stronger), default=0)

    return rank(model, frozenset({model}))
