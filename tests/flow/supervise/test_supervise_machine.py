"""Anybody may try anything at any time: whatever is allowed keeps the rules (hypothesis walks the table)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import RowMapping
from supervise_queue import Queue
from supervise_road import FAILING, ROAD, passing, sent_out

from mingjian.domain.errors import TransitionError
from mingjian.domain.evaluation import CLOSABLE, Scores, Side, Verdict
from mingjian.domain.order import STATE_OF
from mingjian.domain.roles import Role
from mingjian.domain.warning import BY_ACTION, TRANSITIONS, WarningState, allowed_actions
from mingjian.store import co_handlers, evaluations
from mingjian.store.invariants import broken
from mingjian.supervise import act, sweep
from mingjian.supervise.evaluations import standing_of
from mingjian.supervise.guards import HANDLING_ACTIONS
from mingjian.supervise.said import Actor, Said

PEOPLE = [f"{role}{n}" for role in Role for n in (1, 2) if role is not Role.SYSTEM]
UNITS = ["MZ", "RS"]
REASONS = ["FP01", "FP06", "FP10", "RC01", "EX01", "satisfied", "unsatisfied", "not_reached", "理由"]
SCORES = [None, passing(), FAILING, Scores({"manner": 2})]
FINAL = {s for s in WarningState if not allowed_actions(s)}
APPROVES = {
    "confirm": ("draft_finding",),
    "propose_fp": ("draft_finding",),
    "report_data_error": ("draft_finding",),
    "report_policy_gap": ("draft_finding",),
    "report": ("draft_report",),
    "close": ("visit_back",),
    "approve_fp": ("propose_fp",),
    "grant_extension": ("ask_extension",),
}


class OneOrder(RuleBasedStateMachine):
    """One order from dispatch on; the desk is given by the test."""

    desk: ClassVar[Queue]

    def __init__(self) -> None:
        super().__init__()
        self.warned = sent_out(self.desk)
        self.dues: list[Any] = []

    def teardown(self) -> None:
        with self.desk.engine.connect() as conn:
            assert broken(conn) == []

    def status(self) -> WarningState:
        return WarningState(self.desk.warning(self.warned)["status"])

    @precondition(lambda self: self.status() not in FINAL)
    @rule(
        pick=st.integers(0, 99),
        who=st.integers(0, 1),
        unit=st.sampled_from(UNITS),
        days=st.integers(0, 7),
        reason=st.sampled_from(REASONS),
        scores=st.sampled_from(SCORES),
    )
    def takes_an_allowed_step(
        self, pick: int, who: int, unit: str, days: int, reason: str, scores: Scores | None
    ) -> None:
        """A step of the table by somebody with a role for it; guards may still refuse, and then nothing changes."""
        actions = allowed_actions(self.status())
        step = BY_ACTION[actions[pick % len(actions)]]
        role = step.roles[pick % len(step.roles)]
        if role is Role.SYSTEM:
            return
        self._try(step.action, f"{role}{who + 1}", role, unit, days, reason, scores)

    @rule(action=st.sampled_from([t.action for t in TRANSITIONS]), person=st.sampled_from(PEOPLE))
    def tries_anything(self, action: str, person: str) -> None:
        """Any step by anybody: outside the table it is refused and leaves no trace."""
        role = Role(person[:-1])
        before, steps = self.status(), len(self.desk.steps(self.warned))
        allowed = action in allowed_actions(before) and role in BY_ACTION[action].roles
        self._try(action, person, role, "RS", 1)
        if not allowed:
            assert (self.status(), len(self.desk.steps(self.warned))) == (before, steps)

    @rule(hours=st.integers(1, 120))
    def time_passes_and_the_sweep_comes(self, hours: int) -> None:
        self.desk.clock.at += timedelta(hours=hours)
        sweep(self.desk.run)

    @precondition(lambda self: self.status() is WarningState.DISPATCHED)
    @rule()
    def goes_the_usual_road(self) -> None:
        """Up to the evaluation, where by chance few would come."""
        for step in list(ROAD)[: list(ROAD).index("visit_back")]:
            self._try(step, f"{ROAD[step][0]}1", ROAD[step][0], "MZ", 1)

    @precondition(lambda self: self.status() is WarningState.EVALUATING)
    @rule(
        step=st.sampled_from(["visit_back", "evaluate", "close", "exempt"]),
        pick=st.integers(0, 2),
        who=st.integers(1, 2),
        reason=st.sampled_from(["satisfied", "unsatisfied", "not_reached", "EX01"]),
        scores=st.sampled_from(SCORES),
    )
    def evaluates(self, step: str, pick: int, who: int, reason: str, scores: Scores | None) -> None:
        """The last stretch is rarely reached by chance: here it is walked on purpose."""
        roles = BY_ACTION[step].roles
        role = roles[pick % len(roles)]
        self._try(step, f"{role}{who}", role, "MZ", 1, reason, scores)

    def _try(
        self,
        action: str,
        person: str,
        role: Role,
        unit: str,
        days: int,
        reason: str = "理由",
        scores: Scores | None = None,
    ) -> None:
        note = "文书 2026-03-02,职责条款第3条,举一反三:同类点位已排查"
        with suppress(TransitionError), self.desk.engine.begin() as conn:
            act(
                conn,
                self.desk.clock,
                self.warned,
                action,
                Actor(person, role),
                Said(reason, note, unit, days, scores=scores),
                terms=self.desk.terms,
            )

    @invariant()
    def order_and_warning_agree(self) -> None:
        order = self.desk.order(self.warned)
        assert order["state"] == STATE_OF[self.status()]
        assert order["unit_id"] == self.desk.warning(self.warned)["unit_id"]

    @invariant()
    def history_is_one_unbroken_chain(self) -> None:
        steps = self.desk.steps(self.warned)
        assert [s["seq"] for s in steps] == list(range(1, len(steps) + 1))
        for one, next_ in itertools.pairwise(steps):
            assert one["to_state"] == next_["from_state"]
        assert steps[-1]["to_state"] == self.status()
        assert len(self.desk.audited(self.warned)) == len(steps)

    @invariant()
    def nobody_approves_what_they_proposed(self) -> None:
        last: dict[str, str] = {}
        handled: set[str] = set()
        for step in self.desk.steps(self.warned):
            for proposal in APPROVES.get(step["action"], ()):
                assert last[proposal] != step["actor"], step
            if step["action"] in ("accept_report", "approve_fp", "archive"):
                assert step["actor"] not in handled
            if step["action"] in HANDLING_ACTIONS:
                handled.add(step["actor"])
            last[step["action"]] = step["actor"]

    @invariant()
    def closed_only_when_both_sides_say_so(self) -> None:
        with self.desk.engine.connect() as conn:
            rows = evaluations.of_warning(conn, self.warned)
        said = iter(rows)
        here: list[RowMapping] = []
        for step in self.desk.steps(self.warned):
            if step["action"] == "accept_report":
                here = []
            if step["action"] in ("visit_back", "evaluate"):
                here.append(next(said))
                assert here[-1]["actor"] == step["actor"]
            if step["action"] in ("close", "exempt"):
                verdict = standing_of(here, self.desk.terms.policy).verdict
                assert verdict in (CLOSABLE if step["action"] == "close" else {Verdict.EXPLAIN_OR_REWORK})
            public = {row["actor"] for row in here if row["side"] == Side.PUBLIC}
            assert public.isdisjoint(row["actor"] for row in here if row["side"] == Side.SUPERVISOR)
        assert next(said, None) is None

    @invariant()
    def a_tier_falls_only_by_its_own_office(self) -> None:
        tier, offices = 1, self.desk.terms.policy.tiers
        for step in self.desk.steps(f"D{self.warned}"):
            if step["action"] == "raise":
                assert int(step["to_state"]) >= int(step["from_state"])
        for step in self.desk.audited(self.warned):
            changed = step["detail"].get("order", {})
            if isinstance(changed, dict) and "tier" in changed:
                old, new = changed["tier"]
                if new < old:
                    assert step["action"] == "lower_tier"
                    assert step["detail"]["role"] in offices[old].offices
                tier = new
        assert 1 <= tier <= 3

    @invariant()
    def an_open_order_always_has_a_clock_and_a_way_on(self) -> None:
        status, order = self.status(), self.desk.order(self.warned)
        assert order["finish_due"] is not None
        assert status in FINAL or allowed_actions(status)
        if status not in FINAL and order["state"] not in ("closed", "suspended", "frozen"):
            assert order["next_check"] is not None or order["light"] in ("alarm", "none")

    @invariant()
    def nothing_is_reported_while_a_part_is_awaited(self) -> None:
        with self.desk.engine.connect() as conn:
            parts = co_handlers.of_warning(conn, self.warned)
        states = {row["state"] for row in parts}
        if self.status() in (WarningState.REPORTED, WarningState.EVALUATING):
            assert "asked" not in states
        if "asked" in states:
            assert self.status() is not WarningState.TRANSFER_PENDING

    @invariant()
    def each_rung_and_light_acts_once(self) -> None:
        steps = self.desk.steps(f"D{self.warned}")
        rungs = [(s["reason"], s["note"]) for s in steps if s["action"] in ("remind", "raise")]
        assert len(rungs) == len(set(rungs))
        lights = [s for s in steps if s["action"] == "light"]
        assert all(s["from_state"] != s["to_state"] for s in lights)
        keys = [row["idempotency_key"] for row in self.desk.letters()]
        assert len(keys) == len(set(keys))


@pytest.fixture
def desk(queue: Queue) -> Iterator[Queue]:
    for unit in UNITS:
        queue.add_unit(unit, "civil_affairs" if unit == "MZ" else None, "district", "150102")
    for person in PEOPLE:
        queue.add_user(person, person[:-1], "RS" if person.endswith("2") else "MZ")
    OneOrder.desk = queue
    yield queue
    del OneOrder.desk


def test_whatever_people_try_the_rules_hold(desk: Queue) -> None:
    run_state_machine_as_test(
        OneOrder,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert desk.chain_holds()
