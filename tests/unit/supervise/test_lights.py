"""Light and tier are pure functions of an order's facts and the time."""

from datetime import datetime, timedelta

import pytest

from mingjian.content.loader import shipped_policy
from mingjian.domain.clock import CITY_TZ
from mingjian.domain.ladder import TierReason
from mingjian.domain.order import (
    CLOCK_RUNS,
    Light,
    OrderFacts,
    OrderState,
    light_of,
    next_check,
    rungs_reached,
    tier_of,
)
from mingjian.domain.terms import Terms
from mingjian.supervise.calendar import CITY_CALENDAR

TERMS = Terms(shipped_policy(), CITY_CALENDAR)


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CITY_TZ)


# A 中 order of Monday 2 March: accept by Wednesday the 4th, finish by Monday the 16th.
ISSUED = OrderFacts(OrderState.ISSUED, at(3, 4, 18), at(3, 16, 18))
UNSIGNED = OrderFacts(OrderState.ISSUED, at(3, 4, 18), at(3, 16, 18), sign_due=at(3, 2, 18))
ACCEPTED = OrderFacts(OrderState.ACCEPTED, at(3, 4, 18), at(3, 16, 18), accepted_at=at(3, 4, 9))


@pytest.mark.parametrize(
    ("order", "now", "light"),
    [
        (ISSUED, at(3, 2, 9), Light.REGISTER),
        (ISSUED, at(3, 4, 17, 59), Light.REGISTER),
        (ISSUED, at(3, 4, 18), Light.NOTICE),
        (ISSUED, at(3, 11, 23, 59), Light.NOTICE),
        (ISSUED, at(3, 12), Light.URGENT),
        (ISSUED, at(3, 16, 18), Light.ALARM),
        (ACCEPTED, at(3, 5), Light.NONE),
        (ACCEPTED, at(3, 11, 23, 59), Light.NONE),
        (ACCEPTED, at(3, 12), Light.URGENT),
        (ACCEPTED, at(3, 16, 17, 59), Light.URGENT),
        (ACCEPTED, at(3, 16, 18), Light.ALARM),
    ],
)
def test_light_through_time(order: OrderFacts, now: datetime, light: Light) -> None:
    assert light_of(order, now, TERMS) is light


@pytest.mark.parametrize("state", sorted(set(OrderState) - CLOCK_RUNS))
def test_no_light_and_no_tier_while_the_clock_stands_still(state: OrderState) -> None:
    order, late = OrderFacts(state, at(3, 4, 18), at(3, 16, 18)), at(6, 1)
    assert light_of(order, late, TERMS) is Light.NONE
    assert tier_of(order, late, TERMS) == 1
    assert next_check(order, late, TERMS) is None


@pytest.mark.parametrize(
    ("order", "now", "tier", "newest"),
    [
        (ACCEPTED, at(3, 19, 17), 1, None),
        (ACCEPTED, at(3, 19, 18), 1, TierReason.OVERDUE_3WD),
        (ACCEPTED, at(3, 23, 18), 2, TierReason.OVERDUE_5WD),
        (ACCEPTED, at(3, 30, 17), 2, TierReason.OVERDUE_5WD),
        (ACCEPTED, at(3, 30, 18), 3, TierReason.OVERDUE_10WD),
        (UNSIGNED, at(3, 2, 17), 1, None),
        (UNSIGNED, at(3, 2, 18), 1, TierReason.NOT_SIGNED),
        (ISSUED, at(3, 4, 18), 1, TierReason.NOT_ACCEPTED),
        (ISSUED, at(3, 9, 18), 2, TierReason.REMINDER_UNANSWERED),
        (ISSUED, at(3, 16, 18), 3, TierReason.LETTER_UNANSWERED),
    ],
)
def test_tier_through_time(order: OrderFacts, now: datetime, tier: int, newest: TierReason | None) -> None:
    assert tier_of(order, now, TERMS) == tier
    reasons = [r.reason for r in rungs_reached(order, now, TERMS)]
    assert newest in reasons if newest else not reasons


def test_accepting_very_late_counts_even_when_nobody_looked_in_between() -> None:
    late = OrderFacts(OrderState.ACCEPTED, at(3, 4, 18), at(3, 31, 18), accepted_at=at(3, 10, 9))
    assert tier_of(late, at(3, 11), TERMS) == 2


@pytest.mark.parametrize("order", [ISSUED, ACCEPTED])
def test_next_check_misses_no_change(order: OrderFacts) -> None:
    """Looking only at the named moments sees the same history as looking every quarter of an hour."""

    def seen(now: datetime) -> tuple[Light, int, int]:
        reached = rungs_reached(order, now, TERMS)
        return light_of(order, now, TERMS), tier_of(order, now, TERMS), len(reached)

    now, check, last = at(3, 4, 9), at(3, 4, 9), seen(at(3, 4, 9))
    while now < at(4, 5):
        now += timedelta(minutes=15)
        check = next_check(order, check, TERMS) if check is not None and check < now else check
        if seen(now) != last:
            assert check == now
            last = seen(now)
    assert next_check(order, now, TERMS) is None
