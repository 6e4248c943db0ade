"""Probes and metrics: what they find, and what they tell to whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, delete, func, insert, select, text, update
from web_city import NOW, SignIn

from mingjian.content import Content
from mingjian.domain.clock import MovableClock
from mingjian.store import db
from mingjian.store.tables import feed, outbox, supervision_order
from mingjian.web import ready
from mingjian.web.app import create_app
from mingjian.web.operators import TOKEN_VARIABLE

HERE = ("127.0.0.1", 40000)


@pytest.fixture
def operator(app: FastAPI) -> TestClient:
    """A caller on this machine."""
    return TestClient(app, client=HERE)


@pytest.fixture
def due(city: Engine) -> Iterator[None]:
    """Every order is due for a check now."""
    with city.begin() as conn:
        conn.execute(update(supervision_order).values(next_check=NOW))
    yield
    with city.begin() as conn:
        conn.execute(update(supervision_order).values(next_check=None))


def read(client: TestClient, name: str) -> dict[tuple[str, ...], float]:
    """One metric's values by their labels."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    samples = [s for family in families for s in family.samples if s.name == name]
    return {tuple(s.labels.values()): s.value for s in samples}


def test_liveness_asks_nothing_of_the_store(
    web_content: Content, tmp_path: Path, clock: MovableClock
) -> None:
    nowhere = db.connect("postgresql+psycopg://nobody@127.0.0.1:1/none")
    client = TestClient(create_app(nowhere, web_content, tmp_path, clock), client=HERE)
    assert client.get("/healthz").json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["store"]) == (503, "store_unreachable")
    assert read(client, "mingjian_store_up") == {(): 0}


def test_ready_tells_strangers_the_outcome_and_operators_the_checks(
    app: FastAPI, visitor: TestClient, operator: TestClient
) -> None:
    (app.state.home / "lake").mkdir()
    assert (visitor.get("/readyz").status_code, visitor.get("/readyz").json()) == (200, {"status": "ready"})
    checks = operator.get("/readyz").json()["checks"]
    assert checks == dict.fromkeys(("disk", "restore", "store", "schema", "lake", "sweep"), "ok")


def test_not_ready_while_draining(app: FastAPI, visitor: TestClient, operator: TestClient) -> None:
    app.state.drain.begun = True
    assert (visitor.get("/readyz").status_code, visitor.get("/readyz").json()) == (
        503,
        {"status": "not_ready"},
    )
    assert operator.get("/readyz").json()["checks"] == {"drain": "draining"}


def test_not_ready_without_the_lake_that_was_filled(operator: TestClient) -> None:
    answer = operator.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["lake"]) == (503, "lake_missing")


def test_not_ready_amid_a_restore(app: FastAPI, operator: TestClient) -> None:
    (app.state.home / ".restore").mkdir()
    assert operator.get("/readyz").json()["checks"]["restore"] == "restore_unfinished"


