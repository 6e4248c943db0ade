"""Webhooks: subscriptions of the whole city's dispatchers and stewards, to places that may be called."""

from __future__ import annotations

import pytest
from api_client import Callers
from sqlalchemy import select

from mingjian.store.tables import idempotency, outbox, webhook

URL = "https://example.org/hook"
EVENTS = ["warning.step", "order.issued"]


def test_a_subscription_is_made_changed_and_ended(call: Callers) -> None:
    steward = call("steward")
    made = steward.post("/webhooks", {"url": URL, "events": EVENTS})
    assert made.status_code == 201
    told = made.json()
    assert told["secret"].startswith("whsec_")
    path = f"/webhooks/{told['id']}"
    assert steward.get(path).json().get("secret") is None
    assert steward.write("PATCH", path, json={"active": False}).status_code == 428
    paused = steward.write("PATCH", path, json={"active": False}, etag=made.headers["ETag"])
    assert (paused.json()["active"], paused.headers["ETag"]) == (False, '"2"')
    old = steward.write("PATCH", path, json={"active": True}, etag=made.headers["ETag"])
    assert (old.status_code, old.json()["version"]) == (412, 2)
    assert steward.write("DELETE", path, etag='"2"').status_code == 204
    assert steward.get(path).status_code == 404
    assert [w["object_id"] for a in ("add", "change", "remove") for w in steward.audited(f"webhook_{a}")] == [
        told["id"]
    ] * 3


def test_the_secret_is_in_no_table_and_a_new_one_makes_the_old_void(call: Callers) -> None:
    steward = call("steward")
    first, again = (
        steward.post("/webhooks", {"url": URL, "events": EVENTS}, key="webhook-key") for _ in range(2)
    )
    secret = first.json()["secret"]
    assert again.json()["secret"] == secret
    with steward.office.engine.connect() as conn:
        stored = [*conn.execute(select(webhook)), *conn.execute(select(idempotency.c.body))]
    assert secret not in str(stored)
    path = f"/webhooks/{first.json()['id']}"
    changed = steward.write("PATCH", path, json={"new_secret": True}, etag='"1"').json()
    assert changed["secret"] != secret
    assert changed["secret_generation"] == 2


BAD = [
    "http://example.org/",
    "ftp://example.org/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]/",
    "https://localhost/",
    "https://db.internal/",
    "https://user:pass@example.org/",
    "https://example.org/#a",
    "https://exa mple.org/",
    "https://例子.测试/",
    "https://example.org\\@evil.org/",
    "javascript:alert(1)",
    "https://",
]


@pytest.mark.parametrize("url", BAD)
def test_an_address_inside_or_without_https_is_refused(call: Callers, url: str) -> None:
    answer = call("steward").post("/webhooks", {"url": url, "events": EVENTS})
    assert answer.status_code == 422, url


def test_the_city_may_name_hosts_of_its_own(call: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINGJIAN_WEBHOOK_HOSTS", "desk.internal, 10.0.0.5")
    steward = call("steward")
    for url in ("http://desk.internal/x", "https://10.0.0.5:8443/x"):
        assert steward.post("/webhooks", {"url": url, "events": EVENTS}).status_code == 201
    assert steward.post("/webhooks", {"url": "http://10.0.0.6/", "events": EVENTS}).status_code == 422


@pytest.mark.parametrize("account", ["inspector", "clerk", "leader", "dispatcher_b"])
def test_who_does_not_see_the_whole_city_subscribes_to_nothing(call: Callers, account: str) -> None:
    assert call(account).post("/webhooks", {"url": URL, "events": EVENTS}).status_code == 403


def test_another_owners_subscription_does_not_exist(call: Callers) -> None:
    id = call("steward").post("/webhooks", {"url": URL, "events": EVENTS}).json()["id"]
    other = call("dispatcher")
    assert other.get(f"/webhooks/{id}").status_code == 404
    assert other.write("DELETE", f"/webhooks/{id}", etag='"1"').status_code == 404
    assert other.get("/webhooks").json()["webhooks"] == []


def test_a_step_is_told_to_its_subscribers_without_a_word_about_anybody(call: Callers) -> None:
    steward = call("steward")
    id = steward.post("/webhooks", {"url": URL, "events": EVENTS}).json()["id"]
    call("clerk").step("A1", "sign", note="张三的联系电话")
    with steward.office.engine.connect() as conn:
        (letter,) = conn.execute(select(outbox).where(outbox.c.channel == "subscription")).mappings()
    assert letter["recipient"] == id
    assert {k: v for k, v in letter["payload"].items() if k != "at"} == {
        "event": "warning.step",
        "object": "A1",
        "action": "sign",
        "state": "signed",
    }
