"""What an attacker tries: injections, forged ids, traversal, bodies too large, replays. Refused, and written down."""

from __future__ import annotations

import pytest
from api_client import Api, Callers
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from mingjian.store.tables import attachment, order_step, warning
from mingjian.web.body_limit import BODY_BYTES

INJECTIONS = [
    "' OR '1'='1",
    "1; DROP TABLE warning; --",
    "%' UNION SELECT password_hash FROM app_user --",
    "../../etc/passwd",
    "{{7*7}}",
    "\u202e\u0000",
    "\ufffe😀" * 5,
    "9" * 39,
]
FILTERS = {
    "/warnings": ("sector", "level", "district", "model", "status", "mine", "after", "limit"),
    "/orders": ("unit", "state", "light", "tier", "after", "limit"),
    "/units": ("district", "line", "level", "after", "limit"),
    "/warnings/A1/steps": ("after", "limit"),
    "/warnings/A1/attachments": ("after", "limit"),
    "/exports/warnings.csv": ("sector", "level", "model", "status", "purpose"),
}
PLACES = [(path, name) for path, names in FILTERS.items() for name in names]


def rows_of(answer: dict) -> list:
    return next(v for k, v in answer.items() if k in ("warnings", "orders", "units", "steps", "attachments"))


@pytest.mark.parametrize("injected", INJECTIONS)
def test_an_injected_filter_finds_nothing_or_is_refused(call: Callers, injected: str) -> None:
    inspector = call("inspector")
    for path, name in PLACES:
        more = {"purpose": "核对数据"} if "exports" in path and name != "purpose" else {}
        answer = inspector.get(path, params={name: injected, **more})
        where = (path, name, answer.text[:200])
        assert answer.status_code in (200, 400, 422), where
        if answer.status_code == 200 and "exports" not in path and name not in ("mine", "after"):
            assert rows_of(answer.json()) == [], where
    with inspector.office.engine.connect() as conn:
        assert conn.scalar(select(warning.c.id).where(warning.c.id == "A1")) == "A1"


def forged(clerk: Api, id: str) -> dict[str, int]:
    """Every way the clerk of one unit may try at another unit's warning, and what it is answered."""
    step = {"action": "sign"}
    file = {"file": ("a.txt", b"text")}
    return {
        "read": clerk.get(f"/warnings/{id}").status_code,
        "steps": clerk.get(f"/warnings/{id}/steps").status_code,
        "actions": clerk.get(f"/warnings/{id}/actions").status_code,
        "order": clerk.get(f"/orders/D{id}").status_code,
        "files": clerk.get(f"/warnings/{id}/attachments").status_code,
        "step": clerk.post(f"/warnings/{id}/steps", step, etag='"1"').status_code,
        "attach": clerk.write("POST", f"/warnings/{id}/attachments", files=file).status_code,
    }


@pytest.mark.parametrize("id", ["B1", "A3", "S1", "none"])
def test_another_units_warning_does_not_exist_and_the_attempt_is_written_down(call: Callers, id: str) -> None:
    clerk = call("clerk")
    assert set(forged(clerk, id).values()) == {404}
    noted = clerk.audited("refused")
    assert [r["actor"] for r in noted] == ["clerk"] * 7
    assert {(r["detail"]["method"], r["detail"]["status"]) for r in noted} == {("GET", 404), ("POST", 404)}
    with clerk.office.engine.connect() as conn:
        assert conn.scalar(select(order_step.c.id).where(order_step.c.actor == "clerk")) is None
        assert conn.scalar(select(attachment.c.id)) is None


def test_a_merge_reaches_no_lead_out_of_sight(call: Callers) -> None:
    other = call("dispatcher_b")
    body = {"action": "merge", "lead_id": "A1", "note": "x"}
    assert other.post("/warnings/B1/steps", body, etag='"1"').status_code == 404
    bulk = other.post("/bulk/merge", {"lead_id": "A1", "items": [{"warning_id": "B1"}]})
    assert bulk.status_code == 404


