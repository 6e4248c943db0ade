"""What the tests of the organisation say and see: files typed in, rows read back."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, RowMapping, select

from mingjian.domain.clock import MovableClock
from mingjian.organisation import Imported, import_register
from mingjian.store import audit
from mingjian.store.tables import app_user, audit_log, unit, unit_change

UNITS = """单位编码,上级单位编码,单位名称,层级,区划代码,业务条线
C,,青城市,市,150100,
DA,C,新城区,区县,150102,
DB,C,赛罕区,区县,150105,
CA,DA,新城区民政局,区县,150102,civil_affairs
CB,DB,赛罕区民政局,区县,150105,civil_affairs
T1,DA,东街街道,镇街,150102001,
V1,T1,一社区,村社,150102001001,
V2,T1,二社区,村社,150102001002,
"""
USERS = """账号,姓名,单位编码,角色,数据范围
li,李某,CA,承办人,本单位
wang,王某,CA,R2,own_org
zhou,周某,CB,R1,own_org
sun,孙某,DA,R5,本区域
zhao,赵某,,R4,全市
"""


@dataclass
class Office:
    engine: Engine
    clock: MovableClock
    folder: Path

    def write(self, name: str, said: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(said if isinstance(said, bytes) else said.encode("utf-8"))
        return path

    def load(self, units: str | bytes = UNITS, users: str | bytes | None = USERS, **more: Any) -> Imported:
        """Import these two files as `boss`."""
        there = self.write("units.csv", units)
        people = self.write("users.csv", users) if users is not None else None
        return import_register(self.engine, self.clock, there, people, actor="boss", **more)

    def refused(self, done: Imported) -> list[tuple[str, int, str, str, str]]:
        """The rejects file: (file, row, id, column, code)."""
        if done.rejects is None:
            return []
        with done.rejects.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))[1:]
        return [(r[0], int(r[1]), r[2], r[3], r[4]) for r in rows]

    def unit(self, id: str) -> RowMapping:
        return self.rows(select(unit).where(unit.c.id == id))[0]

    def user(self, id: str) -> RowMapping:
        return self.rows(select(app_user).where(app_user.c.id == id))[0]

    def paths(self) -> dict[str, str]:
        return {row["id"]: row["path"] for row in self.rows(select(unit))}

    def changes(self) -> list[tuple[str, str, str | None, str | None]]:
        rows = self.rows(select(unit_change).order_by(unit_change.c.id))
        return [(r["unit_id"], r["kind"], r["before"], r["after"]) for r in rows]

    def audited(self) -> list[RowMapping]:
        return self.rows(select(audit_log).order_by(audit_log.c.id))

    def chain_holds(self) -> bool:
        with self.engine.connect() as conn:
            return audit.verify(conn) is None

    def rows(self, query: Any) -> list[RowMapping]:
        with self.engine.connect() as conn:
            return list(conn.execute(query).mappings())
