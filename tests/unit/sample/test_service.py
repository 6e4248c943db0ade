"""The complaint service answers like an Open311 server: pages, filters, services, clear errors."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from mingjian.sample import complaint_service

ASKED = [
    "service_request_id",
    "status",
    "service_code",
    "requested_datetime",
    "updated_datetime",
    "attributes",
]


@pytest.fixture(scope="module")
def base(city: Path):  # type: ignore[no-untyped-def]
    with complaint_service(city) as url:
        yield url


def pages(base: str, **params: object) -> list[dict]:
    found: list[dict] = []
    for page in range(1, 100):
        part = httpx.get(f"{base}/requests.json", params={"page": page, "page_size": 700, **params}).json()
        if not part:
            return found
        found += part
    raise AssertionError("endless paging")


def test_pages_hold_every_request_once(base: str) -> None:
    found = pages(base)
    assert len(found) > 3000
    assert len({r["service_request_id"] for r in found}) == len(found)
    assert all(key in found[0] for key in ASKED)


def test_updated_after_gives_only_later_changes(base: str) -> None:
    everything = pages(base)
    moment = everything[len(everything) // 2]["updated_datetime"]
    later = pages(base, updated_after=moment)
    assert {r["service_request_id"] for r in later} == {
        r["service_request_id"] for r in everything if r["updated_datetime"] >= moment
    }


def test_start_date_gives_only_later_requests(base: str) -> None:
    found = pages(base, start_date="2026-06-01T00:00:00+08:00")
    assert found
    assert min(r["requested_datetime"] for r in found) >= "2026-06-01"


def test_services_are_listed(base: str) -> None:
    services = httpx.get(f"{base}/services.json").json()
    known = {s["service_code"] for s in services}
    assert {r["service_code"] for r in pages(base)} <= known


@pytest.mark.parametrize("params", [{"page": 0}, {"page": "x"}, {"page_size": 0}, {"page_size": 10**6}])
def test_a_bad_page_is_refused_with_a_reason(base: str, params: dict) -> None:
    answer = httpx.get(f"{base}/requests.json", params=params)
    assert answer.status_code == 400
    assert answer.json()[0]["description"]


def test_an_unknown_path_is_not_found(base: str) -> None:
    assert httpx.get(f"{base}/nothing.json").status_code == 404
