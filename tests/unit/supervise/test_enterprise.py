"""Enterprise issues as a table: each step from its state by its role, and how quarters are named."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from mingjian.domain.enterprise import (
    MOVES,
    IssueState,
    IssueStep,
    allowed_steps,
    is_quarter,
    last_quarters,
    move,
    quarter_of,
)
from mingjian.domain.errors import TransitionError
from mingjian.domain.roles import Role


@pytest.mark.parametrize(("state", "step"), itertools.product(IssueState, IssueStep), ids=str)
def test_a_step_is_taken_from_its_state_by_its_roles_only(state: IssueState, step: IssueStep) -> None:
    row = MOVES[step]
    for role in Role:
        if row.of is state and role in row.roles:
            assert move(state, step, role) is row.to
        else:
            with pytest.raises(TransitionError):
                move(state, step, role)


def test_the_steps_offered_are_those_that_may_be_taken() -> None:
    for state, role in itertools.product(IssueState, Role):
        may = [step for step, row in MOVES.items() if row.of is state and role in row.roles]
        assert allowed_steps(state, role) == may
    assert allowed_steps(IssueState.ANSWERED, Role.R8) == [IssueStep.SATISFIED, IssueStep.UNSATISFIED]


def test_quarters_go_back_over_the_year() -> None:
    assert last_quarters("2026Q2", 4) == ["2026Q2", "2026Q1", "2025Q4", "2025Q3"]


def test_every_open_state_has_a_way_on() -> None:
    assert {row.of for row in MOVES.values()} == set(IssueState) - {IssueState.CLOSED}
    assert {row.to for row in MOVES.values()} == set(IssueState) - {IssueState.COLLECTED}


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2026, 1, 1), "2026Q1"),
        (date(2026, 3, 31), "2026Q1"),
        (date(2026, 4, 1), "2026Q2"),
        (date(2026, 9, 30), "2026Q3"),
        (date(2026, 12, 31), "2026Q4"),
    ],
)
def test_a_day_lies_in_its_quarter(day: date, quarter: str) -> None:
    assert quarter_of(day) == quarter and is_quarter(quarter)


@pytest.mark.parametrize("text", ["", "2026", "2026Q5", "2026Q0", "26Q1", "2026q1", "2026Q11"])
def test_what_is_no_quarter(text: str) -> None:
    assert not is_quarter(text)
