"""Delivery of the outbox: every message at least once, each attempt recorded, many to one recipient as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Engine

from mingjian.content.channels import FILE, load_channels
from mingjian.domain.channel import ChannelKind, ChannelRules
from mingjian.domain.clock import Clock
from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.domain.message import DIGEST
from mingjian.notify.channels import Channel, ChannelFault, open_channels
from mingjian.notify.channels.subscription import SubscriptionChannel
from mingjian.notify.digest import group, hold_quiet
from mingjian.notify.routing import route
from mingjian.notify.sender import Sender
from mingjian.notify.wording import TEMPLATES
from mingjian.run import Run
from mingjian.store import webhooks
from mingjian.store.outbox import Letter, enqueue

__all__ = ["Letter", "Post", "deliver", "enqueue", "notify", "open_post"]

COUNTED = ("sent", "failed", "dead", "digested", "quiet")


@dataclass(frozen=True)
class Post:
    """The city's channels: their rules by name, those that could be opened, and what is wrong with the others."""

    rules: Mapping[str, ChannelRules]
    channels: Mapping[str, Channel]
    faults: list[ChannelFault] = field(default_factory=list)


def open_post(run: Run) -> Post:
    """The channels of this run's city; MingjianError when the file names a template that there is not."""
    rules = load_channels(run.content.root, run.sources_dir)
    for name, rule in rules.items():
        unknown = sorted(said for said in rule.named() if said.partition(":")[0] not in {*TEMPLATES, DIGEST})
        if unknown:
            raise MingjianError(
                _(
                    "{file} 的渠道 {name} 提到没有的模板：{unknown}",
                    file=FILE,
                    name=name,
                    unknown="、".join(unknown),
                ),
                hint=_("可用：{names}", names="、".join(TEMPLATES)),
            )
    channels, faults = open_channels(rules, run.home, run.clock)
    own = ChannelRules(kind=ChannelKind.WEBHOOK, templates=[webhooks.TEMPLATE])
    subscribers = SubscriptionChannel(run.engine, run.home, run.clock, own.timeout_seconds)
    return Post({**rules, webhooks.CHANNEL: own}, {**channels, webhooks.CHANNEL: subscribers}, faults)


def notify(run: Run, _key: str) -> dict[str, int]:
    """The notify stage: deliver what waits, by the city's own channels.

    Raises ChannelFault at the end when a channel could not be opened; its messages wait.
    """
    post = open_post(run)
    counts = deliver(run.engine, run.clock, post)
    if post.faults:
        raise post.faults[0]
    return counts


def deliver(
    engine: Engine,
    clock: Clock,
    post: Post,
    *,
    lease: timedelta | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, int]:
    """Route, hold, group and try every due message once; returns {"sent", "failed", "dead", "digested", "quiet"}.

    Each channel has a sender of its own, so that a slow gateway holds up no other. Any number of processes may
    deliver at once. `failed` are those to be tried again later.
    """
    counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
    counts["dead"] += route(engine, clock, post.rules)
    counts["quiet"] += hold_quiet(engine, clock, post.rules)
    counts["digested"] += group(engine, clock, post.rules)
    senders = [
        Sender(engine, clock, name, post.rules[name], channel, lease, stop)
        for name, channel in post.channels.items()
    ]
    with ThreadPoolExecutor(max(len(senders), 1), thread_name_prefix="send") as pool:
        for done in pool.map(Sender.drain, senders):
            counts.update(done)
    return dict(counts)
