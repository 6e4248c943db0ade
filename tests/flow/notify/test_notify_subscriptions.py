"""Subscribers get the events they asked for, signed with their own secret; who has gone gets nothing more."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from post_desk import Desk
from receiver import Answer, Receiver
from sqlalchemy import insert, update

from mingjian.notify.channels.webhook import signature
from mingjian.store.tables import app_user, webhook
from mingjian.store.webhook_secret import secret_of
from mingjian.supervise import dispatch


@pytest.fixture
def subscribed(desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A dispatcher of the whole city has subscribed a system inside to issued orders."""
    monkeypatch.setenv("MINGJIAN_WEBHOOK_HOSTS", "127.0.0.1")
    row = {"id": "wh_1", "url": receiver.url, "events": ["order.issued"], "owner": "qian"}
    with desk.engine.begin() as conn:
        conn.execute(insert(app_user).values(id="qian", name="qian", role="R3", data_scope="city"))
        conn.execute(insert(webhook).values(**row, created_at=desk.clock.now()))
    desk.warn()
    dispatch(desk.run, "subsidy")
    return desk


def test_an_event_arrives_signed_with_the_subscriptions_own_secret(
    subscribed: Desk, receiver: Receiver
) -> None:
    assert subscribed.deliver() == {"sent": 2}  # the unit's notice as a file, and the event
    (heard,) = receiver.heard
    facts = json.loads(heard.body)
    assert (facts["event"], facts["object"], facts["state"]) == ("order.issued", "DW000001", "issued")
    assert facts["key"] == heard.headers["idempotency-key"]
    stamp = heard.headers["x-mingjian-timestamp"]
    secret = secret_of(subscribed.run.home, "wh_1", 1)
    assert heard.headers["x-mingjian-signature"] == signature(secret, stamp, heard.body)
    assert subscribed.account().holds


def test_a_subscriber_that_fails_is_tried_again_under_the_same_key(
    subscribed: Desk, receiver: Receiver
) -> None:
    receiver.answers = [Answer(503)]
    assert subscribed.deliver() == {"sent": 1, "failed": 1}
    subscribed.clock.move(hours=1)
    assert subscribed.deliver() == {"sent": 1}
    assert len(set(receiver.keys)) == 1 and len(receiver.heard) == 2


@pytest.mark.parametrize("gone", ["switched off", "owner left"])
def test_who_has_gone_gets_nothing(subscribed: Desk, receiver: Receiver, gone: str) -> None:
    table, column = (webhook, "active") if gone == "switched off" else (app_user, "active")
    with subscribed.engine.begin() as conn:
        conn.execute(update(table).values({column: False}))
    assert subscribed.deliver() == {"sent": 1, "dead": 1}
    assert receiver.heard == []


def test_a_host_inside_that_is_no_longer_listed_is_not_reached(
    subscribed: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MINGJIAN_WEBHOOK_HOSTS")
    assert subscribed.deliver() == {"sent": 1, "dead": 1}
    assert receiver.heard == []
