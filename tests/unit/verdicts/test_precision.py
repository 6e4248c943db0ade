"""Precision from verdicts: what counts, what waits, what the checks of false positives say of those not checked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mingjian.content.loader import shipped_policy
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.level import Level
from mingjian.domain.verdict import CountsAs
from mingjian.verdicts.interval import of_counts
from mingjian.verdicts.precision import Told, precision_of, ripe_days
from mingjian.verdicts.propose import below_bar

TERMS = shipped_policy().reviews
RIPE = TERMS.ripe_share
NOW = datetime(2026, 3, 2, 9, tzinfo=CITY_TZ)
YES, NO, DATA, NONE = CountsAs.CONFIRMED, CountsAs.FALSE, CountsAs.DATA_ERROR, CountsAs.NOT_COUNTED


def one(
    counts: CountsAs | None = None,
    *,
    age: float = 100,
    delay: float = 5,
    code: str = "",
    level: Level = Level.LOW,
    qa: tuple[bool, float] | None = None,
) -> Told:
    """A warning told `age` days ago and judged after `delay` days."""
    at = NOW - timedelta(days=age)
    said = at + timedelta(days=delay) if counts else None
    return Told("m", 1, level, "S", at, counts, code, said, qa)


def test_only_judged_warnings_are_counted() -> None:
    rows = [
        *[one(YES)] * 3,
        one(NO, code="FP01"),
        one(NO, code="FP07"),
        one(DATA, code="FP06"),
        one(NONE, code="FP05"),
    ]
    found = precision_of([*rows, one(), one()], NOW, RIPE)
    assert (found.confirmed, found.false, found.data_errors, found.not_counted, found.open) == (3, 2, 1, 1, 2)
    assert found.all == of_counts(3, 5)
    assert found.by_code == {"FP01": 1, "FP05": 1, "FP06": 1, "FP07": 1}


def test_warnings_that_wait_make_verdicts_slow() -> None:
    """Ten delays of 1 to 10 days: nine are over by the ninth. Ten that wait 20 days push the ninth part out."""
    quick = [one(YES, delay=d) for d in range(1, 11)]
    assert ripe_days(quick, NOW, RIPE) == pytest.approx(9)
    assert ripe_days([*quick, *[one(age=20)] * 10], NOW, RIPE) == pytest.approx(
        10
    )  # never 90 %: the longest seen
    late = [one(YES, delay=d) for d in range(11, 111)]
    assert ripe_days([*quick, *late, *[one(age=5)] * 20], NOW, RIPE) == pytest.approx(99, abs=1)
    assert ripe_days([one()], NOW, RIPE) is None


def test_quick_refusals_do_not_stand_for_slow_confirmations() -> None:
    """Refused in a day, confirmed in 30: of the young ones only refusals are known."""
    old = [one(YES, delay=30)] * 20 + [one(NO, delay=1)] * 20
    young = [one(NO, age=10, delay=1)] * 20 + [one(age=10)] * 20
    found = precision_of(old + young, NOW, RIPE)
    assert found.ripe_days == pytest.approx(30)
    assert found.all is not None and found.all.share == pytest.approx(1 / 3)
    assert found.mature == of_counts(20, 40)


def test_checked_false_positives_speak_for_the_others() -> None:
    """Two of ten checked were none; the twenty checked at 50 % stand for forty."""
    rows = [one(YES)] * 60
    rows += [one(NO, qa=(False, 0.5))] * 8 + [one(None, qa=(True, 0.5))] * 2 + [one(NO)] * 10
    found = precision_of(rows, NOW, RIPE)
    assert found.checked is not None
    assert found.checked.share == pytest.approx((60 + 2 * 2) / (60 + 20))
    assert found.checked.n == pytest.approx(80 * 80 / (60 + 10 * 4))


def test_without_a_check_at_a_level_nothing_is_said_of_it() -> None:
    rows = [one(YES), one(NO, qa=(False, 1.0), level=Level.HIGH), one(NO, level=Level.LOW)]
    assert precision_of(rows, NOW, RIPE).checked is None


@pytest.mark.parametrize(
    ("confirmed", "false", "below"), [(3, 17, True), (3, 16, False), (6, 14, False), (15, 45, True)]
)
def test_a_model_is_below_its_bar_when_even_the_upper_bound_is(
    confirmed: int, false: int, below: bool
) -> None:
    found = precision_of([one(YES)] * confirmed + [one(NO)] * false, NOW, RIPE)
    assert below_bar(found, 0.5, TERMS) is below


def test_young_refusals_alone_propose_nothing() -> None:
    old = [one(YES, delay=30)] * 20
    young = [one(NO, age=10, delay=1)] * 100
    assert not below_bar(precision_of(old + young, NOW, RIPE), 0.5, TERMS)
