"""Broken services: each ends in one clear error or in quarantine, and good records still arrive."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from pull_city import GOOD, HEADER, PAYOUT_COLUMNS, City, expect_unchanged, payout_source
from pull_service import Answer, pages, serve

from mingjian.domain.source import Source

RECORD: dict[str, Any] = dict(zip(HEADER.split(","), GOOD.split(","), strict=True))


def service(url: str, **where: Any) -> Source:
    known = {"url": url + "/payouts", "retries": 1, "timeout_s": 0.3}
    return payout_source(kind="http_json", where=known | where)


NUMBERED = iter(range(10**9))

BROKEN_ANSWERS: dict[str, tuple[Callable[[dict[str, str]], Answer], dict[str, Any], str]] = {
    "HTTP 500": (lambda _p: Answer(b"sorry", 500), {}, "HTTP 500 sorry"),
    "HTTP 503 on the second page": (pages([RECORD], Answer(b"busy", 503)), {}, "HTTP 503 busy"),
    "HTTP 429 for ever": (lambda _p: Answer(b"slow down", 429, {"Retry-After": "0"}), {}, "HTTP 429"),
    "HTTP 401": (lambda _p: Answer(b"who are you", 401), {}, "HTTP 401 who are you"),
    "HTTP 404": (lambda _p: Answer(b"", 404), {}, "HTTP 404"),
    "a redirect": (lambda _p: Answer(b"", 302, {"Location": "http://127.0.0.2/"}), {}, "HTTP 302"),
    "not JSON": (lambda _p: Answer(b"<html>login</html>"), {}, "不是 JSON：HTTP 200 <html>login"),
    "JSON cut off": (lambda _p: Answer(b'[{"a": 1}, {"b"'), {}, "不是 JSON"),
    "JSON nested without end": (lambda _p: Answer(b"[" * 100_000), {}, "不是 JSON"),
    "no body": (lambda _p: Answer(b""), {}, "不是 JSON"),
    "an object, not a list": (lambda _p: Answer({"error": "no"}), {}, "不是列表"),
    "a bare number": (lambda _p: Answer(5), {}, "不是列表"),
    "items missing": (lambda _p: Answer({"data": {}}), {"items": "data.rows"}, "没有 data.rows"),
    "items not a list": (
        lambda _p: Answer({"data": {"rows": "x"}}),
        {"items": "data.rows"},
        "data.rows 不是列表",
    ),
    "missing field": (pages([{"流水号": "P1"}]), {}, "缺少列“金额”"),
    "the same page for ever": (lambda _p: Answer([RECORD]), {}, "翻页没有尽头"),
    "two pages in turn for ever": (
        lambda p: Answer([RECORD | {"流水号": f"P{int(p['page']) % 2}"}]),
        {},
        "翻页没有尽头",
    ),
    "new pages for ever": (
        lambda _p: Answer([RECORD | {"流水号": f"P{next(NUMBERED)}"}]),
        {"paging": {"max_pages": 5}},
        "超过 5 页",
    ),
    "next link to itself": (
        lambda _p: Answer({"rows": [RECORD], "next": "/payouts"}),
        {"items": "rows", "paging": {"next_link": "next"}},
        "翻页没有尽头",
    ),
    "next link to another host": (
        lambda _p: Answer({"rows": [RECORD], "next": "http://127.0.0.2:9/payouts"}),
        {"items": "rows", "paging": {"next_link": "next"}},
        "指向另一个地址",
    ),
}


@pytest.mark.parametrize("case", BROKEN_ANSWERS)
def test_a_service_that_answers_wrongly(city: City, case: str) -> None:
    answer, where, words = BROKEN_ANSWERS[case]
    with serve(pages([RECORD])) as live:
        city.use(service(live.url))
        city.pull()

        def broken() -> None:
            live.answer = answer
            city.use(service(live.url, **where))

        expect_unchanged(city, broken, words)


def test_a_service_that_does_not_answer(city: City) -> None:
    never = threading.Event()
    with serve(lambda _p: Answer([], wait=never)) as live:
        city.use(service(live.url, timeout_s=0.1))
        expect_unchanged(city, lambda: None, "等待超时")
        never.set()


def test_a_service_that_is_not_there(city: City) -> None:
    with serve(pages([])) as live:
        gone = live.url
    city.use(service(gone))
    expect_unchanged(city, lambda: None, "连接失败")


@pytest.mark.parametrize("url", ["not a url", "http://", "ftp://127.0.0.1/x"])
def test_an_address_that_is_none(city: City, url: str) -> None:
    city.use(service(url))
    expect_unchanged(city, lambda: None, "读取")


def test_a_token_that_is_not_set(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOTLINE_TOKEN", raising=False)
    city.use(
        payout_source(
            kind="http_json", where={"url": "http://127.0.0.1:9"}, auth={"bearer_env": "HOTLINE_TOKEN"}
        )
    )
    expect_unchanged(city, lambda: None, "HOTLINE_TOKEN")


@pytest.mark.parametrize(
    ("item", "value_class"),
    [
        (5, "not_an_object"),
        (None, "not_an_object"),
        (["P2"], "not_an_object"),
        (RECORD | {"金额": {"value": 5}}, "text_in_number"),
        (RECORD | {"金额": None}, "missing_required"),
        (RECORD | {"金额": 1e30}, "too_large"),
        (RECORD | {"到账日期": 0}, "unreadable_date"),
        (RECORD | {"身份证号": 110101199003077804}, "bad_check_digit"),
        (RECORD | {"流水号": ""}, "missing_required"),
    ],
    ids=str,
)
def test_a_record_that_cannot_be_read(city: City, item: Any, value_class: str) -> None:
    with serve(pages([RECORD, item])) as live:
        city.use(service(live.url))
        assert city.pull() == {"rows_read": 2, "rows_kept": 1, "rows_quarantined": 1}
    assert [(h.row_no, h.value_class) for h in city.held()] == [(2, value_class)]


def test_open311_that_is_not_there(city: City) -> None:
    with serve(pages([])) as live:
        gone = live.url
    columns = {"payout_id": {"from": "流水号"}, "amount": PAYOUT_COLUMNS["amount"]}
    city.use(payout_source(kind="open311", where={"url": gone, "retries": 0}, columns=columns))
    expect_unchanged(city, lambda: None, "requests.json")
