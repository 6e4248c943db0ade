"""Rows of a small city in the store, for tests that read figures or write letters."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from mingjian.content import Content, yamlfile
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.level import Level
from mingjian.domain.sector import Sector
from mingjian.store import tables as t

MONDAY = datetime(2026, 3, 2, 9, tzinfo=CITY_TZ)
BODY: dict[str, Any] = {
    "model_version": 1,
    "model_hash": "0" * 16,
    "score_parts": [],
    "measures": {},
    "evidence": [],
    "params": {},
    "lake": {},
    "digest": "0" * 16,
    "reason": "new",
}


def sectors_only() -> Content:
    """This checkout's content without its models: dashboards and letters need the sectors' names."""
    root = Path(__file__).parents[1]
    sectors = [yamlfile.read(path, Sector) for path in sorted((root / "sectors").glob("*.yaml"))]
    return Content(root, {sector.sector: sector for sector in sectors}, {})


def add_units(conn: Connection) -> None:
    """A city department with one in each of two districts; the second district also lists its government."""
    units = [
        ("C-civil", None, "市民政局", "city", "150100", "civil_affairs"),
        ("A-civil", "C-civil", "东湖区民政局", "district", "150102", "civil_affairs"),
        ("B-gov", None, "西山县人民政府", "district", "150103", None),
        ("B-civil", "C-civil", "西山县民政局", "district", "150103", "civil_affairs"),
    ]
    conn.execute(
        insert(t.unit),
        [
            {
                "id": i,
                "parent_id": p,
                "path": f"/{i}/",
                "name": n,
                "level": lv,
                "region_code": r,
                "line_code": ln,
            }
            for i, p, n, lv, r, ln in units
        ],
    )


def add_warning(conn: Connection, warning_id: str, **over: Any) -> None:
    """One warning: 高, subsidy, district 150102, first seen on Monday; `over` changes any column."""
    row = {
        **BODY,
        "id": warning_id,
        "fingerprint": warning_id,
        "model": "subsidy.deceased_payee",
        "sector": "subsidy",
        "subject_kind": "person",
        "subject_id": "4f1d0c9ab27e4f1d0c9ab27e4f1d0c9a",
        "bundle": warning_id,
        "period": "2026-01-01",
        "region_code": "150102001001",
        "district_code": "150102",
        "owner": "civil_affairs",
        "unit_id": "A-civil",
        "level": "高",
        "score": 80,
        "amount": 1500,
        "explanation": {
            "zh": "死亡登记日期为 2025年10月12日,之后仍有 3 个月补贴到账,合计 1,500 元。请核对死亡原件。",
            "en": "A death is recorded on 12 October 2025; 3 months were still paid. Please check.",
        },
        "status": "new",
        "first_seen": date(2026, 3, 2),
        "last_seen": date(2026, 3, 2),
        "created_at": MONDAY,
        **over,
    }
    conn.execute(insert(t.warning).values(**row, level_rank=Level(row["level"]).rank))


def add_order(conn: Connection, warning_id: str, **over: Any) -> str:
    """The order of a warning, issued on Monday, due Wednesday (accept) and the Monday after (finish)."""
    row = {
        "id": f"D{warning_id}",
        "warning_id": warning_id,
        "tier": 1,
        "unit_id": "A-civil",
        "state": "issued",
        "light": "register",
        "light_rank": 1,
        "issued_at": MONDAY,
        "accept_due": MONDAY.replace(hour=18) + timedelta(days=2),
        "finish_due": MONDAY.replace(hour=18) + timedelta(days=7),
        "calendar_version": "chinesecalendar 1.11",
        **over,
    }
    conn.execute(insert(t.supervision_order).values(**row))
    return str(row["id"])


def add_city(conn: Connection) -> None:
    """Five warnings (one of a shadow model), three orders, two feeds, quarantined rows, a model's run."""
    add_units(conn)
    add_warning(conn, "W1", status="dispatched")
    add_warning(
        conn, "W2", status="dispatched", level="中", district_code="150103", unit_id="B-civil", amount=None
    )
    add_warning(
        conn, "W3", status="closed", closed_at=MONDAY + timedelta(days=4), first_seen=date(2026, 2, 27)
    )
    add_warning(conn, "W4", status="recorded", model="subsidy.payee_combo_outlier")
    add_warning(
        conn,
        "W5",
        sector="utility",
        model="utility.resale_markup",
        level="低",
        district_code=None,
        unit_id=None,
    )
    add_order(conn, "W1", light="alarm", light_rank=4)
    add_order(
        conn, "W2", unit_id="B-civil", accepted_at=MONDAY + timedelta(hours=6), light="none", light_rank=0
    )
    add_order(
        conn,
        "W3",
        accepted_at=MONDAY + timedelta(days=3),
        finished_at=MONDAY + timedelta(days=4),
        light="none",
        light_rank=0,
        state="closed",
    )
    add_feeds(conn)


def add_feeds(conn: Connection) -> None:
    """A fresh feed with quarantined rows and one that stopped coming; a run of two stages; a model's run."""
    feeds = [
        ("subsidy_payouts", "payout", date(2026, 3, 2), 12),
        ("deaths", "death_record", date(2026, 1, 2), 0),
    ]
    for source, table, as_of, bad in feeds:
        at = datetime(as_of.year, as_of.month, as_of.day, 3, tzinfo=CITY_TZ)
        conn.execute(
            insert(t.feed).values(
                source=source, table_name=table, org="财政局", as_of=as_of, pulled_at=at, reason="appended",
                rows_read=1000, rows_kept=1000 - bad, rows_quarantined=bad,
            )
        )  # fmt: skip
    conn.execute(
        insert(t.table_state).values(
            table_name="payout", as_of=date(2026, 3, 2), verdict="partial", inputs_hash="h", rows=988,
            rows_quarantined=3, checked_at=MONDAY,
        )
    )  # fmt: skip
    conn.execute(
        insert(t.quarantine),
        [
            {
                "stage": "pull", "source": "subsidy_payouts", "table_name": "payout", "batch": "b",
                "row_no": n,
                "column_name": "amount", "value_class": "text_in_number", "reason": f"第 {n} 行金额不是数字",
                "as_of": date(2026, 3, 2),
            }
            for n in range(12)
        ],
    )  # fmt: skip
    conn.execute(
        insert(t.stage_run),
        [
            {
                "as_of": date(2026, 3, 2),
                "stage": s,
                "key": k,
                "status": st,
                "started_at": MONDAY,
                "seconds": 2,
            }
            for s, k, st in [
                ("pull", "deaths", "failed"),
                ("pull", "payout", "done"),
                ("gate", "payout", "done"),
            ]
        ],
    )
    conn.execute(
        insert(t.model_run),
        [
            {
                "model_id": "subsidy.deceased_payee",
                "as_of": day,
                "version": 1,
                "hash": "h",
                "outcome": o,
                "findings": n,
            }
            for day, o, n in [(date(2026, 3, 1), "no_feed", 0), (date(2026, 3, 2), "done", 3)]
        ],
    )
