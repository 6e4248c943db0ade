"""The main path of a simulated day, as one list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from mingjian.domain.clock import CITY_TZ, MovableClock
from mingjian.simulate import bulk
from mingjian.simulate.agenda import Agenda
from mingjian.simulate.arrivals import arrive, counts
from mingjian.simulate.city import City
from mingjian.simulate.clerk import Clerks
from mingjian.simulate.desk import Desk
from mingjian.simulate.scenario import Scenario
from mingjian.simulate.service import Service
from mingjian.simulate.visits import Tally

HOUR = timedelta(hours=1)
MONDAY = 0


@dataclass
class Simulation:
    """The parts of a run: the service, the people of this process (lists and bulk), the desk for all visits."""

    scenario: Scenario
    city: City
    service: Service
    clock: MovableClock
    people: Clerks
    desk: Desk
    agenda: Agenda = field(default_factory=Agenda)
    tally: Tally = field(default_factory=Tally)
    arrived: int = 0
    found_again: int = 0  # open matters that the weekly list showed and no visit was planned for

    def run(self, tell: Callable[[date], None] = lambda _day: None) -> None:
        """Day after day; `tell` is called at the end of each."""
        for day, many in zip(self.scenario.dates, counts(self.scenario), strict=True):
            self.service.begin(day)
            for at, step in self.path_of(day, many):
                self.clock.at = self.people.clock.at = at
                step()
            tell(day)
        self.people.tally.asked.update(self.people.client.asked)
        self.tally.add(self.people.tally)
        self.people.tally, self.people.client.asked = Tally(), Counter()

    @property
    def steps(self) -> int:
        """Steps that people have taken so far."""
        return sum(self.tally.taken.values()) + sum(self.people.tally.taken.values())

    @property
    def asked(self) -> int:
        """Requests so far."""
        return sum(self.tally.asked.values()) + sum(self.people.client.asked.values())

    def path_of(self, day: date, many: int) -> list[tuple[datetime, Callable[[], None]]]:
        """What happens on this day and when, in order. On a day off nobody is at work, and the night is as any other."""

        def clock(hour: int, minute: int = 0) -> datetime:
            return datetime.combine(day, time(hour, minute), CITY_TZ)

        path: list[tuple[datetime, Callable[[], None]]] = [
            (clock(5), lambda: self._arrive(day, many)),
            (clock(6), self.service.dispatch),
            (clock(6, 30), self.service.night),
            (clock(7), self.service.deliver),
        ]
        for hour in self.people.hours.of_day(day):
            path.append((hour, self._lists(day, hour)))
            path.append((hour, lambda end=hour + HOUR: self._visits(end)))  # type: ignore[misc]
            path.append((hour + HOUR, self.service.sweep))
            path.append((hour + HOUR, self.service.deliver))
        return path

    def _arrive(self, day: date, many: int) -> None:
        made = arrive(self.service.run, self.scenario, self.city, day, self.arrived + 1, many)
        self.arrived += many
        self.agenda.leads.update({one.id: one.lead for one in made if one.lead})

    def _lists(self, day: date, hour: datetime) -> Callable[[], None]:
        """What people do at the beginning of this hour besides visits."""

        def morning() -> None:
            self.agenda.read_lists(self.people, all_open=False)
            if day.weekday() == MONDAY:
                self.found_again += self.agenda.read_lists(self.people, all_open=True)

        desk: dict[int, Callable[[], None]] = {
            9: morning,
            11: lambda: bulk.urge(self.people),
            14: lambda: bulk.send_out(self.people),
        }
        return desk.get(hour.hour, lambda: None)

    def _visits(self, end: datetime) -> None:
        later, tally = self.desk.work(self.agenda.due(end), end)
        self.agenda.put(later)
        self.tally.add(tally)
