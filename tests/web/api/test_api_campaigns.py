"""Campaigns and co-handlers over the API: who reads them, calls on cases, and the road of a part."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from api_client import Callers
from sqlalchemy import Engine, select
from web_city import NOW, TODAY

from mingjian.domain.campaign import CampaignReason, CampaignState
from mingjian.store import campaigns
from mingjian.store.tables import audit_log, campaign_case

CASES = [("warning", "A2", "150102"), *(("request", f"SR{n}", "150105") for n in range(4))]


def opened(engine: Engine, warning_id: str = "A1", at: datetime = NOW, cases: Any = CASES) -> list[int]:
    """A campaign on this warning's order; the numbers of its cases."""
    row = {
        "id": f"C{warning_id}",
        "warning_id": warning_id,
        "matter": warning_id,
        "model": "subsidy.deceased_payee",
        "reason": CampaignReason.LISTED_MODEL,
        "state": CampaignState.OPEN,
        "opened_at": at,
        "plan_due": at + timedelta(days=14),
        "finish_due": at + timedelta(days=92),
    }
    with engine.begin() as conn:
        campaigns.add(conn, row)
        campaigns.add_cases(conn, row["id"], cases, at)
        wanted = select(campaign_case.c.id).where(campaign_case.c.campaign_id == row["id"])
        return sorted(conn.scalars(wanted))


def test_one_campaign_with_its_progress(call: Callers, api_engine: Engine) -> None:
    numbers = opened(api_engine)
    visitor = call("visitor")
    before = visitor.get("/campaigns/CA1")
    assert before.json()["progress"] == {
        "cases": 5,
        "called_back": 0,
        "not_resolved": 0,
        "weeks_in_band": 0,
        "weeks_needed": 8,
        "band_since": (TODAY - timedelta(days=6)).isoformat(),
    }
    answer = visitor.post(f"/campaigns/CA1/cases/{numbers[0]}/call-back", {"outcome": "not_resolved"})
    assert (answer.status_code, answer.json()) == (200, {"case": numbers[0], "settled": True})
    after = visitor.get("/campaigns/CA1")
    assert (after.json()["progress"]["called_back"], after.json()["progress"]["not_resolved"]) == (1, 1)
    assert after.headers["ETag"] != before.headers["ETag"]
    with api_engine.connect() as conn:
        row = conn.execute(select(audit_log).where(audit_log.c.action == "call_back")).one()
    assert (row.actor, row.object_id, row.detail["outcome"]) == ("visitor", "CA1", "not_resolved")


def test_a_call_sent_again_is_taken_down_once(call: Callers, api_engine: Engine) -> None:
    (first, *_rest) = opened(api_engine)
    visitor, path = call("visitor"), f"/campaigns/CA1/cases/{first}/call-back"
    body = {"outcome": "resolved", "note": "群众满意"}
    once, again = (visitor.post(path, body, key="one-key-of-mine") for _n in range(2))
    assert (once.json(), again.headers["Idempotency-Replayed"]) == (again.json(), "true")
    refused = visitor.post(path, body)
    assert refused.status_code == 409 and "已回访" in refused.text


def test_many_calls_are_done_or_refused_one_by_one(call: Callers, api_engine: Engine) -> None:
    a, b, *_rest = opened(api_engine)
    calls = [{"case": n, "outcome": "resolved"} for n in (a, b, a, 999)]
    told = call("dispatcher").post("/campaigns/CA1/call-backs", {"calls": calls}).json()
    assert (told["done"], told["refused"]) == (2, 2)
    assert [one.get("refusal") for one in told["calls"]] == [None, None, "called_already", "not_listed"]


def test_cases_page_by_key_and_can_be_kept_to_those_left(call: Callers, api_engine: Engine) -> None:
    numbers = opened(api_engine)
    reader = call("dispatcher")
    reader.post("/campaigns/CA1/call-backs", {"calls": [{"case": numbers[1], "outcome": "resolved"}]})
    seen, after = [], ""
    while True:
        page = reader.get(f"/campaigns/CA1/cases?limit=2&after={after}").json()
        seen += [one["id"] for one in page["cases"]]
        after = page["after"]
        if not after:
            break
    assert seen == numbers
    left = reader.get("/campaigns/CA1/cases?left=1").json()["cases"]
    assert [one["id"] for one in left] == [n for n in numbers if n != numbers[1]]
    assert reader.get("/campaigns/CA1/cases?after=x").status_code == 400


