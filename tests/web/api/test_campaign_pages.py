"""Campaigns on pages: the list, the listed cases with what was called back, and the form of a call."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from api_client import Api, Callers
from httpx import Response
from sqlalchemy import Engine, select, true
from test_api_campaigns import opened
from web_city import NOW

from mingjian.store import campaigns
from mingjian.store.tables import audit_log, campaign_case

FORM = re.compile(r'action="(/campaigns/CA1/cases/\d+/call-back[^"]*)"')


def forms(api: Api, query: str = "") -> list[str]:
    """Where the forms of the page lead to."""
    return FORM.findall(api.client.get(f"/campaigns/CA1{query}").text)


def say(api: Api, path: str, outcome: str = "resolved", note: str = "") -> Response:
    return api.client.post(path, data={"csrf": api.csrf, "outcome": outcome, "note": note})


def test_a_case_is_called_back_by_its_form(call: Callers, api_engine: Engine) -> None:
    opened(api_engine)
    visitor = call("visitor")
    first, *rest = forms(visitor)
    answer = say(visitor, first, "not_resolved", "仍未通水")
    assert (answer.status_code, answer.headers["location"]) == (303, "/campaigns/CA1#cases")
    page = visitor.client.get("/campaigns/CA1").text
    assert forms(visitor) == rest
    assert "1 / 5 件" in page and "其中未解决 1 件" in page and "仍未通水" not in page
    with api_engine.connect() as conn:
        row = conn.execute(select(audit_log).where(audit_log.c.action == "call_back")).one()
        kept = conn.execute(select(campaign_case.c.note).where(campaign_case.c.note != "")).scalar_one()
    assert (row.actor, row.detail["outcome"], kept) == ("visitor", "not_resolved", "仍未通水")


def test_a_case_stays_open_until_the_last_attempt(call: Callers, api_engine: Engine) -> None:
    opened(api_engine)
    visitor = call("visitor")
    most = visitor.office.content.policy.evaluation.attempts
    path = forms(visitor)[0]
    for n in range(1, most):
        assert say(visitor, path, "not_reached").status_code == 303
        assert f"已联系 {n} 次" in visitor.client.get("/campaigns/CA1").text
    say(visitor, path, "not_reached")
    assert path not in forms(visitor)


def test_a_call_that_cannot_be_taken_down_says_why(call: Callers, api_engine: Engine) -> None:
    opened(api_engine)
    visitor = call("visitor")
    path = forms(visitor)[0]
    assert say(visitor, path, "shrugged").status_code == 400
    assert say(visitor, path).status_code == 303
    twice = say(visitor, path)
    assert twice.status_code == 409 and "这一件已回访" in twice.text


def test_the_reader_comes_back_to_where_the_case_stood(call: Callers, api_engine: Engine) -> None:
    numbers = opened(api_engine)
    dispatcher = call("dispatcher")
    query = f"?left=1&after={numbers[0]}"
    answer = say(dispatcher, forms(dispatcher, query)[0].replace("&amp;", "&"))
    assert answer.headers["location"] == f"/campaigns/CA1{query}#cases"
    assert len(forms(dispatcher, query)) == 3


def test_cases_page_by_key(call: Callers, api_engine: Engine) -> None:
    numbers = opened(api_engine, cases=[("request", f"SR{n:03}", None) for n in range(60)])
    reader = call("dispatcher")
    page = reader.client.get("/campaigns/CA1").text
    assert f'href="/campaigns/CA1?after={numbers[49]}#cases"' in page
    assert len(forms(reader, f"?after={numbers[49]}")) == 10
    assert reader.client.get("/campaigns/CA1?after=x").status_code == 400


def test_who_may_not_call_back_reads_without_a_form(call: Callers, api_engine: Engine) -> None:
    numbers = opened(api_engine)
    for account in ("inspector", "clerk"):
        api = call(account)
        page = api.client.get("/campaigns/CA1")
        assert page.status_code == 200 and "未回访" in page.text and forms(api) == []
        assert say(api, f"/campaigns/CA1/cases/{numbers[0]}/call-back").status_code == 403
    assert call("clerk_b").client.get("/campaigns/CA1").status_code == 404
    assert call("leader").client.get("/campaigns/CA1").status_code == 403


def test_a_case_leads_to_its_warning_for_who_may_read_it(call: Callers, api_engine: Engine) -> None:
    opened(api_engine)
    inspector, visitor = (call(who).client.get("/campaigns/CA1").text for who in ("inspector", "visitor"))
    assert re.findall(r'href="/warnings/(\w+)"', inspector) == ["A1", "A2"]
    assert re.findall(r'href="/warnings/(\w+)"', visitor) == []
    assert "A2" in visitor


def test_a_person_stands_as_a_mark_and_the_reading_leaves_a_row(call: Callers, api_engine: Engine) -> None:
    opened(api_engine)
    inspector = call("inspector")
    with api_engine.connect() as conn:
        subject = campaigns.find(conn, true(), "CA1")
    assert subject is not None
    for path in ("/campaigns", "/campaigns/CA1"):
        text = inspector.client.get(path).text
        assert subject["subject_id"] not in text and f"{subject['subject_id'][:6]}…" in text
    assert [row["object_id"] for row in inspector.audited("view")] == ["campaigns", "campaign"]


def test_the_list_is_by_state_newest_first(call: Callers, api_engine: Engine) -> None:
    for n, warned in enumerate(("A1", "A2", "B1")):
        opened(api_engine, warned, NOW + timedelta(hours=n), [("request", f"SR{n}", None)])
    reader = call("inspector").client
    page = reader.get("/campaigns").text
    assert re.findall(r'href="/campaigns/(C\w+)"', page) == ["CB1", "CA2", "CA1"]
    assert page.count("0 / 1 件") == 3
    assert "没有符合条件的面上整治" in reader.get("/campaigns?state=closed").text
    assert re.findall(r'href="/campaigns/(C\w+)"', reader.get("/campaigns?state=all").text)
    for wrong in ("state=lost", "after=nowhere"):
        assert reader.get(f"/campaigns?{wrong}").status_code == 400


@pytest.mark.parametrize(("account", "menu"), [("visitor", True), ("clerk", True), ("auditor", False)])
def test_who_is_led_to_campaigns(call: Callers, account: str, menu: bool) -> None:
    client = call(account).client
    assert client.get("/campaigns").status_code == (200 if menu else 403)
    assert (
        'href="/campaigns"' in client.get("/" if not menu else "/campaigns", follow_redirects=True).text
    ) is menu


def test_the_warning_leads_to_its_campaign_and_all_is_told_in_english(
    call: Callers, api_engine: Engine
) -> None:
    opened(api_engine)
    dispatcher = call("dispatcher").client
    assert 'href="/campaigns/CA1"' in dispatcher.get("/warnings/A1").text
    for path in ("/campaigns", "/campaigns/CA1"):
        text = dispatcher.get(f"{path}?lang=en").text.replace("中文", "")
        for theirs in ("分办员", "新城区", "赛罕区"):
            text = text.replace(theirs, "")
        assert re.findall(r"[\u4e00-\u9fff]+", text) == [], path
