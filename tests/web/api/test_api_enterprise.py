"""Enterprise issues over the API: collected by 司号员, answered by the unit, seen by those concerned."""

from __future__ import annotations

import pytest
from api_client import Api, Callers
from fastapi import FastAPI
from sqlalchemy import insert
from web_city import A, B

from mingjian.store.tables import app_user

ISSUE = {"enterprise": "某某公司", "district_code": A, "words": "印章刻制要跑三趟"}


@pytest.fixture
def signaller(api_app: FastAPI, call: Callers) -> Api:
    """R8 of district A."""
    row = {"id": "hao", "name": "司号员", "role": "R8", "data_scope": "own_region", "region_code": A}
    with api_app.state.office.engine.begin() as conn:
        conn.execute(insert(app_user).values(**row))
    return call("hao")


def step(api: Api, issue: dict, name: str, expect: int = 201, **said: str) -> dict:
    path = f"/enterprise/issues/{issue['id']}"
    answer = api.post(f"{path}/steps", {"step": name, **said}, etag=api.etag(path))
    assert answer.status_code == expect, answer.text
    return answer.json()


def test_the_road_from_collecting_to_the_report(call: Callers, signaller: Api) -> None:
    clerk = call("clerk")
    issue = signaller.post("/enterprise/issues", ISSUE).json()
    assert (issue["state"], issue["quarter"]) == ("collected", "2026Q1")
    assert clerk.get("/enterprise/issues").json()["issues"] == []
    step(signaller, issue, "assign", 409, level="department", unit_id="ca-a")
    step(signaller, issue, "assign", level="department", unit_id="ca-a", promised_on="2026-03-10")
    assert [i["id"] for i in clerk.get("/enterprise/issues").json()["issues"]] == [issue["id"]]
    step(signaller, issue, "answer", 409, words="代答")
    step(clerk, issue, "answer", words="已改为一次办结")
    closed = step(signaller, issue, "satisfied")
    assert (closed["state"], closed["satisfied"]) == ("closed", True)
    (line,) = signaller.get("/enterprise/report", params={"quarter": "2026Q1"}).json()["districts"]
    assert (line["district_code"], line["collected"], line["in_time"], line["satisfied"]) == (A, 1, 1, 1)


def test_who_is_not_concerned_sees_nothing(call: Callers, signaller: Api) -> None:
    issue = signaller.post("/enterprise/issues", ISSUE).json()
    for account in ("clerk_b", "district"):
        assert call(account).get(f"/enterprise/issues/{issue['id']}").status_code == 404
    for account in ("steward", "leader", "auditor", "citizen"):
        assert call(account).get("/enterprise/issues").status_code == 403
    assert call("inspector").get(f"/enterprise/issues/{issue['id']}").status_code == 200


def test_only_a_signaller_collects_and_only_in_the_own_district(call: Callers, signaller: Api) -> None:
    assert call("clerk").post("/enterprise/issues", ISSUE).status_code == 409
    assert signaller.post("/enterprise/issues", {**ISSUE, "district_code": B}).status_code == 404
    assert call("inspector").get("/enterprise/issues").json()["issues"] == []


@pytest.mark.parametrize("quarter", ["2026Q5", "2026"])
def test_what_is_no_quarter_is_told(signaller: Api, quarter: str) -> None:
    assert signaller.get("/enterprise/report", params={"quarter": quarter}).status_code == 400


def test_an_old_reading_is_refused(signaller: Api) -> None:
    issue = signaller.post("/enterprise/issues", ISSUE).json()
    path = f"/enterprise/issues/{issue['id']}"
    old = signaller.etag(path)
    step(signaller, issue, "assign", level="department", unit_id="ca-a", promised_on="2026-03-10")
    assert signaller.post(f"{path}/steps", {"step": "press"}, etag=old).status_code == 412
