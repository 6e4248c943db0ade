"""One line for each request: who asked is a role, what was asked is a route, and nothing of a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from web_city import ACCOUNTS, SignIn

Said = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Said:
    monkeypatch.setenv("MINGJIAN_LOG", "info")
    capsys.readouterr()
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_request_is_one_line_with_role_and_route(signed_in: SignIn, said: Said) -> None:
    answer = signed_in("inspector").get("/warnings/A1", headers={"X-Request-ID": "from-the-proxy-1"})
    (line,) = said()
    assert {k: line[k] for k in ("event", "method", "route", "status", "role", "request_id")} == {
        "event": "request",
        "method": "GET",
        "route": "/warnings/{warning_id}",
        "status": 200,
        "role": ACCOUNTS["inspector"][1],
        "request_id": "from-the-proxy-1",
    }
    assert line["ms"] > 0
    assert answer.headers["x-request-id"] == "from-the-proxy-1"


@pytest.mark.parametrize(
    "given", ["", "short", "with blank in it", "x" * 65, "13812345678", "150102194001010016"]
)
def test_an_ill_formed_request_number_is_replaced(visitor: TestClient, said: Said, given: str) -> None:
    answer = visitor.get("/sign-in", headers={"X-Request-ID": given})
    (line,) = said()
    assert answer.headers["x-request-id"] == line["request_id"] != given


def test_probes_and_scrapes_are_quiet(visitor: TestClient, said: Said) -> None:
    for address in ("/healthz", "/static/style.css"):
        visitor.get(address)
    assert said() == []


def test_a_fault_is_told_by_class_and_place_and_the_reader_gets_its_number(app: FastAPI, said: Said) -> None:
    @app.get("/faulty")
    def faulty() -> None:
        raise ValueError("张三 150102194001010016")

    answer = TestClient(app, raise_server_exceptions=False).get("/faulty")
    (line,) = said()
    assert (answer.status_code, line["event"], line["error"]) == (500, "request_failed", "ValueError")
    assert any(place.startswith("web/test_request_log.py:") for place in line["where"])
    assert "张三" not in json.dumps(line, ensure_ascii=False)
    assert "150102194001010016" not in json.dumps(line)


def test_nothing_a_person_types_reaches_the_log(
    visitor: TestClient,
    signed_in: SignIn,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MINGJIAN_LOG", "debug")
    planted = ("zhangsan", "张三", "150102194001010016", "13812345678", "hunter2hunter2")
    for text in planted:
        visitor.post("/sign-in", data={"account": text, "password": text, "csrf": text})
        visitor.get(f"/warnings?subject={text}", headers={"User-Agent": text.encode()})
        visitor.get(f"/{text}", headers={"Authorization": f"Bearer {text}".encode()})
        signed_in("inspector").get("/warnings", params={"q": text, "after": text})
    err = capsys.readouterr().err
    assert err.count("\n") == 4 * len(planted)
    assert [text for text in planted if text in err] == []
