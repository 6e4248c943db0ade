"""The table of steps is complete: what is listed passes, all else is refused and says what is allowed."""

import pytest

from mingjian.content.loader import shipped_policy
from mingjian.domain.errors import TransitionError
from mingjian.domain.level import Level
from mingjian.domain.limits import Limit
from mingjian.domain.order import CLOCK_RUNS, STATE_OF, OrderState, order_state
from mingjian.domain.roles import Role
from mingjian.domain.warning import (
    BY_ACTION,
    TRANSITIONS,
    Guard,
    WarningState,
    allowed_actions,
    next_state,
)
from mingjian.supervise.guards import GUARDS

S = WarningState
LISTED = [(state, t) for t in TRANSITIONS for state in t.from_states]
REFUSED = [(s, t) for t in TRANSITIONS for s in WarningState if s not in t.from_states]
BEFORE = WarningState.VERIFYING


@pytest.mark.parametrize(("state", "step"), LISTED, ids=lambda x: getattr(x, "action", x))
def test_every_listed_step_passes_for_each_of_its_roles(state: WarningState, step) -> None:
    for role in step.roles:
        assert next_state(state, step.action, role, BEFORE) == (state if step.stays else step.to or BEFORE)


@pytest.mark.parametrize(("state", "step"), REFUSED, ids=lambda x: getattr(x, "action", x))
def test_every_other_pair_of_state_and_action_is_refused(state: WarningState, step) -> None:
    with pytest.raises(TransitionError) as refusal:
        next_state(state, step.action, step.roles[0], BEFORE)
    assert all(action in refusal.value.hint for action in allowed_actions(state))


@pytest.mark.parametrize("step", TRANSITIONS, ids=lambda t: t.action)
def test_every_other_role_is_refused(step) -> None:
    for role in set(Role) - set(step.roles):
        with pytest.raises(TransitionError, match=role):
            next_state(step.from_states[0], step.action, role, BEFORE)


def test_unknown_action_is_refused() -> None:
    with pytest.raises(TransitionError, match="refuse"):
        next_state(S.DISPATCHED, "refuse", Role.R1)


def test_a_first_assignment_cannot_be_refused() -> None:
    # The part is that of a unit beside the lead: the guard asks whose.
    assert allowed_actions(S.DISPATCHED, Role.R1) == ["sign", "co_report"]
    assert allowed_actions(S.SIGNED, Role.R1) == [
        "accept",
        "accept_and_propose",
        "propose_transfer",
        "co_report",
    ]


def test_each_action_is_listed_once_and_each_guard_has_its_function() -> None:
    assert len(BY_ACTION) == len(TRANSITIONS)
    assert set(GUARDS) == set(Guard)
    assert all(t.to is None for t in TRANSITIONS if t.stays)


def test_every_state_can_be_reached_and_only_final_states_are_dead_ends() -> None:
    reached, grew = {S.NEW}, True
    while grew:
        found = {t.to for t in TRANSITIONS if t.to and reached & set(t.from_states)}
        grew = not found <= reached
        reached |= found
    assert reached == set(S)
    final = {s for s in S if not allowed_actions(s)}
    assert final == {S.CLOSED_DATA, S.CLOSED_POLICY, S.CLOSED_MERGED, S.REFERRED}


def test_the_main_road_is_that_of_the_catalogue() -> None:
    road = [
        ("triage", Role.R4, S.TRIAGED),
        ("dispatch", Role.R3, S.DISPATCHED),
        ("sign", Role.R1, S.SIGNED),
        ("accept", Role.R1, S.ACCEPTED),
        ("start_verifying", Role.R1, S.VERIFYING),
        ("confirm", Role.R2, S.CONFIRMED),
        ("plan", Role.R2, S.RECTIFYING),
        ("report", Role.R2, S.REPORTED),
        ("accept_report", Role.R4, S.EVALUATING),
        ("close", Role.R4, S.CLOSED),
        ("recheck", Role.R5, S.RECHECK),
        ("archive", Role.R5, S.ARCHIVED),
    ]
    state = S.NEW
    for action, role, to in road:
        state = next_state(state, action, role)
        assert state == to


def test_a_step_back_needs_to_know_where_it_came_from() -> None:
    with pytest.raises(TransitionError, match="resume"):
        next_state(S.SUSPENDED, "resume", Role.R3)


def test_an_order_has_a_state_for_every_state_a_dispatched_warning_can_take() -> None:
    assert set(STATE_OF) == set(S) - {S.RECORDED, S.WAITING, S.NEW, S.TRIAGED}
    assert set(STATE_OF.values()) == set(OrderState)
    with pytest.raises(TransitionError):
        order_state(S.NEW)


def test_the_units_clock_stands_still_while_others_have_the_ball() -> None:
    still = {S.FP_PROPOSED, S.DATA_ERROR, S.POLICY_GAP, S.REPORTED, S.EVALUATING, S.SUSPENDED, S.CLOSED}
    assert all(order_state(s) not in CLOCK_RUNS for s in still)


@pytest.mark.parametrize(
    ("limit", "days"),
    [
        (Limit.SIGN, [0.5, 1, 1]),
        (Limit.ACCEPT, [2, 2, 2]),
        (Limit.VERIFY, [5, 10, 15]),
        (Limit.PLAN, [3, 3, 5]),
        (Limit.RECTIFY, [15, 20, 30]),
        (Limit.REVIEW, [2, 3, 3]),
    ],
)
def test_limits_are_those_of_the_catalogue(limit: Limit, days: list[float]) -> None:
    assert [shipped_policy().days(limit, level) for level in Level] == days


def test_every_limit_is_set_and_every_role_is_named() -> None:
    assert all(shipped_policy().days(limit, level) >= 0 for limit in Limit for level in Level)
    assert all(role.zh and role.en for role in Role)
