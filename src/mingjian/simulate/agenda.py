"""The agenda: for every matter in hand one visit to come, and the lists by which people learn of new matters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from typing import Any

from mingjian.domain.roles import Role
from mingjian.domain.warning import WarningState
from mingjian.simulate.city import CITY, account
from mingjian.simulate.clerk import Clerks
from mingjian.simulate.people import turn_of
from mingjian.simulate.roads import road_of
from mingjian.simulate.visits import Visit

READER = account(CITY, Role.R6)
# What the service itself moves on, so that nobody who took a step knows of it.
EVERY_MORNING = (
    WarningState.WAITING,
    WarningState.NEW,
    WarningState.DISPATCHED,
    WarningState.LEADER_TAKEOVER,
    WarningState.RECHECK,
    WarningState.REOPENED,
)
PAGE = 200


@dataclass
class Agenda:
    """Visits by moment; a matter stands in it once at most."""

    heap: list[Visit] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    leads: dict[str, str] = field(default_factory=dict)

    def due(self, until: datetime) -> list[Visit]:
        """Take out the visits before this moment."""
        found = []
        while self.heap and self.heap[0].at < until:
            found.append(heappop(self.heap))
            self.known.discard(found[-1].id)
        return found

    def put(self, visits: Iterable[Visit]) -> None:
        """Write visits down."""
        for visit in visits:
            heappush(self.heap, visit)
            self.known.add(visit.id)

    def read_lists(self, clerks: Clerks, *, all_open: bool) -> int:
        """Write down what lists show and no visit is planned for; returns how many there were."""
        wanted = ["open"] if all_open else []
        rows = [row for status in [*EVERY_MORNING, *wanted] for row in _listed(clerks, status)]
        fresh = {row["id"]: row for row in rows if row["id"] not in self.known}
        visits = [visit for row in fresh.values() if (visit := self._visit(clerks, row)) is not None]
        self.put(visits)
        return len(visits)

    def _visit(self, clerks: Clerks, row: Mapping[str, Any]) -> Visit | None:
        turn = turn_of(WarningState(row["status"]), "")
        if turn is None:
            return None
        now = clerks.clock.now()
        drawn = clerks.scenario.drawn("found", row["id"], now)
        pace = clerks.scenario.pace * clerks.manner(row["unit_id"]).pace
        at = clerks.hours.after(now, turn.hours * pace * drawn.lognormvariate(0, 0.6))
        n = clerks.scenario.drawn("round", row["id"], now).getrandbits(
            24
        )  # draws of their own for each round
        return Visit(
            at, row["id"], row["unit_id"], row["district_code"], row["level"], row["status"],
            n=n, lead=self.leads.pop(row["id"], None),
            wishes=road_of(clerks.scenario, row["id"]).wishes,
        )  # fmt: skip


def _listed(clerks: Clerks, status: str) -> Iterator[dict[str, Any]]:
    """All rows of a list, page by page."""
    after = ""
    while True:
        asked: dict[str, str | int] = {"status": status, "limit": PAGE, **({"after": after} if after else {})}
        page = clerks.client.get(READER, "/warnings", **asked).body
        yield from page["warnings"]
        after = page["after"]
        if not after:
            return
