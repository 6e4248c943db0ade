"""The outbox: every message leaves at least once, each attempt is recorded, one failure holds up no other."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from post_desk import Desk, letter
from sqlalchemy import text
from supervise_queue import city_time

from mingjian.domain.channel import ChannelKind, ChannelRules
from mingjian.domain.errors import MingjianError, NotFound
from mingjian.domain.ladder import TierReason
from mingjian.domain.message import NEXT, STATE_OF, DeliveryReason, MessageState
from mingjian.notify import deliver
from mingjian.notify.channels import Message
from mingjian.notify.outbox import Post
from mingjian.notify.wording import TEMPLATES, render
from mingjian.store import delivery
from mingjian.supervise import dispatch, sweep


class Brittle:
    """A channel that fails for one recipient."""

    secrets = ("hunter2-token",)

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, message: Message) -> None:
        if message.recipient == "bad":
            raise ConnectionError("line busy at https://gw.test/?t=hunter2-token for 13800001234")
        self.sent.append(message.key)


def brittle() -> Post:
    return Post({"file": ChannelRules(kind=ChannelKind.FILE)}, {"file": Brittle()})


# What proposals, events, appeals, campaigns, co-handlers, leaders' weeks and enterprise issues tell besides.
PROPOSAL = {
    "model": "subsidy.deceased_payee",
    "version": 2,
    "judged": 30,
    "confirmed": 5,
    "mature_high": 0.34,
    "bar": 0.5,
    "proposal": 7,
    "event": "order.issued",
    "object": "DW1",
    "action": "issue",
    "state": "issued",
    "at": "2026-03-02T09:00:00+08:00",
    "into": "W2",
    "unit": "u2",
    "part_due": "2026-03-09 09:00",
    "plan_due": "2026-03-16 09:00",
    "due": "2026-03-09 09:00",
    "week": 2,
    "appeal": "S1",
    "warning": "W1",
    "against": "finding",
    "outcome": "upheld",
    "issue": "Q1",
    "quarter": "2026Q1",
    "promised": "2026-03-20",
}


def test_a_day_of_downtime_leaves_as_a_notice_and_one_digest(desk: Desk, tmp_path: Path) -> None:
    warned = desk.warn()
    dispatch(desk.run, "subsidy")
    desk.clock.at = city_time(4, 10)
    sweep(desk.run)
    assert desk.notify() == {"sent": 3, "failed": 0, "dead": 0, "digested": 8, "quiet": 0}
    notice = (tmp_path / "outbox" / f"D{warned}_issued.txt").read_text(encoding="utf-8")
    assert "【报到】" in notice and "2026-03-16 18:00" in notice and "不是结论" in notice
    (digest,) = (tmp_path / "outbox").glob("digest*.txt")
    said = digest.read_text(encoding="utf-8")
    assert "1 件事项，8 条提示" in said and f"D{warned}" in said and "督办升级、已超期" in said
    assert desk.account().holds


def test_dozens_for_a_unit_after_a_day_of_downtime_leave_as_one_message(desk: Desk, tmp_path: Path) -> None:
    desk.warn_many([{}] * 40)
    dispatch(desk.run, "subsidy")
    desk.notify()
    desk.clock.at = city_time(3, 5)
    sweep(desk.run)
    assert desk.notify() == {"sent": 1, "failed": 0, "dead": 0, "digested": 80, "quiet": 0}
    (digest,) = (tmp_path / "outbox").glob("digest*.txt")
    assert "另有 20 件" in digest.read_text(encoding="utf-8")
    account = desk.account()
    assert (account.all, account.sent, account.digested, account.waiting) == (
        121,
        41,
        80,
        0,
    ) and account.holds


def test_the_same_letter_is_written_once(desk: Desk) -> None:
    assert desk.put(letter("a"), letter("b")) == 2
    assert desk.put(letter("a"), letter("c")) == 1


def test_sent_messages_are_not_sent_again(desk: Desk) -> None:
    desk.put(letter("a"))
    assert desk.deliver() == {"sent": 1}
    assert desk.deliver() == {}
    assert (desk.row("a")["sent_at"], desk.row("a")["reason"]) == (desk.clock.now(), "sent")


def test_a_failure_holds_up_no_other_and_tells_no_secret(desk: Desk) -> None:
    desk.put(letter("a", "bad"), letter("b"), letter("c", channel="pigeon"), letter("d", template="poem"))
    post = brittle()
    assert deliver(desk.engine, desk.clock, post) == {
        "sent": 1,
        "failed": 1,
        "dead": 2,
        "digested": 0,
        "quiet": 0,
    }
    assert post.channels["file"].sent == ["b"]  # type: ignore[attr-defined]
    assert {row["idempotency_key"]: row["reason"] for row in desk.letters()} == {
        "a": "retry",
        "b": "sent",
        "c": "no_channel",
        "d": "no_wording",
    }
    assert desk.row("a")["last_error"] == "ConnectionError: line busy at *** for ***"
    assert "poem" in desk.row("d")["last_error"]


def test_a_failed_message_waits_longer_each_time_until_its_attempts_are_used_up(desk: Desk) -> None:
    desk.put(letter("a", "bad"))
    waits: list[timedelta] = []
    while desk.account().waiting:
        deliver(desk.engine, desk.clock, brittle())
        row = desk.row("a")
        waits.append(row["next_try"] - desk.clock.now())
        desk.clock.at = max(row["next_try"], desk.clock.now())
    assert (row["attempts"], row["reason"], row["dead_at"]) == (12, "exhausted", desk.clock.now())
    for wait, plain in zip(waits[:8], [60 * 2**n for n in range(8)], strict=True):
        assert 0.8 * plain <= wait.total_seconds() <= 1.2 * plain
    assert max(waits) <= timedelta(hours=6 * 1.2)


def test_it_is_not_tried_before_its_time(desk: Desk) -> None:
    desk.put(letter("a", "bad"))
    for _ in range(3):
        deliver(desk.engine, desk.clock, brittle())
    assert desk.row("a")["attempts"] == 1


def test_a_gateway_that_is_down_costs_the_others_no_try(desk: Desk) -> None:
    desk.put(*(letter(f"a{n}", "bad") for n in range(12)))
    assert deliver(desk.engine, desk.clock, brittle())["failed"] == 5
    assert sorted(row["attempts"] for row in desk.letters()) == [0] * 7 + [1] * 5
    assert all(row["claimed_by"] is None for row in desk.letters())


def test_a_crash_before_recording_sends_again_under_the_same_key(desk: Desk, tmp_path: Path) -> None:
    desk.put(letter("a"))
    desk.deliver()
    with desk.engine.begin() as conn:
        conn.execute(text("UPDATE outbox SET sent_at = NULL, reason = 'waiting'"))
    assert desk.deliver() == {"sent": 1}
    assert len(list((tmp_path / "outbox").iterdir())) == 1


def test_replay_lets_the_dead_wait_again_and_is_audited(desk: Desk) -> None:
    desk.put(letter("a", template="poem"), letter("b"))
    desk.deliver()
    dead, sent = desk.row("a")["id"], desk.row("b")["id"]
    with pytest.raises(NotFound, match=str(sent)):
        desk.replay(dead, sent)
    assert desk.replay(dead) == 1
    row = desk.row("a")
    assert (row["dead_at"], row["attempts"], row["reason"]) == (None, 0, "waiting")
    (entry,) = desk.audited(str(dead))
    assert (entry["actor"], entry["action"], entry["detail"]["was"]) == ("clerk", "replay", "no_wording")
    assert desk.chain_holds()


def test_a_channel_taken_out_of_the_file_leaves_nothing_waiting_unseen(desk: Desk) -> None:
    desk.channels("file: {kind: file}\nwecom: {kind: wecom}")
    desk.put(letter("a"))
    with pytest.raises(MingjianError, match="MINGJIAN_WECOM_URL"):
        desk.notify()
    assert (desk.row("a")["reason"], desk.row("a@wecom")["reason"]) == ("sent", "waiting")
    desk.channels("file: {kind: file}")
    assert desk.deliver() == {"dead": 1}
    assert desk.row("a@wecom")["reason"] == "no_channel"


def test_a_template_that_there_is_not_is_named(desk: Desk) -> None:
    desk.channels("file: {kind: file, templates: [light_alarm, poem]}")
    with pytest.raises(MingjianError, match="poem"):
        desk.notify()


def test_a_message_whose_columns_contradict_each_other_is_found(desk: Desk) -> None:
    desk.put(letter("a"))
    desk.deliver()
    assert desk.account().holds
    with desk.engine.begin() as conn:
        conn.execute(text("UPDATE outbox SET reason = 'retry'"))
    assert not desk.account().holds


@pytest.mark.parametrize("state", MessageState)
def test_late_news_of_a_lost_lease_moves_a_message_only_as_the_table_says(
    desk: Desk, state: MessageState
) -> None:
    """A sender whose lease ran out reports success and failure on a message that others have moved on."""
    desk.put(letter("a"), letter("b"))
    mine, other = desk.row("a")["id"], desk.row("b")["id"]
    column = {"sent": "sent_at = now()", "dead": "dead_at = now()", "digested": f"digest_id = {other}"}
    reason = next(r for r, s in STATE_OF.items() if s is state)
    moved = column.get(state, "attempts = 0")
    with desk.engine.begin() as conn:
        conn.execute(text(f"UPDATE outbox SET {moved}, reason = '{reason}' WHERE id = {mine}"))
        late = {"reason": DeliveryReason.REFUSED, "error": "", "next_try": None, "at": desk.clock.now()}
        delivery.mark_failed(conn, mine, "late", **late)
    assert desk.row("a")["reason"] == reason
    with desk.engine.begin() as conn:
        delivery.mark_sent(conn, mine, desk.clock.now())
    after = STATE_OF[DeliveryReason(desk.row("a")["reason"])]
    assert after == (MessageState.SENT if MessageState.SENT in NEXT[state] else state)


def test_every_reason_has_a_state() -> None:
    assert set(STATE_OF) == set(DeliveryReason)
    assert set(STATE_OF.values()) == set(MessageState) == set(NEXT)


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("reason", TierReason)
def test_every_message_has_its_english(template: str, reason: TierReason, english: None) -> None:
    facts = {**letter("a", tier=2, reason=reason.value).payload, **PROPOSAL}
    assert all(part.isascii() for part in render(template, facts))


def test_a_digest_has_its_english(english: None) -> None:
    parts = [
        {"template": t, "payload": {**letter(str(n), tier=2).payload, **PROPOSAL}}
        for n, t in enumerate([*TEMPLATES] * 2)
    ]
    subject, body = render("digest", {"items": parts, "names": [], "lines": 4})
    assert subject.isascii() and body.isascii() and f"{2 * len(TEMPLATES) - 4} more" in body
