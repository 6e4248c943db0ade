"""Enterprise issues on pages: collected, assigned, answered and called back about by forms; list, history, report."""

from __future__ import annotations

import re

import pytest
from api_client import Api, Callers
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import insert
from web_city import NOW, A, B

from mingjian.domain.clock import MovableClock
from mingjian.store import enterprise
from mingjian.store.tables import app_user

ISSUE = {"name": "某某公司", "district": A, "words": "印章刻制要跑三趟"}
ASSIGN = {"step": "assign", "level": "department", "unit_id": "ca-a", "promised_on": "2026-03-10"}


@pytest.fixture
def signaller(api_app: FastAPI, call: Callers) -> Api:
    """R8 of district A."""
    row = {"id": "hao", "name": "李号", "role": "R8", "data_scope": "own_region", "region_code": A}
    with api_app.state.office.engine.begin() as conn:
        conn.execute(insert(app_user).values(**row))
    return call("hao")


def send(api: Api, path: str, **form: str) -> Response:
    return api.client.post(path, data={"csrf": api.csrf, **form})


def collected(api: Api, **over: str) -> str:
    """The address of a new issue's page."""
    answer = send(api, "/enterprise/issues", **{**ISSUE, **over})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def take(api: Api, page: str, expect: int = 303, **form: str) -> str:
    """Take a step as the page offers it; returns the page that comes."""
    version = re.search(r'name="version" value="(\d+)"', api.client.get(page).text)
    answer = send(api, f"{page}/steps", version=version[1] if version else "", **form)
    assert answer.status_code == expect, answer.text
    return api.client.get(page).text if expect == 303 else answer.text


def steps(api: Api, page: str) -> list[str]:
    return re.findall(r'name="step" value="(\w+)"', api.client.get(page).text)


def ids(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'href="/enterprise/issues/(\d+)"', page)]


def test_the_whole_road_by_forms(call: Callers, signaller: Api) -> None:
    clerk = call("clerk")
    page = collected(signaller)
    assert clerk.client.get(page).status_code == 404
    assert steps(signaller, page) == ["assign"]
    take(signaller, page, **ASSIGN)
    assert (steps(signaller, page), steps(clerk, page)) == (["press"], ["answer"])
    take(clerk, page, step="answer", words="已改为一次办结")
    assert steps(signaller, page) == ["satisfied", "unsatisfied"]
    again = take(signaller, page, step="unsatisfied", words="仍要跑两趟")
    assert "重办 1 次" in again and "仍要跑两趟" in again
    take(clerk, page, step="answer", words="网上可办")
    closed = take(signaller, page, step="satisfied")
    assert "已办结，企业满意" in closed and steps(signaller, page) == []
    told = re.findall(r"</time><b>(.*?)</b><small>(.*?)</small>", closed)
    assert [what for what, _who in told] == [
        "回访满意（已答复 → 已办结）", "答复（办理中 → 已答复）", "回访不满意（已答复 → 办理中）",
        "答复（办理中 → 已答复）", "分派（已收集 → 办理中）", "收集",
    ]  # fmt: skip
    assert told[1][1] == "承办人 · 网上可办"


def test_a_step_on_an_old_page_is_refused(signaller: Api) -> None:
    page = collected(signaller)
    take(signaller, page, **ASSIGN)
    late = send(signaller, f"{page}/steps", step="press", version="1")
    assert late.status_code == 412 and "已被他人办理过" in late.text


def test_at_district_level_the_leader_alone_is_given_the_form(
    api_app: FastAPI, call: Callers, signaller: Api
) -> None:
    with api_app.state.office.engine.begin() as conn:
        row = {"id": "zhi", "name": "王指导", "role": "R7", "data_scope": "own_org", "unit_id": "da"}
        conn.execute(insert(app_user).values(**row))
    page = collected(signaller)
    take(signaller, page, **ASSIGN)
    with api_app.state.office.engine.begin() as conn:
        enterprise.change(conn, int(page.rsplit("/", 1)[1]), level="district", leader_user_id="zhi")
    assert (steps(call("clerk"), page), steps(call("zhi"), page)) == ([], ["answer"])
    assert "等待指导员 王指导 答复" in call("clerk").client.get(page).text
    refused = take(call("clerk"), page, 409, step="answer", words="代答")
    assert "由指导员" in refused


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"step": "vanish"}, 400),
        ({**ASSIGN, "level": "galaxy"}, 400),
        ({**ASSIGN, "promised_on": "tomorrow"}, 400),
        ({**ASSIGN, "promised_on": "2027-01-01"}, 409),
        ({**ASSIGN, "unit_id": "nowhere"}, 409),
        ({**ASSIGN, "words": "\x00"}, 400),
        ({**ASSIGN, "version": "x"}, 400),
    ],
)
def test_what_a_form_cannot_say_is_told(signaller: Api, form: dict[str, str], status: int) -> None:
    page = collected(signaller)
    assert send(signaller, f"{page}/steps", **form).status_code == status
    assert steps(signaller, page) == ["assign"]


