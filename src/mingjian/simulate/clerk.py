"""One visit: open the case, see what is offered, take a step, and say when somebody looks at it again."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from mingjian.domain.clock import MovableClock
from mingjian.domain.roles import Role
from mingjian.domain.warning import WarningState
from mingjian.simulate import wrong
from mingjian.simulate.city import City, Unit
from mingjian.simulate.client import Answer, Client
from mingjian.simulate.habits import MANNERS, Manner, habit_of
from mingjian.simulate.hours import Hours
from mingjian.simulate.people import ENDED, SETTLED, Turn, Way, turn_of
from mingjian.simulate.roads import road_of
from mingjian.simulate.sayings import SAYINGS, say
from mingjian.simulate.scenario import Scenario
from mingjian.simulate.visits import Tally, Visit
from mingjian.simulate.wrong import AFTER, Case

SPREAD = 0.6  # of the logarithm of a delay
TRIES = 6
ASKS_FOR_HELP = frozenset({"accept_and_propose", "propose_co_handler", "add_co_handler"})
A_DAY = 7.0  # in working hours
HOURS_UNTIL_NEXT_TRY = 2 * A_DAY
ALWAYS_LOOKED_AT = {"高": 1.0, "中": 0.25, "低": 0.08}  # false positives, by level


@dataclass
class Clerks:
    """Everybody who works in this process. One visit after the other, each at its own moment."""

    scenario: Scenario
    city: City
    hours: Hours
    client: Client
    clock: MovableClock
    tally: Tally = field(default_factory=Tally)

    def visit(self, visit: Visit) -> Visit | None:
        """Do what is to be done at this visit; returns the next one, None when nobody comes back."""
        self.clock.at = visit.at
        drawn = self.scenario.drawn("visit", visit.id, visit.n)
        return _OneVisit(self, replace(visit, n=visit.n + 1), drawn).run()

    def manner(self, unit_id: str | None) -> Manner:
        """How the people of this unit are."""
        if unit_id not in self._manners:
            self._manners[unit_id] = MANNERS[habit_of(self.scenario, unit_id)]
        return self._manners[unit_id]

    @cached_property
    def _manners(self) -> dict[str | None, Manner]:
        return {}

    @cached_property
    def working(self) -> list[Unit]:
        return self.city.working

    def asked_for(self, drawn: random.Random, but: set[str | None]) -> str:
        """A unit with a line of business that is none of these."""
        return next(u for u in iter(lambda: drawn.choice(self.working).id, None) if u not in but)


@dataclass
class _OneVisit:
    """The state of one visit while it lasts; `after` is where the step has led."""

    clerks: Clerks
    visit: Visit
    drawn: random.Random
    etags: dict[str, str] = field(default_factory=dict)
    offers: dict[str, frozenset[str]] = field(default_factory=dict)
    goes_on: bool = False  # the one who acted takes the next step as well, without getting up

    def run(self) -> Visit | None:
        """What is to be done, and what the same person does next at one sitting."""
        after = self._once()
        while after is not None and self.goes_on:
            after = self._act(turn_of(self.after, self.visit.last), self.after)
        return after

    def _once(self) -> Visit | None:
        found = self._open()
        if found is None:
            return self._later("unseen")
        state = WarningState(found["status"])
        self.visit = replace(
            self.visit, unit=found["unit_id"], district=found["district_code"], level=found["level"]
        )
        return self._act(turn_of(state, self.visit.last), state)

    def _act(self, turn: Turn | None, state: WarningState) -> Visit | None:
        self.goes_on = False
        if turn is None or state in ENDED:
            return None
        kind = wrong.drawn(self.drawn, self.clerks.scenario.bad)
        for way in self._drawn_ways(turn):
            for role in way.roles:
                who = self._who(role, way.action)
                if who is None or way.action not in self._offered(who):
                    continue
                self._before(kind, who)
                if self._take(way, role, who, kind):
                    return self._next(self.after)
        return self._later(state, waits=state not in SETTLED or self._wished(turn))

    def _open(self) -> dict[str, Any] | None:
        """Read the case as the one whose turn it seems to be, else as somebody who sees the whole city."""
        expected = turn_of(WarningState(self.visit.state), self.visit.last)
        way = expected.ways[0] if expected else None
        likely = self._who(way.roles[0], way.action) if way else None
        for who in (likely, self._staff(Role.R6)):
            answer = self._read(who) if who else None
            if answer is not None and answer.status == 200:
                return answer.body
        return None

    def _read(self, who: str) -> Answer:
        """Everybody reads the case himself, once a visit; offered steps that no table of ours knows are counted."""
        answer = self.clerks.client.get(who, f"/warnings/{self.visit.id}")
        self.offers[who] = frozenset(a["action"] for a in answer.body.get("actions", ()))
        if answer.status == 200:
            self.etags[who] = answer.etag
            self.clerks.tally.unknown.update(self.offers[who] - SAYINGS.keys())
        return answer

    def _offered(self, who: str) -> frozenset[str]:
        """Steps offered to this account; none when the matter is not for it to see."""
        if who not in self.offers:
            self._read(who)
        return self.offers[who]

    def _drawn_ways(self, turn: Turn) -> Iterator[Way]:
        """The way that chance chooses, then the others as the table has them."""
        leans, rare = self.clerks.manner(self.visit.unit).leans, self.clerks.scenario.rare
        duplicate = [w for w in turn.ways if w.action == "merge"] if self.visit.lead else []
        wished = [w for wish in self.visit.wishes for w in turn.ways if w.action == wish]
        weights = [w.weight * leans.get(w.action, 1.0) * (rare if w.seldom else 1.0) for w in turn.ways]
        first = duplicate or wished[:1] or self.drawn.choices(turn.ways, weights)
        yield from first
        yield from (w for w in turn.ways if w not in first and not w.seldom and w.action != "merge")

    def _who(self, role: Role, action: str) -> str | None:
        """The account that would take this step; the unit proposed answers a transfer."""
        answers = action in ("take_transfer", "object_transfer")
        helps = self.visit.helper if action == "co_report" else self.visit.unit
        unit = self.visit.aim if answers else helps
        return None if unit is None and role in (Role.R1, Role.R2) else self._staff(role, unit)

    def _staff(self, role: Role, unit: str | None = None) -> str:
        return self.clerks.city.staff(role, unit, self.visit.district)

    def _before(self, kind: wrong.Wrong | None, who: str) -> None:
        """What is wrong on purpose is put before what is right."""
        if kind is not None and kind not in AFTER:
            self._count(
                kind, wrong.put_before(kind, self._case(who, f"wrong:{self.visit.id}:{self.visit.n}"))
            )

    def _take(self, way: Way, role: Role, who: str, kind: wrong.Wrong | None) -> bool:
        body = self._body(way.action)
        if body is None:
            return False
        case = self._case(who, f"{self.visit.id}:{self.visit.n}:{way.action}:{role}")
        answer = self.clerks.client.post(who, f"/warnings/{self.visit.id}/steps", body, case.key, case.etag)
        if answer.status != 201:
            self.clerks.tally.refused[way.action, answer.kind or str(answer.status)] += 1
            self.visit = replace(self.visit, lead=None) if way.action == "merge" else self.visit
            return False
        self.clerks.tally.taken[role.value, way.action] += 1
        if kind in AFTER:
            self._count(kind, wrong.put_again(kind, case, body, answer))
        if way.action == "propose_transfer":
            self.visit = replace(self.visit, aim=body["unit_id"])
        if way.action in ASKS_FOR_HELP:
            self.visit = replace(self.visit, helper=body["unit_id"])
        self.after = WarningState(answer.body["state"])
        # Whoever took the step knows how things stand now; all others would have to read again.
        self.etags = {who: answer.etag}
        self.offers = {who: frozenset(answer.body["actions"])}
        wishes = list(self.visit.wishes)
        if way.action in wishes:
            wishes.remove(way.action)
        self.visit = replace(self.visit, state=self.after, last=way.action, tries=0, wishes=tuple(wishes))
        return True

    def _body(self, action: str) -> Mapping[str, Any] | None:
        """What the step says; None when something is missing that it would have to name."""
        units = {"take_transfer": self.visit.aim, "rule_transfer": self.visit.aim}
        units |= dict.fromkeys(("add_co_handler", "release_co_handler"), self.visit.helper)
        unit = units.get(action) or self.clerks.asked_for(self.drawn, {self.visit.unit, self.visit.aim})
        if action == "merge" and not self.visit.lead:
            return None
        public = road_of(self.clerks.scenario, self.visit.id).public
        return say(action, self.drawn, unit, self.visit.lead, public)

    def _case(self, who: str, key: str) -> Case:
        stranger = self.clerks.asked_for(self.drawn, {self.visit.unit, self.visit.aim, self.visit.helper})
        return Case(self.clerks.client, self.visit.id, self.etags[who], who, f"{stranger}.R1", key)

    def _count(self, kind: wrong.Wrong, fault: str) -> None:
        self.clerks.tally.bad[kind] += 1
        if fault:
            self.clerks.tally.let_through[fault] += 1

    def _next(self, state: WarningState) -> Visit | None:
        turn = turn_of(state, self.visit.last)
        if turn is None or state in ENDED or not self._comes_back(state, turn):
            return None
        usual = turn.ways[0]
        in_hand = self._who(usual.roles[0], usual.action) in self.offers
        self.goes_on = in_hand and state not in SETTLED and self.drawn.random() < turn.at_once
        # What was settled today is planned for re-supervision tonight: nobody looks at it before.
        return self._at(turn.hours, least=A_DAY if state in SETTLED else 0.0)

    def _comes_back(self, state: WarningState, turn: Turn) -> bool:
        """Settled matters are taken up again by chance alone, or by a check that the morning's list will show."""
        if state not in SETTLED or self._wished(turn):
            return True
        if state is WarningState.CLOSED_FP:
            return self.drawn.random() < ALWAYS_LOOKED_AT[self.visit.level]
        return self.drawn.random() < sum(w.weight for w in turn.ways) * self.clerks.scenario.rare

    def _at(self, hours: float, least: float = 0.0) -> Visit:
        pace = self.clerks.scenario.pace * self.clerks.manner(self.visit.unit).pace
        wait = max(hours * pace * self.drawn.lognormvariate(0, SPREAD), least)
        return replace(self.visit, at=self.clerks.hours.after(self.visit.at, wait))

    def _wished(self, turn: Turn) -> bool:
        return any(way.action in self.visit.wishes for way in turn.ways)

    def _later(self, state: str, *, waits: bool = True) -> Visit | None:
        """Nobody could do anything: look again in a few days, ever more seldom. Only what is settled is left alone."""
        tries = min(self.visit.tries + 1, TRIES)
        if tries == TRIES > self.visit.tries:
            self.clerks.tally.stranded[state] += 1
        if not waits or (state in SETTLED and tries == TRIES):
            return None
        # Whose turn it seemed to be can do nothing: next time it is the turn of those who usually act in this state.
        return replace(self._at(HOURS_UNTIL_NEXT_TRY * tries), tries=tries, last="")
