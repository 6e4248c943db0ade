"""What becomes of a finding, as a table: what is known of the matter, what silences it, and the reason it gets."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from mingjian.domain.model import Status
from mingjian.domain.reason import WarnReason
from mingjian.domain.silence import ListedException, Snooze, same_period
from mingjian.domain.warning import WarningState
from mingjian.warn.decide import Known, Question, decide
from mingjian.warn.write import BECOMES, Decided

TODAY = date(2026, 6, 30)
WINDOW = timedelta(days=90)
R, S = WarnReason, WarningState
EXCEPTION = ListedException(7, None, "person", "p", TODAY, TODAY, "已备案", "民发1号", "inspector")
SNOOZE = Snooze(8, "W1", "m", "person", "p", TODAY, TODAY, "等审计", "inspector")
SILENT: list[tuple[dict[str, Any], WarnReason]] = [
    ({"exception": EXCEPTION}, R.EXCEPTION),
    ({"snooze": SNOOZE}, R.SNOOZED),
    ({"inhibitor": "W2"}, R.INHIBITED),
    ({"status": Status.SHADOW}, R.SHADOW),
]


def known(status: WarningState, *, seen: int = 1, closed: int | None = None) -> Known:
    """A known warning last seen, and perhaps closed, so many days ago."""
    closed_on = None if closed is None else TODAY - timedelta(days=closed)
    return Known("W1", TODAY - timedelta(days=seen), status, closed_on)


def asked(before: Known | None, **more: Any) -> Question:
    return Question(TODAY, **{"status": Status.LIVE, "known": before, "window": WINDOW, **more})


@pytest.mark.parametrize(
    ("before", "room", "reason"),
    [
        (None, True, R.NEW),
        (None, False, R.OVER_BUDGET),
        (known(S.NEW, seen=0), True, R.SEEN_TODAY),
        (known(S.NEW, seen=-3), True, R.SEEN_TODAY),
        (known(S.NEW), True, R.REPEATED),
        (known(S.NEW), False, R.REPEATED),
        (known(S.VERIFYING), False, R.REPEATED),
        (known(S.WAITING), False, R.OVER_BUDGET),
        (known(S.WAITING), True, R.ADMITTED),
        (known(S.RECORDED), True, R.WOKEN),
        (known(S.RECORDED), False, R.OVER_BUDGET),
        (known(S.CLOSED, closed=90), False, R.REOPENED),
        (known(S.CLOSED, closed=91), True, R.NEW),
        (known(S.CLOSED, closed=91), False, R.OVER_BUDGET),
        (known(S.CLOSED_FP, closed=90), True, R.REPEATED),
        (known(S.CLOSED_FP, closed=91), True, R.NEW),
    ],
)
def test_reason_of_a_live_model(before: Known | None, room: bool, reason: WarnReason) -> None:
    assert decide(asked(before, room=room)) is reason


@pytest.mark.parametrize(("silence", "reason"), SILENT, ids=lambda x: getattr(x, "value", ""))
@pytest.mark.parametrize(
    "before",
    [None, *(known(s) for s in (S.NEW, S.WAITING, S.RECORDED)), known(S.CLOSED, closed=9), known(S.CLOSED, closed=99)],
)  # fmt: skip
def test_a_silence_holds_while_nobody_is_at_work(
    before: Known | None, silence: dict[str, Any], reason: WarnReason
) -> None:
    assert decide(asked(before, **silence)) is reason
    assert BECOMES[reason] is S.RECORDED and reason.silences


@pytest.mark.parametrize(("silence", "reason"), SILENT, ids=lambda x: getattr(x, "value", ""))
@pytest.mark.parametrize("before", [known(S.TRIAGED), known(S.VERIFYING), known(S.REOPENED)])
def test_nothing_takes_a_matter_out_of_the_hands_it_is_in(
    before: Known, silence: dict[str, Any], reason: WarnReason
) -> None:
    assert decide(asked(before, **silence)) is R.REPEATED


def test_the_first_silence_in_the_list_gives_its_name() -> None:
    every = {key: value for silence, _reason in SILENT for key, value in silence.items()}
    order = [R.SHADOW, R.EXCEPTION, R.SNOOZED, R.INHIBITED]
    for reason, drop in zip(order, ["status", "exception", "snooze", "inhibitor"], strict=True):
        assert decide(asked(None, **every)) is reason
        every.pop(drop)


@pytest.mark.parametrize(
    ("before", "more", "makes_new", "moves", "alive"),
    [
        (None, {}, True, False, True),
        (None, {"snooze": SNOOZE}, True, False, False),
        (None, {"room": False}, True, False, True),
        (known(S.NEW), {"snooze": SNOOZE}, False, True, False),
        (known(S.RECORDED), {}, False, True, True),
        (known(S.RECORDED), {"exception": EXCEPTION}, False, True, False),
        (known(S.VERIFYING), {"snooze": SNOOZE}, False, False, True),
        (known(S.CLOSED, closed=9), {"snooze": SNOOZE}, False, False, False),
        (known(S.CLOSED, closed=9), {}, False, False, True),
        (known(S.CLOSED, closed=99), {"snooze": SNOOZE}, True, False, False),
        (known(S.CLOSED_FP, closed=9), {}, False, False, False),
        (known(S.RECORDED, seen=0), {}, False, False, False),
        (known(S.WAITING, seen=0), {}, False, False, True),
    ],
)
def test_what_is_done_with_it(
    before: Known | None, more: dict[str, Any], makes_new: bool, moves: bool, alive: bool
) -> None:
    question = asked(before, **more)
    done = Decided({"id": "W1"}, question, decide(question))
    assert (done.makes_new, done.moves, done.alive) == (makes_new, moves, alive)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2026", "2026-03-01", True),
        ("2026-03", "2026-03-01", True),
        ("2026-03-01", "2026-03-01", True),
        ("2026-03-01", "2026-03-15", False),
        ("2026-03", "2026-30", False),
        ("202", "2026", False),
    ],
)
def test_periods_are_one_when_one_is_a_part_of_the_other(one: str, other: str, same: bool) -> None:
    assert same_period(one, other) is same_period(other, one) is same


FACTS = ({"months": 3}, [{"table": "payout", "key": {"payout_id": "P1"}, "row": {}}])
OTHER = ({"months": 4}, FACTS[1])


@pytest.mark.parametrize("closed", [1, 90, 400])
@pytest.mark.parametrize("status", [S.CLOSED, S.RECHECK, S.ARCHIVED])
def test_rows_of_the_past_do_not_reopen_what_was_put_right(status: WarningState, closed: int) -> None:
    before = Known("W1", TODAY - timedelta(days=1), status, TODAY - timedelta(days=closed), facts=FACTS)
    assert decide(asked(before, facts=FACTS)) is R.UNCHANGED
    assert decide(asked(before, facts=OTHER)) is (R.REOPENED if closed <= 90 else R.NEW)
    same = Decided({"id": "W1"}, asked(before, facts=FACTS), R.UNCHANGED)
    assert not same.makes_new and not same.alive