def test_campaigns_page_newest_first_and_by_state(call: Callers, api_engine: Engine) -> None:
    for n, warned in enumerate(("A1", "A2", "B1")):
        opened(api_engine, warned, NOW + timedelta(hours=n), [])
    reader = call("inspector")
    first = reader.get("/campaigns?limit=2").json()
    assert [c["id"] for c in first["campaigns"]] == ["CB1", "CA2"]
    rest = reader.get("/campaigns", params={"limit": "2", "after": first["after"]}).json()
    assert ([c["id"] for c in rest["campaigns"]], rest["after"]) == (["CA1"], "")
    assert reader.get("/campaigns?state=closed").json()["campaigns"] == []
    assert reader.get("/campaigns?after=nowhere").status_code == 400


@pytest.mark.parametrize(
    ("account", "reads", "calls"),
    [
        ("visitor", 200, 200),
        ("dispatcher", 200, 200),
        ("inspector", 200, 403),
        ("clerk", 200, 403),
        ("clerk_b", 404, 403),
        ("dispatcher_b", 404, 404),
        ("leader", 403, 403),
        ("auditor", 403, 403),
        ("citizen", 403, 403),
    ],
)
def test_who_reads_a_campaign_and_who_calls(
    call: Callers, api_engine: Engine, account: str, reads: int, calls: int
) -> None:
    numbers = opened(api_engine)
    api = call(account)
    assert {api.get(f"/campaigns/CA1{path}").status_code for path in ("", "/cases")} == {reads}
    called = api.post(f"/campaigns/CA1/cases/{numbers[1]}/call-back", {"outcome": "resolved"})
    assert called.status_code == calls


def test_a_visitor_reads_campaigns_and_no_warning_in_work(call: Callers, api_engine: Engine) -> None:
    opened(api_engine)
    visitor = call("visitor")
    assert visitor.get("/warnings/A1").status_code == 404
    shown = visitor.get("/campaigns/CA1/cases").text
    assert "finding" not in shown and "note" not in shown


def test_a_part_is_asked_for_seen_handed_in_and_shown(call: Callers) -> None:
    dispatcher, other = call("dispatcher"), call("clerk_b")
    assert other.get("/warnings/A1").status_code == 404
    assert dispatcher.step("A1", "add_co_handler", unit_id="ca-b", note="核对户籍").status_code == 201
    assert other.get("/warnings/A1").status_code == 200
    offered = [a["action"] for a in other.get("/warnings/A1/actions").json()["actions"]]
    assert offered == ["co_report"]
    assert "co_report" not in call("clerk").get("/warnings/A1/actions").text
    assert other.step("A1", "sign").status_code == 409
    assert other.step("A1", "co_report", note="户籍已核").status_code == 201
    (row,) = call("clerk").get("/warnings/A1/co-handlers").json()["co_handlers"]
    assert (row["unit_id"], row["state"], row["why"], row["opinion"]) == (
        "ca-b", "reported", "dispatcher", "户籍已核",
    )  # fmt: skip
    assert dispatcher.step("A1", "release_co_handler", unit_id="ca-b", reason="已完成").status_code == 201
    assert other.get("/warnings/A1").status_code == 404


def test_the_page_shows_the_units_beside_and_the_campaign(call: Callers, api_engine: Engine) -> None:
    opened(api_engine)
    dispatcher = call("dispatcher")
    dispatcher.step("A1", "add_co_handler", unit_id="ca-b")
    page = dispatcher.client.get("/warnings/A1").text
    assert "面上整治" in page and "0 / 5 件" in page and "0 / 8 周" in page
    assert "协办单位" in page and "赛罕区民政局" in page
    assert "Weeks in band" in dispatcher.client.get("/warnings/A1?lang=en").text
