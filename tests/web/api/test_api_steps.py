"""Steps over the API: versions keep officers from overwriting each other, keys keep a write from being done twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from api_client import Callers
from sqlalchemy import func, select

from mingjian.store import audit, idempotency
from mingjian.store.tables import order_step


def test_a_step_moves_the_warning_and_its_etag(call: Callers) -> None:
    clerk = call("clerk")
    before = clerk.etag("/warnings/A1")
    answer = clerk.step("A1", "sign")
    assert answer.status_code == 201
    assert answer.json() == {
        "id": "A1",
        "action": "sign",
        "state": "signed",
        "version": 2,
        "visible": True,
        "actions": ["accept", "accept_and_propose", "propose_transfer"],
    }
    assert answer.headers["ETag"] == clerk.etag("/warnings/A1") != before
    assert clerk.get("/warnings/A1/steps").json()["steps"][0]["action"] == "sign"
    assert [a["action"] for a in clerk.get("/warnings/A1/actions").json()["actions"]][:1] == ["accept"]


def test_two_officers_at_once_one_wins_and_the_other_is_told_what_changed(call: Callers) -> None:
    officers = [call("inspector"), call("inspector_2")]
    tags = [officer.etag("/warnings/A3") for officer in officers]
    assert tags[0] == tags[1]
    at_once = Barrier(2)

    def act(n: int) -> tuple[int, dict]:
        at_once.wait()
        answer = officers[n].step("A3", "triage", etag=tags[n])
        return answer.status_code, answer.json()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(act, range(2)))
    assert sorted(status for status, _body in answers) == [201, 412]
    winner = next(n for n, (status, _body) in enumerate(answers) if status == 201)
    told = answers[1 - winner][1]
    assert told["type"] == "urn:mingjian:problem:changed"
    assert told["version"] == 2
    assert [(c["action"], c["from_state"], c["to_state"], c["who"]) for c in told["changed"]] == [
        ("triage", "new", "triaged", ("纪检员", "纪检员乙")[winner])
    ]
    assert [s["action"] for s in officers[0].get("/warnings/A3/steps").json()["steps"]] == ["triage"]
    assert [r["detail"]["status"] for r in officers[0].audited("refused")] == [412]


def test_a_write_without_if_match_or_key_is_told_what_is_missing(call: Callers) -> None:
    clerk = call("clerk")
    body = {"action": "sign"}
    assert clerk.post("/warnings/A1/steps", body).status_code == 428
    assert clerk.post("/warnings/A1/steps", body, etag="yesterday").status_code == 400
    for key in ("short", "has a blank in it", "x" * 101):
        assert clerk.post("/warnings/A1/steps", body, etag='"1"', key=key).status_code == 400
    assert clerk.step("A1", "sign").status_code == 201


def test_a_write_sent_again_is_answered_again_and_done_once(call: Callers) -> None:
    clerk = call("clerk")
    tag, key = clerk.etag("/warnings/A1"), "key-of-this-step"
    first, again = (clerk.post("/warnings/A1/steps", {"action": "sign"}, etag=tag, key=key) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    with clerk.office.engine.connect() as conn:
        signed = select(func.count()).where(order_step.c.action == "sign")
        assert conn.scalar(signed) == 1


def test_a_key_used_for_another_request_is_refused(call: Callers) -> None:
    clerk = call("clerk")
    key = "key-used-twice"
    assert clerk.step("A1", "sign").status_code == 201
    tag = clerk.etag("/warnings/A1")
    assert clerk.post("/warnings/A1/steps", {"action": "accept"}, etag=tag, key=key).status_code == 201
    other = clerk.post("/warnings/A1/steps", {"action": "accept", "note": "x"}, etag=tag, key=key)
    assert other.status_code == 422
    assert clerk.post("/warnings/A2/steps", {"action": "accept"}, etag='"1"', key=key).status_code == 422
    assert call("lead").post("/warnings/A1/steps", {"action": "x"}, etag='"1"', key=key).status_code == 412


def test_while_a_key_is_being_worked_on_the_same_request_waits_its_turn(call: Callers) -> None:
    clerk = call("clerk")
    tag, key = clerk.etag("/warnings/A1"), "key-in-flight"
    with clerk.office.engine.begin() as conn:
        assert idempotency.claim(conn, "clerk", key)
        busy = clerk.post("/warnings/A1/steps", {"action": "sign"}, etag=tag, key=key)
    assert (busy.status_code, busy.json()["type"]) == (409, "urn:mingjian:problem:busy")
    assert clerk.post("/warnings/A1/steps", {"action": "sign"}, etag=tag, key=key).status_code == 201


def test_a_refused_step_keeps_no_answer_under_its_key(call: Callers) -> None:
    clerk = call("clerk")
    key = "key-of-a-refusal"
    refused = clerk.post("/warnings/A1/steps", {"action": "accept"}, etag='"1"', key=key)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:mingjian:problem:transition-error")
    assert clerk.post("/warnings/A1/steps", {"action": "sign"}, etag='"1"', key=key).status_code == 201


@pytest.mark.parametrize("headers", [{"X-CSRF-Token": ""}, {"X-CSRF-Token": "guess"}])
def test_a_write_by_cookie_needs_the_sessions_token(call: Callers, headers: dict[str, str]) -> None:
    clerk = call("clerk")
    answer = clerk.post("/warnings/A1/steps", {"action": "sign"}, etag='"1"', headers=headers)
    assert answer.status_code == 403
    assert clerk.get("/me").json()["csrf"] == clerk.csrf


def test_a_dispatch_through_a_step_names_its_unit(call: Callers) -> None:
    assert call("inspector").step("A3", "triage").status_code == 201
    answer = call("dispatcher").step("A3", "dispatch", unit_id="ca-a")
    assert answer.json()["state"] == "dispatched"
    order = call("clerk").get("/orders/DA3")
    assert (order.json()["unit_id"], order.headers["ETag"]) == ("ca-a", '"1"')


def test_a_duplicate_is_merged_by_a_step_and_the_lead_lists_it(call: Callers) -> None:
    dispatcher = call("dispatcher")
    note = "同一户两条"
    assert dispatcher.step("A2", "merge", lead_id="A1", note=note).json()["state"] == "closed_merged"
    assert dispatcher.get("/warnings/A1").json()["merged"] == ["A2"]
    assert dispatcher.get("/warnings/A2").json()["merged_into"] == "A1"
    assert dispatcher.step("B1", "merge", lead_id="A2", note=note).status_code == 409


def test_history_pages_by_key(call: Callers) -> None:
    clerk = call("clerk")
    for action in ("sign", "accept"):
        clerk.step("A1", action)
    seen, after = [], ""
    while True:
        page = clerk.get(f"/warnings/A1/steps?limit=1&after={after}").json()
        seen += [s["action"] for s in page["steps"]]
        after = page["after"]
        if not after:
            break
    assert seen == ["accept", "sign", "issue", "triage"]


def test_the_audit_chain_holds_after_all_of_it(call: Callers) -> None:
    clerk = call("clerk")
    clerk.step("A1", "sign")
    clerk.step("A1", "sign")
    with clerk.office.engine.connect() as conn:
        assert audit.verify(conn) is None
