"""What becomes of a finding, as a table: what is known of the matter, and the reason it gets."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mingjian.domain.model import Status
from mingjian.domain.reason import WarnReason
from mingjian.domain.warning import WarningState
from mingjian.warn.decide import Known, Question, decide

TODAY = date(2026, 6, 30)


def known(status: WarningState, *, seen: int = 1, closed: int | None = None) -> Known:
    """A known warning last seen, and perhaps closed, so many days ago."""
    closed_on = None if closed is None else TODAY - timedelta(days=closed)
    return Known("W1", TODAY - timedelta(days=seen), status, closed_on)


@pytest.mark.parametrize(
    ("before", "status", "reason"),
    [
        (None, Status.LIVE, WarnReason.NEW),
        (None, Status.SHADOW, WarnReason.SHADOW),
        (known(WarningState.NEW, seen=0), Status.LIVE, WarnReason.SEEN_TODAY),
        (known(WarningState.NEW, seen=-3), Status.LIVE, WarnReason.SEEN_TODAY),
        (known(WarningState.VERIFYING), Status.LIVE, WarnReason.REPEATED),
        (known(WarningState.RECORDED), Status.SHADOW, WarnReason.REPEATED),
        (known(WarningState.CLOSED, closed=90), Status.LIVE, WarnReason.REOPENED),
        (known(WarningState.CLOSED, closed=91), Status.LIVE, WarnReason.NEW),
        (known(WarningState.CLOSED_FP, closed=90), Status.LIVE, WarnReason.REPEATED),
        (known(WarningState.CLOSED_FP, closed=91), Status.LIVE, WarnReason.NEW),
    ],
)
def test_reason(before: Known | None, status: Status, reason: WarnReason) -> None:
    assert decide(Question(TODAY, status, before)) is reason
