"""Local values of parameters: what may be typed, which value holds where and when, and what the audit log keeps."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, select

from mingjian.domain.clock import MovableClock
from mingjian.domain.errors import MingjianError, NotFound
from mingjian.domain.model import Param
from mingjian.domain.override import Override, checked_value
from mingjian.store import audit, overrides
from mingjian.store.overrides import NewOverride, overrides_at
from mingjian.store.tables import audit_log

JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)


def param(value: Any, unit: str = "") -> Param:
    return Param(value=value, unit=unit, zh="参数", en="parameter")


@pytest.mark.parametrize(
    ("default", "unit", "typed", "value"),
    [
        (60, "日", "90", 90),
        (60, "日", " 90 日", 90),
        (1.05, "倍", "1.1", 1.1),
        (1.05, "倍", "2", 2.0),
        (-1, "日", "-5", -5),
        (True, "", "False", False),
        ("dibao", "", "tekun", "tekun"),
        (["funeral"], "", "funeral, relief", ["funeral", "relief"]),
        (["funeral"], "", "[无, 'a, b']", ["无", "a, b"]),
        ([1, 2], "级", "3", [3]),
    ],
)
def test_what_is_typed_becomes_a_value_of_the_declared_kind(
    default: Any, unit: str, typed: str, value: Any
) -> None:
    checked = checked_value("p", param(default, unit), typed)
    assert checked == value and type(checked) is type(value)


@pytest.mark.parametrize(
    ("default", "unit", "typed", "said"),
    [
        (60, "日", "3个月", "单位是 日"),
        (60, "日", "很久", "应为数"),
        (60, "日", "1.5", "应为整数"),
        (60, "日", "-1", "负数"),
        (0.5, "", "nan", "应为数"),
        (True, "", "1", "true 或 false"),
        ("dibao", "", " ", "不能为空"),
        (["funeral"], "", "[", "逗号"),
        (["funeral"], "", "", "不能为空"),
        ([1, 2], "", "a", "应为数"),
    ],
)
def test_another_kind_or_unit_is_refused_and_says_what_is_right(
    default: Any, unit: str, typed: str, said: str
) -> None:
    with pytest.raises(MingjianError) as told:
        checked_value("p", param(default, unit), typed)
    assert "p" in told.value.message and said in told.value.hint


def put(conn: Connection, clock: MovableClock, value: Any, district: str | None = None, **more: Any) -> int:
    new = {"model": "m", "name": "days", "valid_from": JUNE, "valid_to": None, "reason": "因为", **more}
    return overrides.add(conn, NewOverride(value=value, district=district, **new), "steward", clock.now())


def test_a_later_value_beats_an_earlier_and_a_districts_beats_the_citys(
    conn: Connection, clock: MovableClock
) -> None:
    put(conn, clock, 50, "150102")
    put(conn, clock, 60)
    put(conn, clock, 70)
    put(conn, clock, 2, "150103", name="times")
    put(conn, clock, [1], model="n", name="grades", district="150102")
    assert overrides_at(conn, JUNE) == {
        "m": [
            Override(None, {"days": 70}),
            Override("150102", {"days": 50}),
            Override("150103", {"days": 70, "times": 2}),
        ],
        "n": [Override("150102", {"grades": [1]})],
    }


def test_a_value_holds_from_its_first_day_to_its_last(conn: Connection, clock: MovableClock) -> None:
    put(conn, clock, 60, valid_from=JULY, valid_to=JULY)
    assert overrides_at(conn, JUNE) == {} == overrides_at(conn, AUGUST)
    assert overrides_at(conn, JULY) == {"m": [Override(None, {"days": 60})]}


def test_an_ended_value_holds_no_longer_and_an_end_is_never_put_off(
    conn: Connection, clock: MovableClock
) -> None:
    first, second = put(conn, clock, 60), put(conn, clock, 70, valid_to=JUNE)
    overrides.end(conn, first, JULY, "steward", clock.now())
    overrides.end(conn, second, AUGUST, "steward", clock.now())
    assert [row["valid_to"] for row in overrides.all_of(conn, "m")] == [date(2026, 6, 30), JUNE]
    assert overrides_at(conn, JULY) == {}
    with pytest.raises(NotFound, match=str(second + 1)):
        overrides.end(conn, second + 1, JULY, "steward", clock.now())


def test_setting_and_ending_are_audited(conn: Connection, clock: MovableClock) -> None:
    made = put(conn, clock, 60, "150102")
    overrides.end(conn, made, JULY, "steward", clock.now())
    rows = conn.execute(
        select(audit_log).where(
            audit_log.c.object_kind == "param_override", audit_log.c.object_id == str(made)
        )
    ).all()
    assert [(row.action, row.actor) for row in rows] == [("set_param", "steward"), ("end_param", "steward")]
    assert (rows[0].detail["value"], rows[0].detail["district"]) == (60, "150102")
    assert rows[1].detail == {"valid_to": "2026-06-30"}
    assert audit.verify(conn) is None
