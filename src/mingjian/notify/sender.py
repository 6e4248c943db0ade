"""One sender of one channel: claim by lease, send outside any transaction, mark each message as it went."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, Engine, RowMapping

from mingjian.domain.channel import ADDRESSED, ChannelRules
from mingjian.domain.clock import Clock
from mingjian.domain.i18n import _, pick, set_language
from mingjian.domain.message import STATE_OF, DeliveryReason, MessageState, names_of
from mingjian.notify.channels import Channel, Message, Refused, TryLater
from mingjian.notify.scrub import scrub
from mingjian.notify.wording import render
from mingjian.store import contacts, delivery, units

BATCH = 20
GIVE_UP_AFTER = 5  # failures in a row: the gateway is down, and the others wait without losing a try
SLACK = timedelta(seconds=30)


@dataclass(frozen=True)
class Outcome:
    """What became of one try; `next_try` only when there will be another."""

    reason: DeliveryReason
    error: str = ""
    next_try: datetime | None = None


@dataclass
class Sender:
    """Sends what is due on one channel; `stop` asked for between messages ends it early."""

    engine: Engine
    clock: Clock
    name: str
    rules: ChannelRules
    channel: Channel
    lease: timedelta | None = None
    stop: Callable[[], bool] = lambda: False

    def __post_init__(self) -> None:
        self.id = uuid4().hex
        longest = timedelta(seconds=2 * self.rules.timeout_seconds) * BATCH + SLACK
        self.held_for = self.lease or longest

    def drain(self) -> Counter[str]:
        """Try every due message once; returns {"sent", "failed", "dead", "quiet"}, failed being those to be tried again.

        A batch that takes half its lease is given back and claimed anew, so that a slow gateway never outlasts it.
        A crash between sending and marking sends that one message again, under the same key.
        """
        set_language(self.rules.language)
        with self.engine.connect() as conn:  # one for all, and idle while a message is on its way
            return self._drain(conn)

    def _drain(self, conn: Connection) -> Counter[str]:
        counts: Counter[str] = Counter()
        failures = 0
        while failures < GIVE_UP_AFTER and not self.stop():
            half_over = time.monotonic() + self.held_for.total_seconds() / 2
            with conn.begin():
                rows = delivery.claim(conn, self.name, self.id, self.clock.now(), BATCH, self.held_for)
                messages = self._told(conn, rows)
            if not rows:
                break
            for n, row in enumerate(rows):
                if failures >= GIVE_UP_AFTER or self.stop() or time.monotonic() > half_over:
                    with conn.begin():
                        delivery.release(conn, [late["id"] for late in rows[n:]], self.id)
                    break
                if self._held(conn, row):
                    counts["quiet"] += 1
                    continue
                outcome = self._try(row, messages[row["id"]])
                self._mark(conn, row, outcome)
                counts[_counted(outcome.reason)] += 1
                failures = failures + 1 if outcome.reason in TRIED_IN_VAIN else 0
        return counts

    def _held(self, conn: Connection, row: RowMapping) -> bool:
        """Put off, because the quiet hours have begun since it was routed."""
        until = self.rules.held_until(self.clock.now(), names_of(row["template"], row["payload"]))
        if until is None:
            return False
        with conn.begin():
            delivery.put_off(conn, row["id"], self.id, until)
        return True

    def _told(self, conn: Connection, rows: Sequence[RowMapping]) -> dict[int, Message | Outcome]:
        """Each message in words and with its address, or why there is none."""
        reached = contacts.addresses(conn, {row["contact_id"] for row in rows if row["contact_id"]})
        called = units.names_of(conn, {row["recipient"] for row in rows})
        return {row["id"]: self._word(row, reached, called) for row in rows}

    def _word(
        self, row: RowMapping, reached: dict[int, str], called: dict[str, tuple[str, str]]
    ) -> Message | Outcome:
        address = reached.get(row["contact_id"], "")
        if self.rules.kind in ADDRESSED and not address:
            error = _("{owner} 在渠道 {name} 上没有联系方式", owner=row["recipient"], name=self.name)
            return Outcome(DeliveryReason.NO_ADDRESS, error)
        try:
            subject, body = render(row["template"], row["payload"])
        except Exception as error:  # a wrong payload is that message's fault alone and will not mend itself
            said = scrub(f"{type(error).__name__}: {error}", self.channel.secrets)
            return Outcome(DeliveryReason.NO_WORDING, said)
        zh, en = called.get(row["recipient"], ("", ""))
        return Message(
            key=row["idempotency_key"],
            recipient=row["recipient"],
            subject=subject,
            body=body,
            name=pick({"zh": zh, "en": en or zh}),
            address=address,
            template=row["template"],
            facts=row["payload"],
        )

    def _try(self, row: RowMapping, message: Message | Outcome) -> Outcome:
        """One attempt; a failure of any kind is that message's alone."""
        if isinstance(message, Outcome):
            return message
        secrets = (*self.channel.secrets, message.address)
        try:
            self.channel.send(message)
        except Refused as refused:
            return Outcome(DeliveryReason.REFUSED, scrub(str(refused), secrets))
        except TryLater as later:
            return self._again(row, scrub(str(later), secrets), later.after)
        except Exception as error:
            return self._again(row, scrub(f"{type(error).__name__}: {error}", secrets), None)
        return Outcome(DeliveryReason.SENT)

    def _again(self, row: RowMapping, error: str, after: float | None) -> Outcome:
        failures = row["attempts"] + 1
        if failures >= self.rules.retry.attempts:
            return Outcome(DeliveryReason.EXHAUSTED, error)
        wait = max(self.rules.retry.wait(row["id"], failures), timedelta(seconds=after or 0))
        return Outcome(DeliveryReason.RETRY, error, self.clock.now() + wait)

    def _mark(self, conn: Connection, row: RowMapping, outcome: Outcome) -> None:
        with conn.begin():
            now = self.clock.now()
            if outcome.reason is DeliveryReason.SENT:
                delivery.mark_sent(conn, row["id"], now)
                return
            delivery.mark_failed(
                conn,
                row["id"],
                self.id,
                reason=outcome.reason,
                error=outcome.error,
                next_try=outcome.next_try,
                at=now,
            )


TRIED_IN_VAIN = frozenset({DeliveryReason.RETRY, DeliveryReason.EXHAUSTED})


def _counted(reason: DeliveryReason) -> str:
    state = STATE_OF[reason]
    return "failed" if state is MessageState.WAITING else state.value