def test_bulk_items_of_another_district_are_refused_one_by_one(call: Callers) -> None:
    other = call("dispatcher_b")
    answer = other.post("/bulk/urge", {"items": [{"warning_id": "A1"}, {"warning_id": "B1"}]}).json()
    assert [(i["id"], i["outcome"]) for i in answer["items"]] == [("A1", "refused"), ("B1", "done")]
    assert answer["items"][0]["problem"]["status"] == 404
    assert [r["detail"] for r in other.audited("refused")] == [{"refused": 1, "ids": ["A1"]}]


@pytest.mark.parametrize("account", ["leader", "auditor", "citizen"])
def test_roles_without_the_queue_read_and_write_nothing(call: Callers, account: str) -> None:
    api = call(account)
    for path in ("/warnings", "/orders", "/units", "/exports/warnings.csv?purpose=xx", "/webhooks"):
        assert api.get(path).status_code == 403, path
    assert api.post("/bulk/urge", {"items": [{"warning_id": "A1"}]}).status_code == 403
    assert len(api.audited("refused")) == 6


def test_a_body_above_its_limit_is_cut_off_and_written_down(call: Callers) -> None:
    clerk = call("clerk")
    large = b'{"action": "' + b"x" * BODY_BYTES + b'"}'
    declared = clerk.write("POST", "/warnings/A1/steps", content=large, etag='"1"')
    hidden = clerk.write("POST", "/warnings/A1/steps", content=iter([large]), etag='"1"')
    for answer in (declared, hidden):
        assert (answer.status_code, answer.json()["status"]) == (413, 413)
        assert answer.headers["content-type"] == "application/problem+json"
    assert [r["detail"]["status"] for r in clerk.audited("refused")] == [413, 413]


def test_a_stranger_leaves_no_row_in_the_log(api_app: FastAPI, call: Callers) -> None:
    with TestClient(api_app) as stranger:
        assert stranger.post("/api/v1/warnings/A1/steps", json={"action": "sign"}).status_code == 401
        assert stranger.post("/api/v1/bulk/urge", content=b"x" * (BODY_BYTES + 1)).status_code == 413
        assert stranger.get("/api/v1/openapi.json").status_code == 401
    assert call("clerk").audited("refused") == []


UNREADABLE = [
    b"{",
    b'{"action": "sign", "more": 1}',
    b'{"action": "si\\u0000gn"}',
    b'{"action": "\\ud800"}',
    b'{"action": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    b'{"action": ' + b"9" * 6000 + b"}",
    b"\xff\xfe",
    b"null",
    b"[]",
]


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
def test_an_unreadable_body_is_refused_with_its_fields(call: Callers, body: bytes) -> None:
    clerk = call("clerk")
    typed = {"Content-Type": "application/json"}
    answer = clerk.write("POST", "/warnings/A1/steps", content=body, etag='"1"', headers=typed)
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert clerk.get("/warnings/A1").json()["status"] == "dispatched"


def test_nul_in_path_and_query_is_no_failure(call: Callers) -> None:
    clerk = call("clerk")
    for path in ("/warnings/A1%00", "/orders/%00", "/warnings?sector=%00", "/warnings?after=1.2.%00"):
        assert clerk.get(path).status_code in (400, 404, 422), path


@pytest.mark.parametrize("path", ["/nowhere", "/warnings/A1/nowhere", "/"])
def test_an_unknown_route_is_a_problem_too(call: Callers, path: str) -> None:
    answer = call("clerk").get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["type"] == "about:blank"


def test_another_method_is_a_problem_too(call: Callers) -> None:
    answer = call("clerk").write("PUT", "/warnings/A1")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


def test_unknown_names_in_the_query_are_refused(call: Callers) -> None:
    answer = call("clerk").get("/warnings?sectr=subsidy")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "query.sectr"
