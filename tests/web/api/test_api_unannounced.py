"""What a unit reads does not move by steps it may not notice, and everybody's readings still lock."""

from __future__ import annotations

import pytest
from api_client import Api, Callers
from fastapi import FastAPI
from sqlalchemy import Engine, select, update
from web_city import NOW

from mingjian.store import webhooks
from mingjian.store.tables import outbox, supervision_order, warning

WHY = {"reason": "RC01 一处未整改", "note": "现场核实"}


@pytest.fixture
def closed(api_app: FastAPI, api_engine: Engine) -> None:
    """A1 of district A's civil affairs is closed; a dispatcher of the whole city hears of every step."""
    with api_engine.begin() as conn:
        conn.execute(update(warning).where(warning.c.id == "A1").values(status="closed", closed_at=NOW))
        order = {"state": "closed", "light": "none", "light_rank": 0, "finished_at": NOW, "next_check": None}
        conn.execute(update(supervision_order).where(supervision_order.c.id == "DA1").values(**order))
        heard = {"events": ["warning.step"], "created_at": NOW}
        webhooks.add(conn, {"id": "H1", "owner": "dispatcher", "url": "https://example.org/hook", **heard})


def read_by(api: Api) -> list[object]:
    """Everything of A1 that this account can read and compare."""
    paths = ("/warnings/A1", "/warnings/A1/steps", "/warnings/A1/actions", "/orders/DA1")
    answers = [api.get(path) for path in paths] + [api.get("/warnings?status=all"), api.get("/orders")]
    return [(a.status_code, a.headers.get("ETag"), a.json()) for a in answers]


def events(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        rows = select(outbox.c.payload).where(outbox.c.template == "webhook_event").order_by(outbox.c.id)
        return [payload["action"] for payload in conn.scalars(rows)]


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("account", ["clerk", "lead", "dispatcher"])
def test_nothing_that_others_read_moves_when_a_recheck_begins(call: Callers, account: str) -> None:
    reader, supervisor = call(account), call("inspector")
    before, etag = read_by(reader), supervisor.etag("/warnings/A1")
    assert supervisor.step("A1", "recheck").status_code == 201
    assert read_by(reader) == before
    assert supervisor.etag("/warnings/A1") != etag
    assert supervisor.step("A1", "recheck", etag=etag).status_code == 412


@pytest.mark.usefixtures("closed")
def test_a_step_in_the_meantime_is_refused_in_the_words_of_what_is_shown(call: Callers) -> None:
    clerk, supervisor = call("clerk"), call("inspector")
    before = clerk.step("A1", "sign").json()
    supervisor.step("A1", "recheck")
    after = clerk.step("A1", "sign").json()
    assert after == before and after["status"] == 409


@pytest.mark.usefixtures("closed")
def test_what_is_announced_afterwards_moves_it_by_its_own_steps_and_locks(
    call: Callers, api_engine: Engine
) -> None:
    clerk, supervisor = call("clerk"), call("inspector")
    read, version = clerk.etag("/warnings/A1"), clerk.get("/warnings/A1").json()["version"]
    supervisor.step("A1", "recheck")
    assert call("line").step("A1", "recheck_partial", **WHY).status_code == 201
    now = clerk.get("/warnings/A1").json()
    assert (now["status"], now["version"]) == ("leader_takeover", version + 2)
    late = clerk.step("A1", "report", etag=read, note="已整改")
    assert late.status_code == 412 and late.json()["version"] == version + 2
    assert [c["action"] for c in late.json()["changed"]] == ["recheck_partial", "take_over"]
    assert events(api_engine) == ["recheck_partial", "take_over"]


@pytest.mark.usefixtures("closed")
def test_bulk_actions_read_the_same_version(call: Callers) -> None:
    dispatcher, supervisor = call("dispatcher"), call("inspector")
    supervisor.step("A1", "recheck")
    call("line").step("A1", "recheck_partial", **WHY)
    etag = dispatcher.etag("/warnings/A1")
    items = [{"warning_id": "A1", "etag": etag}]
    told = dispatcher.post("/bulk/assign", {"items": [{**items[0], "unit_id": "ca-b"}]}).json()["items"][0]
    assert "stale-version" not in str(told) and told["outcome"] == "refused"
    items[0]["etag"] = '"999"'
    told = dispatcher.post("/bulk/assign", {"items": [{**items[0], "unit_id": "ca-b"}]}).json()["items"][0]
    assert "stale-version" in str(told)
