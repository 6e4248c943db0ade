"""Rows of the test city: units, accounts, and a builder of warnings."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Connection, insert

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.level import Level
from mingjian.store.tables import (
    feed,
    model_run,
    order_step,
    quarantine,
    stage_run,
    supervision_order,
    table_state,
    warning,
    warning_decision,
)

SignIn = Callable[[str], TestClient]
PASSWORD = "a long test password"
NOW = datetime(2026, 3, 2, 9, tzinfo=CITY_TZ)
TODAY = NOW.date()
A, B = "150102", "150105"

UNITS = [
    {"id": "city", "parent_id": None, "path": "/city/", "name": "青城市", "name_en": "Qingcheng",
     "level": "city", "unit_type": "gov_office", "region_code": "150100", "line_code": None},
    {"id": "da", "parent_id": "city", "path": "/city/da/", "name": "新城区", "name_en": "Xincheng",
     "level": "district", "unit_type": "gov_office", "region_code": A, "line_code": None},
    {"id": "db", "parent_id": "city", "path": "/city/db/", "name": "赛罕区", "name_en": "Saihan",
     "level": "district", "unit_type": "gov_office", "region_code": B, "line_code": None},
    {"id": "ca-a", "parent_id": "da", "path": "/city/da/ca-a/", "name": "新城区民政局", "name_en": "",
     "level": "district", "unit_type": "gov_dept", "region_code": A, "line_code": "civil_affairs"},
    {"id": "ca-b", "parent_id": "db", "path": "/city/db/ca-b/", "name": "赛罕区民政局", "name_en": "",
     "level": "district", "unit_type": "gov_dept", "region_code": B, "line_code": "civil_affairs"},
    {"id": "ho-b", "parent_id": "db", "path": "/city/db/ho-b/", "name": "赛罕区住建局", "name_en": "",
     "level": "district", "unit_type": "gov_dept", "region_code": B, "line_code": "housing"},
    {"id": "ca", "parent_id": "city", "path": "/city/ca/", "name": "市民政局", "name_en": "",
     "level": "city", "unit_type": "gov_dept", "region_code": "150100", "line_code": "civil_affairs"},
]  # fmt: skip

ACCOUNTS: dict[str, tuple[str, str, str | None, str]] = {
    "inspector": ("纪检员", "R4", None, "city"),
    "clerk": ("承办人", "R1", "ca-a", "own_org"),
    "clerk_b": ("承办人乙", "R1", "ca-b", "own_org"),
    "line": ("条线督导", "R5", "ca", "line"),
    "district": ("区县督导", "R4", "db", "own_region"),
    "leader": ("领导", "LEADER", None, "city"),
    "auditor": ("审计员", "R11", None, "city"),
    "citizen": ("群众", "R12", None, "city"),
    "lost": ("无单位", "R1", None, "own_org"),
    "locked_out": ("被锁者", "R1", "ca-a", "own_org"),
}


def token(seed: str) -> str:
    """A person's token as the lake holds it: 32 hex digits."""
    return hashlib.md5(seed.encode(), usedforsecurity=False).hexdigest()


def csrf_of(page: str) -> str:
    """The form token of a page."""
    return page.split('name="csrf" value="')[1].split('"')[0]


def warning_row(id: str, **over: Any) -> dict[str, Any]:
    """A warning of subsidy.deceased_payee in district A, as the warn stage writes it."""
    level = Level(over.get("level", "高"))
    subject = over.get("subject_id", token(id))
    row: dict[str, Any] = {
        "id": id,
        "fingerprint": token(f"f{id}"),
        "model": "subsidy.deceased_payee",
        "model_version": 1,
        "model_hash": "0" * 16,
        "sector": "subsidy",
        "subject_kind": "person",
        "subject_id": subject,
        "bundle": f"person:{subject}",
        "period": "2025-12-01",
        "region_code": f"{over.get('district_code', A)}001",
        "district_code": A,
        "owner": "civil_affairs",
        "unit_id": None,
        "level": level.value,
        "level_rank": level.rank,
        "score": 65,
        "score_parts": [
            {"part": "base", "points": 40, "zh": "模型类型 join", "en": "kind of model: join"},
            {"part": "severity", "points": 5, "zh": "金额不少于 1,000", "en": "amount at least 1,000"},
            {"part": "certainty", "points": 10, "zh": "两个以上独立来源", "en": "two or more sources"},
            {"part": "certainty", "points": 5, "zh": "证件号精确匹配", "en": "exact identifier match"},
            {"part": "repetition", "points": 5, "zh": "另有 2 期重复", "en": "2 further period(s)"},
        ],
        "amount": 1500,
        "measures": {"person_id": subject, "months": 3, "programmes": 1, "amount": 1500.0, "sources": 2},
        "evidence": [
            {"table": "death_record", "key": {"death_id": "D1"},
             "row": {"death_id": "D1", "death_date": "2025-10-12", "source": "police",
                     "recorded_date": "2025-10-15"}},
            *(
                {"table": "payout", "key": {"payout_id": f"P{n}"},
                 "row": {"payout_id": f"P{n}", "programme_id": "DB", "month": f"2026-0{n}-01",
                         "pay_date": f"2026-0{n}-10", "amount": 500.0, "account_hash": token(f"account{id}")}}
                for n in (1, 2, 3)
            ),
        ],
        "params": {"grace_months": 1, "grace_days": 60, "exclude_categories": ["funeral"], "min_sources": 1},
        "lake": {"payout": 4, "death_record": 2, "subsidy_programme": 0},
        "explanation": {
            "zh": "死亡登记日期为 2025年10月12日,此后仍有 3 个月补贴到账,合计 1,500 元。请核对死亡原件。",
            "en": "A death is recorded on 2025-10-12; afterwards 3 months were paid, 1,500 yuan in all.",
        },
        "digest": "d" * 16,
        "reason": "new",
        "status": "new",
        "first_seen": TODAY,
        "last_seen": TODAY,
        "hits": 1,
        "created_at": NOW,
        "closed_at": None,
    }  # fmt: skip
    return {**row, **over}


