"""Appeals over the API and on the page: who files, who decides, and what the unit may read of a citizen's."""

from __future__ import annotations

import pytest
from api_client import Api, Callers
from fastapi import FastAPI
from sqlalchemy import insert, update
from web_city import NOW

from mingjian.store.tables import order_step, supervision_order, warning


@pytest.fixture
def confirmed(api_app: FastAPI) -> str:
    """A matter of unit ca-a that its lead has confirmed."""
    row = {"object_kind": "warning", "object_id": "A2", "seq": 1, "action": "confirm", "from_state": "verifying",
           "to_state": "confirmed", "actor": "lead", "at": NOW}  # fmt: skip
    with api_app.state.office.engine.begin() as conn:
        conn.execute(update(warning).where(warning.c.id == "A2").values(status="confirmed"))
        conn.execute(
            update(supervision_order).where(supervision_order.c.warning_id == "A2").values(state="planning")
        )
        conn.execute(insert(order_step).values(**row))
    return "A2"


def filed(api: Api, warned: str, words: str = "同名不同人", expect: int = 201) -> dict:
    answer = api.post(f"/warnings/{warned}/appeals", {"against": "finding", "words": words})
    assert answer.status_code == expect, answer.text
    return answer.json()


def step(api: Api, appeal: dict, name: str, expect: int = 201, **said: str) -> dict:
    path = f"/appeals/{appeal['id']}"
    answer = api.post(f"{path}/steps", {"step": name, **said}, etag=api.etag(path))
    assert answer.status_code == expect, answer.text
    return answer.json()


def test_a_unit_appeals_and_another_level_upholds_it(call: Callers, confirmed: str) -> None:
    lead, inspector = call("lead"), call("inspector")
    appeal = filed(lead, confirmed)
    assert (appeal["state"], appeal["office"], appeal["party"]) == ("filed", "R4", "unit")
    assert [a["id"] for a in inspector.get("/appeals", params={"state": "filed"}).json()["appeals"]] == [
        appeal["id"]
    ]
    step(inspector, appeal, "decide", 409, outcome="upheld", reason="FP01 核实")
    step(inspector, appeal, "accept")
    step(inspector, appeal, "decide", 409, outcome="upheld", reason="核实")
    assert step(inspector, appeal, "decide", outcome="upheld", reason="FP01 核实")["outcome"] == "upheld"
    assert lead.get(f"/warnings/{confirmed}").json()["status"] == "closed_fp"
    assert lead.get(f"/appeals/{appeal['id']}").json()["reason"] == "FP01 核实"


def test_the_same_level_and_the_unit_itself_do_not_decide(call: Callers, confirmed: str) -> None:
    appeal = filed(call("lead"), confirmed)
    for account in ("line", "clerk"):
        step(call(account), appeal, "accept", 409)
    filed(call("clerk"), confirmed, expect=409)
    assert step(call("lead"), appeal, "withdraw")["state"] == "withdrawn"


def test_an_appeal_outside_the_readers_rows_does_not_exist(call: Callers, confirmed: str) -> None:
    appeal, stranger = filed(call("lead"), confirmed), call("clerk_b")
    assert stranger.get(f"/appeals/{appeal['id']}").status_code == 404
    assert stranger.get("/appeals").json()["appeals"] == []
    filed(stranger, confirmed, expect=404)
    path = f"/appeals/{appeal['id']}/steps"
    assert stranger.post(path, {"step": "withdraw"}, etag='"1"').status_code == 404


def test_what_a_citizen_says_stays_unknown_to_the_unit(call: Callers, confirmed: str) -> None:
    appeal = filed(call("dispatcher"), confirmed, "我是举报人张三")
    seen = call("inspector").get(f"/appeals/{appeal['id']}").json()
    assert (seen["words"], seen["filed_by"]) == ("我是举报人张三", "dispatcher")
    clerk = call("clerk")
    hidden = clerk.get(f"/appeals/{appeal['id']}").json()
    assert (hidden["words"], hidden["filed_by"]) == ("", "")
    for page in (clerk.client.get(f"/warnings/{confirmed}").text, clerk.get("/appeals").text):
        assert "张三" not in page and "dispatcher" not in page


def test_an_old_reading_is_refused_and_a_key_files_once(call: Callers, confirmed: str) -> None:
    lead, inspector = call("lead"), call("inspector")
    body = {"against": "finding", "words": "同名不同人"}
    first, again = (lead.post(f"/warnings/{confirmed}/appeals", body, key="file-it-once") for _ in range(2))
    assert first.json() == again.json() and again.headers["Idempotency-Replayed"] == "true"
    appeal = first.json()
    step(inspector, appeal, "accept")
    late = inspector.post(f"/appeals/{appeal['id']}/steps", {"step": "accept"}, etag=first.headers["ETag"])
    assert late.status_code == 412


def test_the_page_files_and_decides(call: Callers, confirmed: str) -> None:
    lead, inspector = call("lead"), call("inspector")
    page = f"/warnings/{confirmed}"
    assert "10 个工作日内提出" in lead.client.get(page).text
    assert "提出申诉" not in inspector.client.get(page).text
    form = {"csrf": lead.csrf, "against": "finding", "words": "同名不同人"}
    assert lead.client.post(f"{page}/appeals", data={**form, "against": "x"}).status_code == 400
    assert lead.client.post(f"{page}/appeals", data=form).status_code == 303
    (appeal,) = lead.get("/appeals").json()["appeals"]
    where = f"{page}/appeals/{appeal['id']}"
    for said in ({"step": "accept"}, {"step": "decide.rejected", "reason": "证据充分"}):
        assert inspector.client.post(where, data={"csrf": inspector.csrf, **said}).status_code == 303
    shown = lead.client.get(page).text
    assert "申诉不成立" in shown and "证据充分" in shown
    assert (
        inspector.client.post(
            f"/warnings/A1/appeals/{appeal['id']}", data={"csrf": inspector.csrf, "step": "accept"}
        ).status_code
        == 404
    )
