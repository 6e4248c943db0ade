"""The outbox: messages leave at least once, each attempt is recorded, one failure holds up no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from supervise_queue import Queue, city_time

from mingjian.domain.i18n import set_language
from mingjian.domain.order import TierReason
from mingjian.notify import deliver, notify
from mingjian.notify.channels import Message, default_channels
from mingjian.notify.messages import TEMPLATES, render
from mingjian.notify.outbox import MAX_ATTEMPTS, Letter, enqueue
from mingjian.supervise import dispatch, sweep


@pytest.fixture
def english() -> Iterator[None]:
    set_language("en")
    yield
    set_language(None)


class Brittle:
    """A channel that fails for one recipient."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, message: Message) -> None:
        if message.recipient == "bad":
            raise ConnectionError("line busy")
        self.sent.append(message.key)


def put(queue: Queue, *letters: Letter) -> int:
    with queue.engine.begin() as conn:
        return enqueue(conn, letters, queue.clock.now())


def letter(key: str, recipient: str = "u", **more: str) -> Letter:
    payload = {
        "order": "DW1",
        "level": "中",
        "accept_due": "2026-03-04 18:00",
        "finish_due": "2026-03-16 18:00",
    }
    return Letter(key, recipient, more.pop("template", "order_issued"), payload, **more)


def test_notices_of_a_real_order_arrive_as_files(queue: Queue, tmp_path: Path) -> None:
    warned = queue.warn()
    dispatch(queue.run, "subsidy")
    queue.clock.at = city_time(3, 17)
    sweep(queue.run)
    assert notify(queue.run, "queue") == {"sent": 5, "failed": 0}
    assert len(list((tmp_path / "outbox").glob("*.txt"))) == 5
    notice = (tmp_path / "outbox" / f"D{warned}_issued.txt").read_text(encoding="utf-8")
    assert "【报到】" in notice and "2026-03-16 18:00" in notice and "不是结论" in notice


def test_a_digest_lists_the_most_pressing_first_and_only_so_many(queue: Queue) -> None:
    queue.warn_many([{}] * 60)
    dispatch(queue.run, "subsidy")
    queue.clock.at = city_time(3, 17)
    sweep(queue.run)
    digest = queue.letters()[-1]
    subject, body = render(digest["template"], digest["payload"])
    lines = body.splitlines()
    assert subject == "【督办汇总】60 件督办单有 240 项提醒"
    assert len(lines) == 52 and "升为 3 级" in lines[1] and lines[-1] == "另有 190 项，请登录系统查看。"


def test_a_digest_has_its_english(english: None) -> None:
    item = {**letter("a").payload, "tier": 2, "reason": "not_accepted", "template": "tier_raised"}
    assert all(part.isascii() for part in render("orders_digest", {"items": [item] * 60}))


def test_the_same_letter_is_written_once(queue: Queue) -> None:
    assert put(queue, letter("a"), letter("b")) == 2
    assert put(queue, letter("a"), letter("c")) == 1


def test_sent_messages_are_not_sent_again(queue: Queue, tmp_path: Path) -> None:
    put(queue, letter("a"))
    channels = default_channels(tmp_path)
    assert deliver(queue.engine, queue.clock, channels) == {"sent": 1, "failed": 0}
    assert deliver(queue.engine, queue.clock, channels) == {"sent": 0, "failed": 0}
    assert queue.letters()[0]["sent_at"] == queue.clock.now()


def test_a_failure_is_recorded_and_holds_up_no_other(queue: Queue) -> None:
    put(queue, letter("a", "bad"), letter("b"), letter("c", channel="pigeon"), letter("d", template="poem"))
    brittle = Brittle()
    assert deliver(queue.engine, queue.clock, {"file": brittle}) == {"sent": 1, "failed": 3}
    assert brittle.sent == ["b"]
    errors = {row["idempotency_key"]: row["last_error"] for row in queue.letters()}
    assert errors["a"] == "ConnectionError: line busy" and errors["b"] is None
    assert "pigeon" in errors["c"] and "poem" in errors["d"]


def test_a_failed_message_is_tried_again_until_its_attempts_are_used_up(queue: Queue) -> None:
    put(queue, letter("a", "bad"))
    for _ in range(MAX_ATTEMPTS + 2):
        deliver(queue.engine, queue.clock, {"file": Brittle()})
    assert queue.letters()[0]["attempts"] == MAX_ATTEMPTS


def test_a_crash_before_recording_sends_again_under_the_same_key(queue: Queue, tmp_path: Path) -> None:
    put(queue, letter("a"))
    channels = default_channels(tmp_path)
    deliver(queue.engine, queue.clock, channels)
    with queue.engine.begin() as conn:
        conn.execute(text("UPDATE outbox SET sent_at = NULL"))
    deliver(queue.engine, queue.clock, channels)
    assert len(list((tmp_path / "outbox").iterdir())) == 1


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("reason", TierReason)
def test_every_message_has_its_english(template: str, reason: TierReason, english: None) -> None:
    payload = {
        "order": "DW1",
        "level": "高",
        "tier": 2,
        "accept_due": "2026-03-04 18:00",
        "finish_due": "2026-03-16 18:00",
        "reason": reason.value,
    }
    assert all(part.isascii() for part in render(template, payload))
