"""What the tests of messages say and see: letters in, clock moved, outbox and receivers looked at."""

from __future__ import annotations

import textwrap
from typing import Any

from sqlalchemy import RowMapping
from supervise_queue import Queue

from mingjian.domain.contact import Contact
from mingjian.notify import deliver, notify, open_post
from mingjian.notify.outbox import Letter, Post, enqueue
from mingjian.store import contacts, outbox
from mingjian.store.outbox import Account


class Desk(Queue):
    """A queue whose messages are looked at more closely."""

    def channels(self, yaml: str) -> None:
        """The city's own channels file; `yaml` is what stands under `channels:`."""
        text = "channels:\n" + textwrap.indent(textwrap.dedent(yaml).strip("\n"), "  ") + "\n"
        (self.run.sources_dir / "channels.yaml").write_text(text, encoding="utf-8")

    def put(self, *letters: Letter) -> int:
        with self.engine.begin() as conn:
            return enqueue(conn, letters, self.clock.now())

    def post(self) -> Post:
        return open_post(self.run)

    def deliver(self, **more: Any) -> dict[str, int]:
        """Deliver once; only the counts that are not 0."""
        done = deliver(self.engine, self.clock, self.post(), **more)
        return {name: n for name, n in done.items() if n}

    def notify(self) -> dict[str, int]:
        return notify(self.run, "outbox")

    def reach(self, owner: str, channel: Any, address: str, **more: Any) -> None:
        with self.engine.begin() as conn:
            contacts.write(
                conn, [Contact("unit", owner, channel, address, **more)], "clerk", self.clock.now()
            )

    def replay(self, *ids: int) -> int:
        with self.engine.begin() as conn:
            return outbox.replay(conn, ids, "clerk", "gateway mended", self.clock.now())

    def row(self, key: str) -> RowMapping:
        return next(row for row in self.letters() if row["idempotency_key"] == key)

    def account(self) -> Account:
        with self.engine.connect() as conn:
            return outbox.accounted(conn)


def letter(key: str, recipient: str = "MZ", template: str = "order_issued", **more: Any) -> Letter:
    """A letter about order D<key>; `more` are facts, or its channel."""
    channel = more.pop("channel", "")
    facts = {
        "order": f"D{key}",
        "level": "中",
        "tier": 1,
        "sign_due": "2026-03-03 18:00",
        "accept_due": "2026-03-04 18:00",
        "finish_due": "2026-03-16 18:00",
        "answer_due": "2026-03-05 18:00",
        "reason": "not_accepted",
        **more,
    }
    return Letter(key, recipient, template, facts, channel)
