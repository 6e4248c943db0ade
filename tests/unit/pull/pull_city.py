"""What the pull tests share: the payout source, good rows, and a city that pulls and is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import select

from mingjian.domain.errors import SourceError
from mingjian.domain.source import Source
from mingjian.pull import pull_source
from mingjian.run import Run
from mingjian.store.tables import feed, quarantine

PAYOUT_COLUMNS: dict[str, Any] = {
    "payout_id": {"from": "流水号", "required": True},
    "person_id": {"from": "身份证号", "type": "id_no"},
    "month": {"from": "所属月份", "type": "month"},
    "pay_date": {"from": "到账日期", "type": "date"},
    "amount": {"from": ["金额", "金额(元)"], "type": "money", "required": True},
    "account_hash": {"from": "收款账号", "type": "account"},
    "status": {"from": "状态", "values": {"成功": "paid", "退汇": "returned"}},
    "channel": {"const": "social_card"},
}
HEADER = "流水号,身份证号,所属月份,到账日期,金额,收款账号,状态"
GOOD = "P1,11010119900307782X,2026-01,2026-01-10,500.00,6222020200112230,成功"
GOOD_TOO = 'P2,110101900307780,2026年1月,2026年1月10日,"1,500.00",6222020200112231,退汇'


def payout_source(**changes: Any) -> Source:
    """The subsidy export used by most tests; `where`, `columns` and others replace single keys."""
    said: dict[str, Any] = {
        "name": "payouts",
        "title": {"zh": "补贴发放明细", "en": "Subsidy payouts"},
        "kind": "csv",
        "table": "payout",
        "org": "财政局",
        "where": {"path": "systems/payouts*.csv"},
        "columns": PAYOUT_COLUMNS,
    }
    return Source.model_validate(said | changes)


@dataclass
class City:
    """A run with one source, and shortcuts to what the pull left behind."""

    run: Run
    said: list[str] = field(default_factory=list)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.run.sources_dir / "systems" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def use(self, source: Source) -> None:
        self.run = replace(self.run, sources={source.name: source})

    def pull(self, name: str = "payouts") -> dict[str, int]:
        return pull_source(self.run, name)

    def rows(self, table: str = "payout") -> list[dict[str, Any]]:
        """All raw rows of a table in the lake, by `_row`."""
        batches = self.run.lake.batches(table)
        if not batches:
            return []
        uris = self.run.lake.batch_uris(table, batches)
        found = duckdb.read_parquet(uris, union_by_name=True).order("_row").to_arrow_table()
        return found.to_pylist()

    def held(self, status: str = "held") -> list[Any]:
        query = select(quarantine).where(quarantine.c.status == status)
        with self.run.engine.connect() as conn:
            return list(conn.execute(query.order_by(quarantine.c.row_no, quarantine.c.column_name)))

    def feed(self, name: str = "payouts") -> Any:
        with self.run.engine.connect() as conn:
            return conn.execute(select(feed).where(feed.c.source == name)).one_or_none()


def csv_of(*rows: str) -> str:
    """A payout export: header and rows."""
    return "\n".join([HEADER, *rows]) + "\n"


def expect_unchanged(city: City, broken: Callable[[], None], words: str) -> None:
    """A good pull, then a broken one: one clear error, kept on the feed, and nothing else is different."""
    before_feed, before_rows = city.feed(), city.rows()
    broken()
    with pytest.raises(SourceError) as caught:
        city.pull()
    assert words in caught.value.message
    assert caught.value.hint
    after = city.feed()
    if before_feed is None:
        assert after is None
    else:
        assert after.error == str(caught.value)
        assert after._asdict() | {"error": None} == before_feed._asdict()
    assert city.rows() == before_rows