def test_only_a_signaller_is_given_the_form_and_only_the_own_district(call: Callers, signaller: Api) -> None:
    assert "登记企业问题" in signaller.client.get("/enterprise").text
    assert f'value="{B}"' not in signaller.client.get("/enterprise").text
    assert "登记企业问题" not in call("clerk").client.get("/enterprise").text
    assert send(call("clerk"), "/enterprise/issues", **ISSUE).status_code == 409
    assert send(signaller, "/enterprise/issues", **{**ISSUE, "district": B}).status_code == 404
    assert ids(call("inspector").client.get("/enterprise").text) == []


def test_the_list_is_filtered_and_pages_by_key(signaller: Api) -> None:
    office = signaller.office
    row = {"enterprise": "甲", "district_code": A, "words": "问", "collected_by": "hao", "collected_at": NOW}
    with office.engine.begin() as conn:
        made = [
            enterprise.add(conn, {**row, "quarter": "2025Q4" if n % 2 else "2026Q1", "state": "collected"})[
                "id"
            ]
            for n in range(60)
        ]
    first = signaller.client.get("/enterprise").text
    following = re.search(r'href="(/enterprise\?after=\d+)" rel="next"', first)
    assert following is not None and ids(first) == made[:50]
    last = signaller.client.get(following[1]).text
    assert ids(last) == made[50:] and "已到末页" in last
    assert ids(signaller.client.get("/enterprise?quarter=2025Q4").text) == made[1::2]
    assert ids(signaller.client.get("/enterprise?status=answered").text) == []
    for wrong in ("quarter=2026Q9", "status=lost", "after=x", "quarter=%00"):
        assert signaller.client.get(f"/enterprise?{wrong}").status_code == 400


def test_a_promise_not_kept_shows_in_list_and_report(
    signaller: Api, call: Callers, clock: MovableClock
) -> None:
    page = collected(signaller)
    take(signaller, page, **ASSIGN)
    clock.move(days=12)
    later = call("hao").client
    assert "已逾期" in later.get(page).text
    assert "已逾期" in later.get("/enterprise").text
    report = later.get("/enterprise/report?quarter=2026Q1").text
    assert re.findall(r'<td class="num">(\d+)</td>', report) == [
        "1",
        "1",
        "0",
        "0",
        "0",
        "0",
        "0",
        "0",
        "0",
        "1",
    ]
    assert "没有收集企业问题" in later.get("/enterprise/report?quarter=2025Q4").text
    assert later.get("/enterprise/report?quarter=2025").status_code == 400


@pytest.mark.parametrize(
    ("account", "menu"),
    [("clerk", True), ("inspector", True), ("dispatcher", True), ("steward", False), ("visitor", False)],
)
def test_who_is_led_to_the_issues(call: Callers, account: str, menu: bool) -> None:
    client = call(account).client
    assert ('href="/enterprise"' in client.get("/warnings").text) is menu
    for path in ("/enterprise", "/enterprise/report"):
        assert client.get(path).status_code == (200 if menu else 403)


def test_in_english_no_chinese_is_ours(signaller: Api) -> None:
    page = collected(signaller, name="Acme", words="Three trips for one seal")
    for path in (page, "/enterprise", "/enterprise/report"):
        text = signaller.client.get(f"{path}?lang=en").text.replace("中文", "")
        for theirs in ("李号", "新城区民政局", "市民政局", "新城区"):
            text = text.replace(theirs, "")
        assert re.findall(r"[\u4e00-\u9fff]+", text) == [], path
