"""What the supervision tests say and see: rows in, clock moved, rows out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, RowMapping, insert, select

from mingjian.domain.clock import CITY_TZ, MovableClock
from mingjian.domain.terms import Terms
from mingjian.run import Run
from mingjian.store import audit
from mingjian.store.tables import (
    app_user,
    audit_log,
    order_step,
    outbox,
    supervision_order,
    unit,
    warning,
)
from mingjian.supervise import terms_of


def city_time(month: int, day: int, hour: int = 9, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=CITY_TZ)


@dataclass
class Queue:
    """What the tests say and see: rows in, clock moved, rows out."""

    run: Run
    clock: MovableClock
    made: int = field(default=0)

    @property
    def engine(self) -> Engine:
        return self.run.engine

    @property
    def terms(self) -> Terms:
        return terms_of(self.run.content)

    def warn(self, **columns: Any) -> str:
        """Insert a warning as the warn stage leaves it; returns its id."""
        self.made += 1
        return self.warn_many([columns])[0]

    def warn_many(self, rows: list[dict[str, Any]]) -> list[str]:
        full = [warning_row(self.made + n, self.clock.now(), row) for n, row in enumerate(rows)]
        self.made += len(rows)
        with self.engine.begin() as conn:
            conn.execute(insert(warning), full)
        return [row["id"] for row in full]

    def add_unit(self, id: str, line: str | None, level: str, region: str, **more: Any) -> None:
        row = {"id": id, "line_code": line, "level": level, "region_code": region, **more}
        with self.engine.begin() as conn:
            conn.execute(insert(unit).values(**{"path": f"/{id}/", "name": id, **row}))

    def add_user(self, id: str, role: str, unit_id: str | None) -> None:
        with self.engine.begin() as conn:
            conn.execute(
                insert(app_user).values(id=id, name=id, role=role, unit_id=unit_id, data_scope="own_org")
            )

    def warning(self, id: str) -> RowMapping:
        return self._rows(select(warning).where(warning.c.id == id))[0]

    def order(self, warning_id: str) -> RowMapping:
        return self._rows(select(supervision_order).where(supervision_order.c.warning_id == warning_id))[0]

    def orders(self) -> list[RowMapping]:
        return self._rows(select(supervision_order).order_by(supervision_order.c.id))

    def steps(self, object_id: str) -> list[RowMapping]:
        return self._rows(
            select(order_step).where(order_step.c.object_id == object_id).order_by(order_step.c.seq)
        )

    def audited(self, object_id: str) -> list[RowMapping]:
        return self._rows(
            select(audit_log).where(audit_log.c.object_id == object_id).order_by(audit_log.c.id)
        )

    def letters(self) -> list[RowMapping]:
        return self._rows(select(outbox).order_by(outbox.c.id))

    def chain_holds(self) -> bool:
        with self.engine.connect() as conn:
            return audit.verify(conn) is None

    def _rows(self, query: Any) -> list[RowMapping]:
        with self.engine.connect() as conn:
            return list(conn.execute(query).mappings())


def warning_row(number: int, now: datetime, columns: dict[str, Any]) -> dict[str, Any]:
    level = columns.get("level", "中")
    row = {
        "id": f"W{number:06d}",
        "fingerprint": f"f{number}",
        "model": "subsidy.deceased_payee",
        "model_version": 1,
        "model_hash": "h",
        "sector": "subsidy",
        "subject_kind": "project",
        "subject_id": f"S{number}",
        "bundle": f"S{number}",
        "period": "2026-01",
        "region_code": "150102",
        "district_code": "150102",
        "owner": "civil_affairs",
        "score": 50,
        "score_parts": [],
        "measures": {},
        "evidence": [{"table": "payout", "key": {"payout_id": "P1"}, "row": {}}],
        "params": {},
        "lake": {},
        "explanation": {"zh": "", "en": ""},
        "digest": "d",
        "reason": "new",
        "status": "new",
        "first_seen": now.date(),
        "last_seen": now.date(),
        "created_at": now,
    }
    return {**row, "level": level, "level_rank": {"高": 1, "中": 2, "低": 3}[level], **columns}
