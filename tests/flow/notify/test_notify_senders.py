"""Many senders at once, and senders that die: nothing is lost, nothing is sent twice without a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from post_desk import Desk, letter
from receiver import Receiver, Request
from sqlalchemy import text

from mingjian.notify.sender import BATCH
from mingjian.store import delivery

SENDER = """
    from datetime import timedelta
    import sys
    from pathlib import Path
    from mingjian.domain.clock import MovableClock
    from mingjian.content.channels import load_channels
    from mingjian.notify import deliver
    from mingjian.notify.channels import open_channels
    from mingjian.notify.outbox import Post
    from mingjian.store import db
    from datetime import datetime

    url, folder, now = sys.argv[1:]
    clock = MovableClock(datetime.fromisoformat(now))
    rules = load_channels(Path(folder), Path(folder))
    post = Post(rules, *open_channels(rules, Path(folder), clock))
    print(deliver(db.connect(url), clock, post, lease=timedelta(seconds=1)))
"""


@pytest.fixture
def hooked(desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("MINGJIAN_WEBHOOK_URL", receiver.url)
    monkeypatch.setenv("MINGJIAN_WEBHOOK_SECRET", "a-secret-of-the-webhook")
    desk.channels("webhook: {kind: webhook, allow_private: true}")
    return desk


def test_four_senders_at_once_send_each_message_once(hooked: Desk, receiver: Receiver) -> None:
    hooked.put(*(letter(f"m{n}") for n in range(200)))
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _n: hooked.deliver(), range(4)))
    assert sum(d.get("sent", 0) for d in done) == 200
    assert sorted(receiver.keys) == sorted(f"m{n}" for n in range(200))
    assert hooked.account().holds


def test_two_senders_group_each_message_once(desk: Desk) -> None:
    desk.channels("file: {kind: file, digest: {templates: [reminder], at_least: 3}}")
    desk.put(*(letter(f"m{n}", f"U{n % 50}", "reminder") for n in range(300)))
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _n: desk.deliver(), range(2)))
    account = desk.account()
    # What one sender has routed when the other has grouped already leaves by itself.
    with desk.engine.connect() as conn:
        digests = conn.scalar(text("SELECT count(*) FROM outbox WHERE template = 'digest'"))
    assert account.digested == sum(d.get("digested", 0) for d in done) >= 3
    assert (account.sent - digests + account.digested, account.waiting) == (300, 0) and account.holds


def test_a_message_on_its_way_is_locked_by_nobody(hooked: Desk, receiver: Receiver) -> None:
    """While the receiver thinks, the row can be written: no transaction is open."""
    seen: list[int] = []

    def look(_request: Request) -> None:
        with hooked.engine.begin() as conn:
            conn.execute(text("SET LOCAL lock_timeout = '2s'"))
            seen.append(conn.execute(text("UPDATE outbox SET payload = payload")).rowcount)

    receiver.on_request = look
    hooked.put(letter("a"))
    assert hooked.deliver() == {"sent": 1} and seen == [1]


def test_a_claim_keeps_others_away_until_its_lease_runs_out(hooked: Desk, receiver: Receiver) -> None:
    hooked.put(letter("a"))
    with hooked.engine.begin() as conn:
        delivery.write_routes(
            conn,
            [
                delivery.Route(r["id"], "webhook", None, r["next_try"], r["reason"])
                for r in delivery.unrouted(conn, 9)
            ],
            [],
            hooked.clock.now(),
        )
        delivery.claim(conn, "webhook", "dead", hooked.clock.now(), 1, timedelta(minutes=5))
    assert hooked.deliver() == {}
    with hooked.engine.begin() as conn:
        conn.execute(text("UPDATE outbox SET claimed_until = clock_timestamp() - interval '1 second'"))
    assert hooked.deliver() == {"sent": 1} and receiver.keys == ["a"]


def test_a_sender_told_to_stop_gives_back_what_it_has_not_tried(hooked: Desk, receiver: Receiver) -> None:
    hooked.put(*(letter(f"m{n}") for n in range(BATCH)))
    over = threading.Event()
    receiver.on_request = lambda _request: over.set() if len(receiver.heard) == 3 else None
    assert hooked.deliver(stop=over.is_set) == {"sent": 3}
    assert all(row["claimed_by"] is None for row in hooked.letters())
    assert hooked.deliver() == {"sent": BATCH - 3} and max(Counter(receiver.keys).values()) == 1


@pytest.mark.parametrize("fatal", [1, 7, BATCH, BATCH + 5])
def test_a_sender_killed_in_the_middle_loses_nothing(hooked: Desk, receiver: Receiver, fatal: int) -> None:
    """SIGKILL while the receiver holds the n-th message: taken, and its sender never hears so."""
    hooked.put(*(letter(f"m{n}") for n in range(2 * BATCH)))
    killed = threading.Event()

    def kill(_request: Request) -> None:
        if len(receiver.heard) == fatal and not killed.is_set():
            os.kill(sender.pid, signal.SIGKILL)
            sender.wait()
            killed.set()

    receiver.on_request = kill
    words = [
        sys.executable,
        "-c",
        textwrap.dedent(SENDER),
        hooked.engine.url.render_as_string(hide_password=False),
        str(hooked.run.sources_dir),
        hooked.clock.now().isoformat(),
    ]
    with subprocess.Popen(words) as sender:
        assert killed.wait(60)
    until = time.monotonic() + 60
    while hooked.account().waiting and time.monotonic() < until:
        hooked.deliver()
        time.sleep(0.1)  # the dead sender's lease of a second runs out by itself
    counted = Counter(receiver.keys)
    assert set(counted) == {f"m{n}" for n in range(2 * BATCH)}
    assert sum(counted.values()) == 2 * BATCH + 1  # the one whose sender never heard
    account = hooked.account()
    assert account.holds and account.sent == account.all == 2 * BATCH
