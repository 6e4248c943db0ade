"""Appeals as tables: the steps of an appeal, who contests what, and that another level always decides."""

from __future__ import annotations

import itertools

import pytest

from mingjian.domain.appeal import (
    CONTESTED,
    OFFICE_FOR,
    OPEN,
    PARTY_OF,
    STEPS,
    Against,
    AppealState,
    AppealStep,
    Party,
    next_state,
    office_for,
)
from mingjian.domain.errors import TransitionError
from mingjian.domain.roles import Role
from mingjian.domain.warning import BY_ACTION

S = AppealState


@pytest.mark.parametrize(
    ("state", "step"), itertools.product(AppealState, AppealStep), ids=lambda one: str(one)
)
def test_a_step_is_taken_or_refused_by_the_table(state: AppealState, step: AppealStep) -> None:
    if (state, step) in STEPS:
        assert next_state(state, step) is STEPS[state, step]
    else:
        with pytest.raises(TransitionError):
            next_state(state, step)


def test_open_appeals_have_a_way_on_and_others_have_none() -> None:
    assert {state for state, _step in STEPS} == OPEN
    assert set(STEPS.values()) | {S.FILED, S.OUT_OF_TIME} == set(AppealState)


def test_another_level_decides() -> None:
    assert all(role is not office for role, office in OFFICE_FOR.items())
    assert [office_for(r) for r in ("R2", "R4", "R5", "R6", "nobody", "")] == [
        "R4",
        "R5",
        "R6",
        "R5",
        "R4",
        "R4",
    ]


@pytest.mark.parametrize("against", list(Against))
def test_what_an_upheld_appeal_does_is_possible_wherever_it_may_be_filed(against: Against) -> None:
    contested = CONTESTED[against]
    step = BY_ACTION[contested.upheld]
    assert contested.states <= set(step.from_states) and step.roles == (Role.SYSTEM,)
    assert contested.parties <= set(PARTY_OF.values())
    assert all(action in BY_ACTION for action in contested.steps)


def test_a_unit_contests_findings_only() -> None:
    assert [a for a in Against if Party.UNIT in CONTESTED[a].parties] == [Against.FINDING]