def order_row(warning_id: str, unit_id: str, **over: Any) -> dict[str, Any]:
    """A tier-1 order issued this morning."""
    row = {
        "id": f"D{warning_id}",
        "warning_id": warning_id,
        "tier": 1,
        "unit_id": unit_id,
        "state": "issued",
        "light": "register",
        "light_rank": 1,
        "issued_at": NOW,
        "accept_due": NOW + timedelta(days=2),
        "finish_due": NOW + timedelta(days=7),
        "accepted_at": None,
        "due_provisional": False,
        "calendar_version": "test",
    }
    return {**row, **over}


def fill(conn: Connection) -> None:
    """Three warnings in A, three in B, one shadow record, one closed; feeds of which one is late."""
    rows = [
        warning_row("A1", unit_id="ca-a", status="dispatched", score=80),
        warning_row("A2", unit_id="ca-a", status="verifying", level="中", score=55),
        warning_row("A3", unit_id="ca-a", score=70),
        warning_row("B1", unit_id="ca-b", status="dispatched", district_code=B, score=75),
        warning_row("B2", unit_id="ho-b", status="dispatched", district_code=B, level="低", score=30,
                    sector="realty", model="realty.gone", subject_kind="project", subject_id="PRJ-7"),
        warning_row("B3", district_code=B, level="中", score=45),
        warning_row("S1", status="recorded", level="低", score=20),
        warning_row("C1", unit_id="ca-a", status="closed", closed_at=NOW, level="低", score=35,
                    subject_id=token("A1"), bundle=f"person:{token('A1')}"),
    ]  # fmt: skip
    conn.execute(insert(warning), rows)
    conn.execute(
        insert(supervision_order),
        [
            order_row("A1", "ca-a"),
            order_row("A2", "ca-a", state="verifying", light="urgent", light_rank=3, accepted_at=NOW),
            order_row("B1", "ca-b", light="alarm", light_rank=4, tier=2, due_provisional=True),
            order_row("B2", "ho-b"),
        ],
    )
    conn.execute(
        insert(warning_decision),
        [
            {"warning_id": r["id"], "as_of": TODAY, "reason": "new", "level": r["level"], "score": r["score"],
             "digest": r["digest"], "decided_at": NOW}
            for r in rows
        ],
    )  # fmt: skip
    conn.execute(
        insert(order_step),
        [
            {"object_kind": "warning", "object_id": "A1", "seq": 1, "action": "triage", "from_state": "new",
             "to_state": "triaged", "actor": "inspector", "note": "材料齐全", "at": NOW},
            {"object_kind": "order", "object_id": "DA1", "seq": 1, "action": "issue", "from_state": "",
             "to_state": "issued", "actor": "SYSTEM", "note": "5", "reason": "verify", "at": NOW},
        ],
    )  # fmt: skip
    _fill_health(conn)


def _fill_health(conn: Connection) -> None:
    pulled = {
        "pulled_at": NOW,
        "reason": "appended",
        "rows_read": 1200,
        "rows_kept": 1190,
        "rows_quarantined": 10,
    }
    conn.execute(
        insert(feed),
        [
            {"source": "payouts", "table_name": "payout", "org": "财政局", "as_of": TODAY, **pulled},
            {
                "source": "deaths",
                "table_name": "death_record",
                "org": "公安局",
                "as_of": date(2026, 1, 5),
                **pulled,
            },
        ],
    )
    conn.execute(
        insert(table_state),
        [
            {"table_name": "payout", "as_of": TODAY, "verdict": "ok", "inputs_hash": "", "rows": 1190,
             "checked_at": NOW, "message": ""},
            {"table_name": "death_record", "as_of": TODAY, "verdict": "blocked", "inputs_hash": "", "rows": 0,
             "checked_at": NOW, "message": "人员编码缺失率过高"},
        ],
    )  # fmt: skip
    conn.execute(
        insert(quarantine),
        [
            {"stage": "pull", "source": "payouts", "table_name": "payout", "batch": "b1", "row_no": n,
             "column_name": "amount", "value_class": "not_a_number", "reason": "金额不是数字", "as_of": TODAY,
             "row_key": "150102199001011234"}
            for n in range(10)
        ],
    )  # fmt: skip
    conn.execute(
        insert(model_run).values(
            model_id="subsidy.deceased_payee",
            as_of=TODAY,
            version=1,
            hash="",
            outcome="blocked",
            message="死亡登记被拦截",
        )
    )
    conn.execute(
        insert(stage_run).values(as_of=TODAY, stage="pull", key="payouts", status="done", started_at=NOW)
    )