def test_not_ready_when_the_disk_is_full(operator: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    left = SimpleNamespace(free=ready.LEAST_FREE - 1)
    monkeypatch.setattr(ready.shutil, "disk_usage", lambda _home: left)
    assert operator.get("/readyz").json()["checks"]["disk"] == "disk_full"


def test_not_ready_when_nobody_sweeps(operator: TestClient, due: None, clock: MovableClock) -> None:
    clock.move(days=6)
    assert operator.get("/readyz").json()["checks"]["sweep"] == "ok"
    clock.move(days=2)
    assert operator.get("/readyz").json()["checks"]["sweep"] == "sweep_stopped"


def test_not_ready_at_another_revision(
    server_url: str, web_content: Content, tmp_path: Path, clock: MovableClock
) -> None:
    engine = db.connect(db.create_database(server_url, "web_behind"))
    db.upgrade(engine, "0001")
    client = TestClient(create_app(engine, web_content, tmp_path, clock), client=HERE)
    assert client.get("/readyz").json()["checks"]["schema"] == "schema_behind"
    engine.dispose()


def test_metrics_are_for_this_machine_when_no_token_is_set(visitor: TestClient, operator: TestClient) -> None:
    assert visitor.get("/metrics").status_code == 403
    assert operator.get("/metrics").status_code == 200
    proxied = operator.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert proxied.status_code == 403, "a proxy on this machine brings callers from anywhere"


def test_metrics_are_for_the_token_when_one_is_set(
    visitor: TestClient, operator: TestClient, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "a token for tests")
    assert visitor.get("/metrics", headers={"Authorization": "Bearer a token for tests"}).status_code == 200
    for client in (visitor, operator, signed_in("inspector")):
        assert client.get("/metrics").status_code == 403
        assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 403


def test_metrics_count_what_the_store_holds(
    operator: TestClient, city: Engine, due: None, clock: MovableClock
) -> None:
    clock.move(minutes=5)
    with city.connect() as conn:
        is_open = supervision_order.c.state != "closed"
        by = (supervision_order.c.tier, supervision_order.c.light)
        orders = conn.execute(select(*by, func.count()).where(is_open).group_by(*by)).all()
        feeds = conn.execute(select(feed.c.source, feed.c.as_of)).all()
        rows = conn.scalar(text("SELECT count(*) FROM audit_log"))
    today = clock.now().date()
    assert orders
    assert read(operator, "mingjian_orders") == {(light, str(t)): n for t, light, n in orders}
    assert sum(read(operator, "mingjian_orders_by_state").values()) == sum(n for *_, n in orders)
    assert read(operator, "mingjian_feed_age_days") == {(s,): (today - day).days for s, day in feeds}
    assert read(operator, "mingjian_sweep_lag_seconds") == {(): 300}
    assert read(operator, "mingjian_audit_rows") == {(): rows}
    assert read(operator, "mingjian_store_up") == {(): 1}


@pytest.fixture
def letters(city: Engine) -> Iterator[None]:
    """One letter sent, one that waits for an hour, one tried thrice, one dead."""
    letter = {"channel": "file", "recipient": "x", "template": "t", "payload": {}, "created_at": NOW}
    states = [("s", NOW, None, 1), ("w", None, None, 0), ("r", None, None, 3), ("d", None, NOW, 10)]
    with city.begin() as conn:
        conn.execute(
            insert(outbox),
            [
                letter | {"idempotency_key": k, "sent_at": s, "dead_at": d, "attempts": a, "next_try": NOW}
                for k, s, d, a in states
            ],
        )
    yield
    with city.begin() as conn:
        conn.execute(delete(outbox).where(outbox.c.idempotency_key.in_([k for k, *_ in states])))


def test_metrics_tell_the_outbox_by_state_and_age(
    operator: TestClient, letters: None, clock: MovableClock
) -> None:
    clock.move(hours=1)
    assert read(operator, "mingjian_outbox_messages") == {
        ("dead",): 1,
        ("retrying",): 1,
        ("sent",): 1,
        ("waiting",): 1,
    }
    assert read(operator, "mingjian_outbox_age_seconds") == {(): 3600}


def test_the_store_is_asked_again_only_after_a_while(
    operator: TestClient, city: Engine, clock: MovableClock
) -> None:
    before = read(operator, "mingjian_feed_failed")
    source = next(iter(before))[0]
    try:
        with city.begin() as conn:
            conn.execute(update(feed).where(feed.c.source == source).values(error="changed"))
        assert read(operator, "mingjian_feed_failed") == before
        clock.move(seconds=11)
        assert read(operator, "mingjian_feed_failed") == before | {(source,): 1}
    finally:
        with city.begin() as conn:
            conn.execute(update(feed).where(feed.c.source == source).values(error=None))


def test_requests_are_counted_by_route_and_not_by_address(operator: TestClient) -> None:
    for address in ("/warnings/A1", "/warnings/B1", "/nowhere/13812345678", "/static/style.css"):
        operator.get(address, follow_redirects=False)
    counted = read(operator, "mingjian_http_requests_total")
    assert counted["GET", "/warnings/{warning_id}", "303"] == 2
    assert counted["GET", "*", "404"] == 1
    assert counted["GET", "/static", "200"] == 1
    assert "13812345678" not in operator.get("/metrics").text
