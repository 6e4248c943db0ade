"""A recheck is unannounced: supervisors see its plan, nobody else sees that there is one, on any page or in the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, insert, select
from web_city import NOW, TODAY, SignIn, csrf_of, warning_row

from mingjian.store.tables import order_step, recheck_check, recheck_plan, warning

SECTOR = "unannounced"


@pytest.fixture
def looked_at(city: Engine) -> Iterator[None]:
    """U1 of district A's civil affairs stands in RECHECK, U2 beside it is closed."""
    rows = [
        warning_row(id, status=status, sector=SECTOR, unit_id="ca-a", closed_at=NOW - timedelta(days=60))
        for id, status in (("U1", "recheck"), ("U2", "closed"))
    ]
    steps = [("close", "evaluating", "closed", 60), ("recheck", "closed", "recheck", 0)]
    with city.begin() as conn:
        conn.execute(insert(warning), rows)
        made = [
            conn.scalar(
                insert(order_step)
                .values(
                    object_kind="warning", object_id="U1", seq=n, action=action, from_state=before, to_state=after,
                    actor="system", at=NOW - timedelta(days=ago),
                )
                .returning(order_step.c.id)
            )
            for n, (action, before, after, ago) in enumerate(steps, start=1)
        ]  # fmt: skip
        plan = conn.scalar(
            insert(recheck_plan)
            .values(
                warning_id="U1", closing=made[0], round=1, kind="recheck", reasons=["high"], month="2026-01",
                draw=0.5, share=1.0, risk=0.1, model="subsidy.deceased_payee", unit_id="ca-a", level="高",
                closed_at=NOW - timedelta(days=60), decided_at=NOW, watch_until=TODAY, rerun="quiet",
            )
            .returning(recheck_plan.c.id)
        )  # fmt: skip
        check = {
            "plan_id": plan,
            "n": 1,
            "due_on": TODAY,
            "reason": "high",
            "methods": ["site"],
            "state": "due",
        }
        conn.execute(insert(recheck_check).values(check))
    yield
    with city.begin() as conn:
        conn.execute(delete(recheck_check))
        conn.execute(delete(recheck_plan))
        conn.execute(delete(order_step).where(order_step.c.object_id == "U1"))
        conn.execute(delete(warning).where(warning.c.sector == SECTOR))


@pytest.mark.usefixtures("looked_at")
def test_a_supervisor_sees_the_plan(signed_in: SignIn) -> None:
    page = signed_in("inspector").get("/warnings/U1").text
    words = ["高等级，全部回头看", "不打招呼直奔现场", "待回头看", "新数据上未再命中"]
    assert [word for word in words if word not in page] == []


@pytest.mark.usefixtures("looked_at")
@pytest.mark.parametrize("path", ["/warnings/U1", f"/warnings?sector={SECTOR}&status=all", "/warnings"])
def test_the_unit_reads_of_it_nowhere(signed_in: SignIn, path: str) -> None:
    page = signed_in("clerk").get(path).text
    assert "回头看" not in page and "recheck" not in page


@pytest.mark.usefixtures("looked_at")
@pytest.mark.parametrize(
    ("status", "seen"), [("open", []), ("closed", ["U1", "U2"]), ("recheck", []), ("all", ["U1", "U2"])]
)
def test_lists_agree_with_what_is_shown(signed_in: SignIn, status: str, seen: list[str]) -> None:
    answer = signed_in("clerk").get(f"/api/v1/warnings?sector={SECTOR}&status={status}").json()
    assert sorted(w["id"] for w in answer["warnings"]) == seen
    assert {w["status"] for w in answer["warnings"]} <= {"closed"}
    assert sum(answer["counts"].values()) == len(seen)


@pytest.mark.usefixtures("looked_at")
def test_the_api_tells_the_unit_closed_and_the_supervisor_recheck(signed_in: SignIn) -> None:
    assert signed_in("clerk").get("/api/v1/warnings/U1").json()["status"] == "closed"
    assert signed_in("inspector").get("/api/v1/warnings/U1").json()["status"] == "recheck"


def test_a_verdict_is_chosen_from_the_codes_of_its_step(city: Engine, signed_in: SignIn) -> None:
    with city.begin() as conn:
        conn.execute(
            insert(warning).values(warning_row("U3", status="fp_proposed", level="低", sector=SECTOR))
        )
    browser = signed_in("inspector")
    page = browser.get("/warnings/U3").text
    assert '<option value="FP01">' in page and '<option value="FP06">' not in page
    form = {"csrf": csrf_of(page), "action": "approve_fp", "reason": "同名", "note": ""}
    assert "FP01" in browser.post("/warnings/U3/steps", data=form).text
    assert browser.post("/warnings/U3/steps", data={**form, "code": "FP01"}).status_code == 303
    assert "身份或主体匹配错误" in browser.get("/warnings/U3").text
    with city.begin() as conn:
        assert conn.scalar(select(warning.c.status).where(warning.c.id == "U3")) == "closed_fp"
        conn.execute(delete(order_step).where(order_step.c.object_id == "U3"))
        conn.execute(delete(warning).where(warning.c.id == "U3"))
