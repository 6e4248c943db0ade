"""Table `pay` of a small city: its manifest, its two sources and its rows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from mingjian.domain.sector import Sector
from mingjian.domain.source import Source
from mingjian.gate import raw

AS_OF = date(2026, 3, 2)
SECTOR = Sector.model_validate(
    {
        "sector": "money",
        "name": {"zh": "钱", "en": "Money"},
        "tables": {
            "pay": {
                "zh": "发放",
                "en": "Payments",
                "key": ["pay_id"],
                "columns": {
                    "pay_id": {"type": "text", "zh": "编码"},
                    "person_id": {"type": "text", "zh": "人员", "personal": True},
                    "day": {"type": "date", "zh": "日期"},
                    "due": {"type": "date", "zh": "期限"},
                    "amount": {"type": "decimal(14,2)", "zh": "金额"},
                    "seen_at": {"type": "timestamp", "zh": "时间"},
                },
            }
        },
    }
)
AMOUNT_ABOVE_ZERO = """
  - expect: expect_column_values_to_be_between
    column: amount
    args: {min_value: 0, strict_min: true}
    action: quarantine
    why: {zh: 金额应大于零, en: the amount is above zero}
"""


def pay(pay_id: str | None, amount: str | None = "10", **more: Any) -> dict[str, Any]:
    """One row of table `pay`, good unless told otherwise."""
    return {
        "pay_id": pay_id,
        "person_id": "p",
        "day": date(2026, 3, 1),
        "amount": amount,
        "due": None,
        "seen_at": None,
        **more,
    }


def arrow(rows: list[dict[str, Any]], source: str, batch: str, now: datetime) -> pa.Table:
    shape = SECTOR.tables["pay"]
    system = {"_source": source, "_batch": batch, "_pulled_at": now.replace(tzinfo=None)}
    full = [
        {**row, "amount": None if row["amount"] is None else Decimal(row["amount"]), **system, "_row": number}
        for number, row in enumerate(rows, start=2)
    ]
    stamps = {
        "_source": pa.string(),
        "_batch": pa.string(),
        "_pulled_at": pa.timestamp("us"),
        "_row": pa.int64(),
    }
    return pa.Table.from_pylist(full, schema=pa.schema([*raw.arrow_schema(shape), *pa.schema(stamps)]))


def source(name: str, load: str) -> Source:
    return Source.model_validate(
        {
            "name": name,
            "title": {"zh": name},
            "kind": "csv",
            "table": "pay",
            "where": {"path": f"{name}.csv"},
            "load": load,
            "columns": {"pay_id": {"from": "编码"}},
        }
    )
