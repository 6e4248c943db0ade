"""Who stands in for whom, and who is on duty now."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from office import USERS, Office

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.errors import MingjianError
from mingjian.domain.roles import Role
from mingjian.domain.unit import AbsenceReason
from mingjian.organisation import cover
from mingjian.store import absences, duties
from mingjian.store.duties import OnDuty

MONDAY = date(2026, 3, 2)
FRIDAY = date(2026, 3, 6)


@pytest.fixture
def city(office: Office) -> Office:
    office.load(users=USERS + "ma,马某,CA,R1,own_org\n")
    return office


def away(city: Office, user: str, deputy: str, first: date = MONDAY, last: date = FRIDAY) -> int:
    with city.engine.begin() as conn:
        return cover.be_absent(conn, city.clock, user, deputy, first, last, AbsenceReason.LEAVE, "boss")


def lent(city: Office, user: str) -> list[str]:
    with city.engine.connect() as conn:
        return [p.user_id for p in absences.acting_for(conn, user, city.clock.now())]


def on_duty(city: Office, *units: str) -> dict[str, list[OnDuty]]:
    with city.engine.connect() as conn:
        return duties.on_duty(conn, units, city.clock.now())


def duty(city: Office, user: str, **more: object) -> int:
    said: dict[str, object] = {
        "unit_id": None,
        "line_code": None,
        "role": None,
        "first_day": MONDAY,
        "last_day": None,
        "weekdays": cover.WHOLE_WEEK,
    }
    with city.engine.begin() as conn:
        return cover.put_on_duty(conn, city.clock, user, actor="boss", **{**said, **more})  # type: ignore[arg-type]


def test_a_deputy_stands_in_from_the_first_day_to_the_last(city: Office) -> None:
    away(city, "wang", "li", first=date(2026, 3, 3))
    seen = []
    for _day in range(6):
        seen.append(lent(city, "li"))
        city.clock.move(days=1)
    assert seen == [[], ["wang"], ["wang"], ["wang"], ["wang"], []]
    assert lent(city, "wang") == []


def test_the_last_day_ends_at_midnight_of_the_city(city: Office) -> None:
    away(city, "wang", "li")
    city.clock.at = datetime(2026, 3, 6, 23, 59, tzinfo=CITY_TZ)
    assert lent(city, "li") == ["wang"]
    city.clock.at += timedelta(minutes=1)
    assert lent(city, "li") == []


def test_who_is_back_early_is_back_at_once(city: Office) -> None:
    away(city, "wang", "li")
    with city.engine.begin() as conn:
        assert cover.be_back(conn, city.clock, "wang", MONDAY, "boss") == 1
    assert lent(city, "li") == []
    away(city, "wang", "ma")
    assert lent(city, "ma") == ["wang"]


def test_a_deputy_who_leaves_the_unit_or_the_service_lends_no_hand(city: Office) -> None:
    away(city, "wang", "li")
    city.load(users="账号,姓名,单位编码,角色,数据范围\nli,李某,CB,R1,own_org\n")
    assert lent(city, "li") == []
    city.load(users="账号,姓名,单位编码,角色,数据范围,是否启用\nli,李某,CA,R1,own_org,否\n")
    assert lent(city, "li") == []


REFUSED = {
    "oneself": ("li", "li"),
    "somebody of another unit": ("li", "zhou"),
    "nobody": ("li", "nowhere"),
    "somebody who is away": ("wang", "ma"),
    "away twice": ("ma", "wang"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_deputy_who_cannot_be_is_refused(city: Office, name: str) -> None:
    away(city, "ma", "li", first=FRIDAY, last=FRIDAY)
    with pytest.raises(MingjianError):
        away(city, *REFUSED[name])


def test_an_absence_is_audited_by_code_and_says_nothing_of_health(city: Office) -> None:
    away(city, "wang", "li")
    told = city.audited()[-1]
    assert (told["action"], told["object_id"]) == ("absence", "wang")
    assert told["detail"] == {"deputy": "li", "from": "2026-03-02", "to": "2026-03-06", "reason": "leave"}


def test_the_duty_list_of_the_unit_comes_before_that_of_its_line(city: Office) -> None:
    duty(city, "zhao", line_code="civil_affairs", role=Role.R3)
    duty(city, "li", unit_id="CA")
    assert on_duty(city, "CA", "CB", "T1") == {
        "CA": [OnDuty("li", "李某", "R1")],
        "CB": [OnDuty("zhao", "赵某", "R3")],
        "T1": [],
    }


def test_duty_follows_weekdays_and_days(city: Office) -> None:
    duty(city, "li", unit_id="CA", weekdays=cover.weekdays_of("1-5"))
    duty(city, "ma", unit_id="CA", weekdays=cover.weekdays_of("6,7"), last_day=date(2026, 3, 8))
    names = []
    for _day in range(14):
        names.append("".join(one.user_id for one in on_duty(city, "CA")["CA"]))
        city.clock.move(days=1)
    assert names == [*["li"] * 5, "ma", "ma", *["li"] * 5, "", ""]


def test_the_deputy_is_on_duty_for_whoever_is_absent(city: Office) -> None:
    duty(city, "li", unit_id="CA")
    away(city, "li", "ma")
    assert on_duty(city, "CA")["CA"] == [OnDuty("ma", "马某", "R1", instead_of="li")]


def test_who_is_taken_off_is_off(city: Office) -> None:
    entry = duty(city, "li", unit_id="CA")
    with city.engine.begin() as conn:
        cover.take_off_duty(conn, city.clock, entry, "boss")
    assert on_duty(city, "CA") == {"CA": []}
    with pytest.raises(MingjianError), city.engine.begin() as conn:
        cover.take_off_duty(conn, city.clock, entry, "boss")


@pytest.mark.parametrize(("said", "bits"), [("1-5", 31), ("6,7", 96), ("1-3,5", 23), ("7", 64), ("1-7", 127)])
def test_weekdays_as_people_write_them(said: str, bits: int) -> None:
    assert cover.weekdays_of(said) == bits
    assert cover.weekdays_of(cover.said_weekdays(bits)) == bits


@pytest.mark.parametrize("said", ["", "0", "8", "5-1", "mon", "1--3", "1-", "²"])
def test_weekdays_nobody_understands(said: str) -> None:
    with pytest.raises(MingjianError):
        cover.weekdays_of(said)
