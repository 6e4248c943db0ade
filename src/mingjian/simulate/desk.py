"""Where visits are worked off: in this process, or by several over the same store, an hour at a time."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Protocol
from zlib import crc32

from mingjian.content import Content, load_content
from mingjian.domain.clock import CITY_TZ, MovableClock
from mingjian.simulate.city import City
from mingjian.simulate.clerk import Clerks
from mingjian.simulate.client import Client
from mingjian.simulate.hours import Hours
from mingjian.simulate.scenario import Scenario
from mingjian.simulate.visits import Tally, Visit
from mingjian.store import db
from mingjian.supervise.calendar import WorkCalendar
from mingjian.web.app import create_app

Worked = tuple[list[Visit], Tally]


@dataclass(frozen=True)
class Office:
    """All that a process needs to let people work: where the store is, the city, and everybody's token."""

    url: str
    home: Path
    root: Path
    scenario: Scenario
    city: City
    tokens: Mapping[str, str]


class Desk(Protocol):
    """Works visits off."""

    def work(self, visits: Sequence[Visit], until: datetime) -> Worked:
        """All visits before `until`, those included that follow within the hour; returns the later ones."""
        ...


@contextmanager
def clerks(office: Office, content: Content | None = None) -> Iterator[Clerks]:
    """Everybody at work over an app of this process's own."""
    content = content or load_content(office.root)
    clock = MovableClock(datetime.combine(office.scenario.first, time(0), CITY_TZ))
    engine = db.connect(office.url)
    app = create_app(engine, content, office.home, clock)
    hours = Hours(WorkCalendar(local=content.local_days))
    with Client(app, office.tokens) as client:
        yield Clerks(office.scenario, office.city, hours, client, clock)
    engine.dispose()


@dataclass(frozen=True)
class OwnDesk:
    """Everything in this process."""

    clerks: Clerks

    def work(self, visits: Sequence[Visit], until: datetime) -> Worked:
        """See Desk."""
        return _worked(self.clerks, visits, until)


@dataclass(frozen=True)
class Desks:
    """Several processes; a matter is always worked off by one of them at a time."""

    pool: ProcessPoolExecutor
    workers: int

    def work(self, visits: Sequence[Visit], until: datetime) -> Worked:
        """See Desk."""
        shares: list[list[Visit]] = [[] for _ in range(self.workers)]
        for visit in visits:
            shares[crc32(visit.id.encode()) % self.workers].append(visit)
        later: list[Visit] = []
        tally = Tally()
        for found, counted in self.pool.map(_work, shares, [until] * self.workers):
            later += found
            tally.add(counted)
        return later, tally


@contextmanager
def desks(office: Office, workers: int) -> Iterator[Desks]:
    """So many processes, started afresh: a forked one would share sockets with the store."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _begin, (office,)) as pool:
        yield Desks(pool, workers)


_HELD = ExitStack()  # for as long as the process lives
_HERE: list[Clerks] = []


def _begin(office: Office) -> None:
    _HERE.append(_HELD.enter_context(clerks(office)))


def _work(visits: Sequence[Visit], until: datetime) -> Worked:
    return _worked(_HERE[0], visits, until)


def _worked(held: Clerks, visits: Sequence[Visit], until: datetime) -> Worked:
    held.tally, held.client.asked = Tally(), Counter()
    due, later = list(visits), []
    heapify(due)
    while due:
        after = held.visit(heappop(due))
        if after is not None and after.at < until:
            heappush(due, after)
        elif after is not None:
            later.append(after)
    held.tally.asked.update(held.client.asked)
    return later, held.tally
