"""The reason codes are the catalogue's, each at its step and with its meaning for the model."""

from __future__ import annotations

import pytest

from mingjian.domain.verdict import (
    CODED_STEPS,
    FALSE_REASONS,
    CountsAs,
    Outcome,
    code_of,
    codes_for,
    counts_as,
)
from mingjian.domain.warning import BY_ACTION

FALSE = {"FP01", "FP02", "FP03", "FP04", "FP07", "FP09"}


def test_the_codes_are_those_of_the_catalogue() -> None:
    assert list(FALSE_REASONS) == [f"FP{n:02d}" for n in range(1, 13)]
    assert {c for c, r in FALSE_REASONS.items() if r.counts_as is CountsAs.FALSE} == FALSE
    outcomes = {c: r.outcome for c, r in FALSE_REASONS.items() if r.outcome is not Outcome.FALSE_POSITIVE}
    assert outcomes == {
        "FP05": "already_fixed",
        "FP06": "data_error",
        "FP08": "merged",
        "FP10": "policy_gap",
        "FP11": "watch",
        "FP12": "transferred",
    }


def test_data_errors_are_counted_apart_and_unknown_codes_against_the_model() -> None:
    assert counts_as("FP06") is CountsAs.DATA_ERROR
    assert counts_as("") is counts_as("XX") is CountsAs.FALSE
    assert all(counts_as(c) is CountsAs.NOT_COUNTED for c in ("FP05", "FP08", "FP10", "FP11", "FP12"))


@pytest.mark.parametrize(
    ("reason", "step", "code"),
    [
        ("FP01", "propose_fp", "FP01"),
        ("fp01 同名不同人", "approve_fp", "FP01"),
        ("FP06", "propose_fp", None),
        ("FP06", "report_data_error", "FP06"),
        ("FP10", "report_policy_gap", "FP10"),
        ("FP13", "propose_fp", None),
        ("同名 FP01", "propose_fp", None),
        ("", "propose_fp", None),
    ],
)
def test_a_reason_begins_with_a_code_that_fits_the_step(reason: str, step: str, code: str | None) -> None:
    found = code_of(reason, step)
    assert (found.code if found else None) == code


def test_steps_that_ask_for_codes_exist_and_every_code_has_a_step() -> None:
    assert set(BY_ACTION) >= CODED_STEPS
    assert {r.code for s in CODED_STEPS for r in codes_for(s)} == set(FALSE_REASONS)
    assert codes_for("confirm") == []
