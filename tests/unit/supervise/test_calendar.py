"""Working days: weekends, holidays, 调休 Saturdays, and years without a table."""

from datetime import date, datetime

import pytest

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.policy import LocalDays
from mingjian.supervise.calendar import CITY_CALENDAR, WorkCalendar


def at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=CITY_TZ)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (at(2026, 3, 2), 1, at(2026, 3, 3, 18)),
        (at(2026, 3, 2, 23), 1, at(2026, 3, 3, 18)),
        (at(2026, 3, 2), 0, at(2026, 3, 2, 18)),
        (at(2026, 3, 7), 0, at(2026, 3, 9, 18)),
        (at(2026, 3, 6), 2, at(2026, 3, 10, 18)),
        (at(2026, 3, 7), 2, at(2026, 3, 10, 18)),
        # Spring Festival 2026: 15-23 February off, Saturdays 14 and 28 February worked.
        (at(2026, 2, 13), 1, at(2026, 2, 14, 18)),
        (at(2026, 2, 13), 2, at(2026, 2, 24, 18)),
        (at(2026, 2, 26), 2, at(2026, 2, 28, 18)),
        # National Day 2026: 1-7 October off, Sunday 20 September and Saturday 10 October worked.
        (at(2026, 9, 30), 1, at(2026, 10, 8, 18)),
        (at(2026, 10, 8), 2, at(2026, 10, 10, 18)),
        (at(2026, 9, 18), 1, at(2026, 9, 20, 18)),
    ],
)
def test_limit_ends_at_closing_time_of_its_last_working_day(
    start: datetime, days: int, due: datetime
) -> None:
    assert CITY_CALENDAR.add(start, days) == (due, False)


def test_moments_of_other_zones_count_by_the_citys_day() -> None:
    utc_evening = datetime.fromisoformat("2026-03-02T20:00:00+00:00")
    assert CITY_CALENDAR.add(utc_evening, 1).at == at(2026, 3, 4, 18)


def test_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        CITY_CALENDAR.add(at(2026, 3, 2), -1)


def test_december_deadline_reaches_a_year_without_a_table_and_says_so() -> None:
    calendar = WorkCalendar()
    within, beyond = calendar.add(at(2026, 12, 28), 2), calendar.add(at(2026, 12, 28), 5)
    assert within == (at(2026, 12, 30, 18), False)
    assert beyond == (at(2027, 1, 4, 18), True)
    assert calendar.version_for(within).startswith("chinesecalendar ")
    assert calendar.version_for(within, beyond) == calendar.version_for(within) + "+weekdays"


def test_a_table_of_the_new_year_ends_the_guess() -> None:
    published = WorkCalendar(known=lambda day: day.weekday() < 5 and day != date(2027, 1, 1), name="2027")
    assert published.add(at(2026, 12, 28), 5) == (at(2027, 1, 5, 18), False)


@pytest.mark.parametrize(
    ("earlier", "later", "days"),
    [
        (at(2026, 3, 2), at(2026, 3, 2, 18), 0),
        (at(2026, 3, 6), at(2026, 3, 9), 1),
        (at(2026, 9, 30), at(2026, 10, 10), 3),
        (at(2026, 3, 9), at(2026, 3, 2), 0),
    ],
)
def test_days_between(earlier: datetime, later: datetime, days: int) -> None:
    assert CITY_CALENDAR.between(earlier, later) == days


def test_between_undoes_add() -> None:
    start = at(2026, 9, 18)
    assert all(CITY_CALENDAR.between(start, CITY_CALENDAR.add(start, n).at) == n for n in range(1, 40))


def test_opens_before_is_the_morning_from_which_so_many_days_are_left() -> None:
    due = at(2026, 10, 9, 18)
    assert WorkCalendar().opens_before(due, 2) == at(2026, 9, 30, 0)
    assert CITY_CALENDAR.between(WorkCalendar().opens_before(due, 2), due) == 2


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (at(2026, 3, 2, 9), at(2026, 3, 2, 18)),
        (at(2026, 3, 2, 11), at(2026, 3, 2, 18)),
        (at(2026, 3, 2, 12), at(2026, 3, 3, 12)),
        (at(2026, 3, 2, 20), at(2026, 3, 3, 12)),
        (at(2026, 3, 6, 15), at(2026, 3, 9, 12)),
        (at(2026, 3, 7, 9), at(2026, 3, 9, 12)),
        (at(2026, 9, 30, 17), at(2026, 10, 8, 12)),
    ],
)
def test_four_work_hours_are_the_next_half_of_a_working_day(start: datetime, due: datetime) -> None:
    assert CITY_CALENDAR.add(start, 0.5) == (due, False)


def test_a_day_and_a_half_ends_at_noon() -> None:
    assert CITY_CALENDAR.add(at(2026, 3, 2), 1.5) == (at(2026, 3, 4, 12), False)


LOCAL = LocalDays(
    version=3,
    days_off={date(2026, 8, 14): "府发〔2026〕1号"},
    days_worked={date(2026, 8, 16): "府发〔2026〕1号"},
    mornings={date(2026, 8, 13): "府办发〔2026〕2号"},
)


def test_the_citys_own_days_stand_over_the_table_and_are_never_a_guess() -> None:
    calendar = WorkCalendar(local=LOCAL)
    assert calendar.add(at(2026, 8, 13), 1) == (at(2026, 8, 16, 18), False)
    assert calendar.add(at(2026, 8, 12), 1) == (at(2026, 8, 13, 12), False)
    assert calendar.add(at(2026, 8, 13), 0.5) == (at(2026, 8, 16, 12), False)
    assert calendar.between(at(2026, 8, 12), at(2026, 8, 17)) == 3
    assert calendar.version_for().endswith(", local 3")


def test_a_day_in_two_lists_is_refused() -> None:
    with pytest.raises(ValueError, match="two lists: 2026-08-14"):
        LocalDays(
            version=1, days_off={date(2026, 8, 14): "a"}, days_worked={date(2026, 8, 14): "b"}, mornings={}
        )
