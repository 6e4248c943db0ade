"""What the service does by itself, at its hours: the stages of the one path, as production runs them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Lock
from zlib import crc32

from mingjian import flow
from mingjian.domain.channel import ChannelKind, ChannelRules, Digest, QuietHours, Retry
from mingjian.notify.channels import Message, TryLater
from mingjian.notify.outbox import Post, deliver
from mingjian.run import Run
from mingjian.simulate.arrivals import SECTORS
from mingjian.simulate.scenario import Scenario
from mingjian.supervise import sweep

DISPATCH = next(stage for stage in flow.PATH if stage.name == "dispatch")
NIGHTLY = tuple(stage for stage in flow.TAIL if stage.name not in ("notify", "rerank"))
LOUD = ["light_urgent", "light_alarm", "reminder", "tier_raised"]


@dataclass
class Collector:
    """The receiving end of the only channel: keeps the key of what it took, and fails at first now and then."""

    scenario: Scenario
    secrets: tuple[str, ...] = ()
    taken: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def send(self, message: Message) -> None:
        """Raises TryLater for the first try of some messages, drawn by their key."""
        with self._lock:
            unlucky = crc32(f"{self.scenario.seed}:{message.key}".encode()) / 2**32 < self.scenario.fails
            if unlucky and message.key not in self.failed:
                self.failed[message.key] += 1
                raise TryLater("simulated: the gateway is busy")
            self.taken[message.key] += 1


def post_of(collector: Collector) -> Post:
    """One channel that takes all messages: silent at night, with digests, patient."""
    rules = ChannelRules(
        kind=ChannelKind.FILE,
        quiet=QuietHours.model_validate({"from": "21:00", "to": "08:00"}),
        digest=Digest(templates=LOUD, at_least=3),
        retry=Retry(first_seconds=600),
    )
    return Post({"collected": rules}, {"collected": collector})


@dataclass
class Service:
    """The service of one city over its run; `counts` are what the stages say they did."""

    run: Run
    post: Post
    counts: Counter[str] = field(default_factory=Counter)

    def begin(self, day: date) -> None:
        """Stand on this day."""
        self.run = replace(self.run, as_of=day)

    def dispatch(self) -> None:
        """The dispatch stage of every sector."""
        for sector in SECTORS:
            self._perform(DISPATCH, sector)

    def night(self) -> None:
        """The stages behind all sectors, but for delivery: sweep, re-supervision, verdicts, anchor."""
        for stage in NIGHTLY:
            for key in stage.keys(self.run, flow.WATCH):
                self._perform(stage, key)

    def sweep(self) -> None:
        """What time alone decides."""
        self._count("sweep", sweep(self.run))

    def deliver(self) -> None:
        """Messages on their way."""
        self._count("deliver", deliver(self.run.engine, self.run.clock, self.post))

    def _perform(self, stage: flow.Stage, key: str) -> None:
        self._count(stage.name, flow.perform(self.run, stage, key, reraise=True).counts)

    def _count(self, stage: str, counts: Mapping[str, int]) -> None:
        self.counts.update({f"{stage}.{name}": n for name, n in counts.items()})
