"""A walked city with a backup, new places to restore it into, and what a person would see of either."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, text

from mingjian.backup import Manifest, back_up, restore
from mingjian.domain.clock import CITY_TZ, MovableClock
from mingjian.replay import replay
from mingjian.run import open_run
from mingjian.store import db, dump
from mingjian.store.tables import audit_log
from tests.flow.conftest import AS_OF, TinyCity

CLOCK = MovableClock(datetime(2026, 7, 1, 2, tzinfo=CITY_TZ))


@dataclass(frozen=True)
class Place:
    """A home and its database."""

    home: Path
    url: str
    engine: Engine

    def back_up(self, target: Path, *, with_secrets: bool = False) -> Manifest:
        return back_up(self.engine, self.home, target, CLOCK, "keeper", with_secrets=with_secrets)

    def restore(self, folder: Path, **more: Any) -> Manifest:
        return restore(self.engine, self.home, folder, CLOCK, "keeper", **more)

    def rows(self) -> dict[str, str]:
        """A digest of each table's rows, the audit row of the restore or backup itself aside."""
        with self.engine.connect() as conn:
            return {table.full_name: _digest(conn, table) for table in dump.tables(conn)}

    def audited(self) -> list[str]:
        with self.engine.connect() as conn:
            return list(conn.scalars(select(audit_log.c.action).order_by(audit_log.c.id)))

    def files(self) -> dict[str, str]:
        """Hashes of everything below the home that a backup holds."""
        names = ("lake", "fits", "outbox", "secret", "notes")
        return {
            str(path.relative_to(self.home)): hashlib.sha256(path.read_bytes()).hexdigest()
            for name in names
            for path in sorted((self.home / name).rglob("*"))
            if path.is_file()
        }

    def replayed(self, city: TinyCity) -> list[bool]:
        before = {k: os.environ[k] for k in ("MINGJIAN_HOME", "MINGJIAN_DATABASE_URL")}
        os.environ.update(MINGJIAN_HOME=str(self.home), MINGJIAN_DATABASE_URL=self.url)
        try:
            return [again.difference == "" for again in replay(open_run(city.folder, AS_OF))]
        finally:
            os.environ.update(before)


PlaceMaker = Callable[[], Place]


def place_at(home: Path, url: str) -> Place:
    return Place(home, url, db.connect(url))


def _digest(conn: Any, table: dump.StoredTable) -> str:
    columns = ", ".join(f'"{c}"' for c in table.columns)
    own = "WHERE action NOT IN ('backup', 'restore')" if table.name == "audit_log" else ""
    rows = conn.execute(text(f"SELECT ({columns})::text AS row FROM {table.quoted} {own} ORDER BY 1"))
    return hashlib.sha256("\n".join(rows.scalars()).encode()).hexdigest()
