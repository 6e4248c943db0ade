"""What the tests of warnings say and see: findings of a day in, warnings with their reasons out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Engine, RowMapping, insert, select

from mingjian.domain.clock import CITY_TZ, MovableClock
from mingjian.domain.finding import matter_mark, warning_id
from mingjian.domain.model import Model
from mingjian.run import Run
from mingjian.store import snoozes
from mingjian.store.tables import (
    audit_log,
    finding,
    order_step,
    supervision_order,
    warning,
    warning_decision,
)
from mingjian.supervise import dispatch
from mingjian.warn import warn_sector

Seen = tuple[str, str]


@dataclass
class Desk:
    """A city of three models on projects: subsidy.strong, subsidy.weak (silenced by strong) and subsidy.other."""

    run: Run
    found: list[dict[str, Any]] = field(default_factory=list)

    @property
    def engine(self) -> Engine:
        return self.run.engine

    @property
    def today(self) -> date:
        return self.run.as_of

    def later(self, days: int) -> None:
        """Move the clock to another day, at nine."""
        day = self.run.as_of + timedelta(days=days)
        at = datetime.combine(day, time(9), CITY_TZ)
        self.run = replace(self.run, as_of=day, clock=MovableClock(at))

    def change(self, model: str, **columns: Any) -> None:
        """Change the header of a model, as its file would."""
        models = {**self.run.content.models}
        models[model] = models[model].model_copy(update=columns)
        self.run = replace(self.run, content=replace(self.run.content, models=models))

    def see(self, *subjects: str, model: str = "subsidy.other", level: str = "中", **more: Any) -> list[str]:
        """Findings of one model about these subjects today; returns the ids their first warnings have."""
        named: Model = self.run.content.models[model]
        rows = [
            {
                "model": model,
                "model_version": 1,
                "model_hash": "h",
                "as_of": self.today,
                "subject_kind": named.subject.kind,
                "subject_id": subject,
                "period": "2026",
                "region_code": "150102",
                "level": level,
                "score": 50,
                "score_parts": [{"part": "base", "points": more.get("score", 50), "zh": "", "en": ""}],
                "measures": {},
                "evidence": [{"table": "payout", "key": {"payout_id": "P1"}, "row": {}}],
                "params": {},
                "lake": {},
                **more,
            }
            for subject in subjects
        ]
        with self.engine.begin() as conn:
            conn.execute(insert(finding), rows)
        marks = [matter_mark(model, r["subject_kind"], r["subject_id"], r["period"]) for r in rows]
        return [warning_id(mark) for mark in marks]

    def snooze(self, warning_id: str, days: int) -> int:
        """Snooze a warning from today for so many days more."""
        until = self.today + timedelta(days=days)
        with self.engine.begin() as conn:
            return snoozes.add(
                conn, warning_id, self.today, until, "等审计", "inspector", self.run.clock.now()
            )

    def walk(self, sector: str = "subsidy") -> dict[str, int]:
        """Warn and dispatch; the counts of the warn stage, without zeros."""
        counts = warn_sector(self.run, sector)
        dispatch(self.run, sector)
        return counts

    def warning(self, id: str) -> RowMapping:
        return self._rows(select(warning).where(warning.c.id == id))[0]

    def stands(self, id: str) -> Seen:
        """A warning's state and the reason of its last decision."""
        row = self.warning(id)
        return row["status"], row["reason"]

    def ordered(self) -> set[str]:
        return {r["warning_id"] for r in self._rows(select(supervision_order.c.warning_id))}

    def decisions(self, id: str) -> list[tuple[date, str, dict[str, Any]]]:
        d = warning_decision.c
        rows = self._rows(select(warning_decision).where(d.warning_id == id).order_by(d.as_of))
        return [(r["as_of"], r["reason"], r["detail"]) for r in rows]

    def steps(self, id: str) -> list[str]:
        rows = select(order_step).where(order_step.c.object_id == id).order_by(order_step.c.seq)
        return [r["action"] for r in self._rows(rows)]

    def audited(self, id: str) -> list[str]:
        rows = select(audit_log).where(audit_log.c.object_id == id).order_by(audit_log.c.id)
        return [r["action"] for r in self._rows(rows)]

    def _rows(self, query: Any) -> list[RowMapping]:
        with self.engine.connect() as conn:
            return list(conn.execute(query).mappings())
