"""Double evaluation: the matrix of catalogue §4.6 as a table, and how tries add up to a side."""

from __future__ import annotations

import itertools

import pytest

from mingjian.domain.evaluation import (
    DIMENSIONS,
    MATRIX,
    PublicOutcome,
    PublicSide,
    Scores,
    Side,
    Standing,
    SupervisorOutcome,
    SupervisorSide,
    Try,
    Verdict,
    outcome_said,
    public_side,
)

P, S, V = PublicSide, SupervisorSide, Verdict
YES, NO, NOBODY = PublicOutcome.SATISFIED, PublicOutcome.UNSATISFIED, PublicOutcome.NOT_REACHED


def test_every_pair_of_sides_has_its_row() -> None:
    assert set(MATRIX) == set(itertools.product(PublicSide, SupervisorSide))


@pytest.mark.parametrize(
    ("public", "supervisor", "verdict"),
    [
        (P.SATISFIED, S.PASSED, V.CLOSE),
        (P.SATISFIED, S.FAILED, V.REWORK),
        (P.UNSATISFIED, S.PASSED, V.SECOND_CONTACT),
        (P.STILL_UNSATISFIED, S.PASSED, V.EXPLAIN_OR_REWORK),
        (P.UNSATISFIED, S.FAILED, V.ESCALATE),
        (P.STILL_UNSATISFIED, S.FAILED, V.ESCALATE),
        (P.UNREACHED, S.PASSED, V.CLOSE_UNREACHED),
        (P.UNREACHED, S.FAILED, V.REWORK),
    ],
)
def test_the_matrix_is_that_of_the_catalogue(
    public: PublicSide, supervisor: SupervisorSide, verdict: Verdict
) -> None:
    assert Standing(public, supervisor).verdict is verdict


def test_nothing_follows_while_a_side_is_silent() -> None:
    silent = [pair for pair in MATRIX if P.OPEN in pair or S.OPEN in pair]
    assert {MATRIX[pair] for pair in silent} == {V.WAIT}


@pytest.mark.parametrize(
    ("tries", "side"),
    [
        ([], P.OPEN),
        ([(1, NOBODY)], P.OPEN),
        ([(1, NOBODY), (1, NOBODY)], P.OPEN),
        ([(1, NOBODY), (1, NOBODY), (1, NOBODY)], P.UNREACHED),
        ([(1, NOBODY), (1, NOBODY), (1, YES)], P.SATISFIED),
        ([(1, NO)], P.UNSATISFIED),
        ([(1, NO), (2, NOBODY)], P.UNSATISFIED),
        ([(1, NO), (2, YES)], P.SATISFIED),
        ([(1, NO), (2, NO)], P.STILL_UNSATISFIED),
        ([(1, NO), (2, NOBODY), (2, NOBODY), (2, NOBODY)], P.STILL_UNSATISFIED),
    ],
)
def test_tries_add_up_to_a_side(tries: list[tuple[int, PublicOutcome]], side: PublicSide) -> None:
    assert public_side([Try(*one) for one in tries], attempts=3) is side


@pytest.mark.parametrize(("score", "outcome"), [(2, SupervisorOutcome.FAILED), (3, SupervisorOutcome.PASSED)])
def test_one_score_below_the_bar_fails(score: int, outcome: SupervisorOutcome) -> None:
    for worst in DIMENSIONS[Side.SUPERVISOR]:
        said = Scores({**dict.fromkeys(DIMENSIONS[Side.SUPERVISOR], 5), worst: score})
        assert said.is_whole(Side.SUPERVISOR) and said.outcome(pass_score=3) is outcome


@pytest.mark.parametrize("values", [{"manner": 0}, {"manner": 6}, {"truth": 3}, {"charm": 3}])
def test_scores_of_another_side_or_scale_do_not_fit(values: dict[str, int]) -> None:
    assert not Scores(values).fits(Side.PUBLIC)


def test_the_public_side_may_leave_scores_out_and_the_supervisor_may_not() -> None:
    assert Scores({"manner": 5}).fits(Side.PUBLIC) and Scores().fits(Side.PUBLIC)
    assert not Scores({"truth": 5}).is_whole(Side.SUPERVISOR)


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("unsatisfied 仍有积水", NO),
        ("Satisfied", YES),
        ("not_reached", NOBODY),
        ("满意", None),
        ("", None),
        (" ", None),
    ],
)
def test_a_call_back_begins_with_its_outcome(reason: str, outcome: PublicOutcome | None) -> None:
    assert outcome_said(reason) is outcome
