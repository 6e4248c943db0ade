"""Dispatch: warnings in, tier-1 orders of the right units out, once, with everything recorded."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, datetime

import pyarrow as pa
import pytest
from sqlalchemy import Engine, text
from supervise_queue import Queue, city_time

from mingjian.domain.clock import Clock
from mingjian.domain.reason import DispatchReason
from mingjian.domain.sector import Owner
from mingjian.run import sync_units
from mingjian.store.register import path_of
from mingjian.store.units import owner_unit
from mingjian.supervise import dispatch
from mingjian.supervise.dispatch import decide

CIVIL = Owner(zh="民政部门", en="Civil affairs", line="civil_affairs")


def test_a_warning_becomes_an_order_with_deadlines_by_level(queue: Queue) -> None:
    high, middle, low = (queue.warn(level=level) for level in "高中低")
    assert dispatch(queue.run, "subsidy") == {"dispatched": 3}
    assert [queue.order(w)["finish_due"] for w in (high, middle, low)] == [
        city_time(3, 9, 18),
        city_time(3, 16, 18),
        city_time(3, 23, 18),
    ]
    order = queue.order(middle)
    assert (order["id"], order["tier"], order["state"], order["light"]) == (
        f"D{middle}",
        1,
        "issued",
        "register",
    )
    assert order["sign_due"] == city_time(3, 3, 18) == order["next_check"]
    assert order["accept_due"] == city_time(3, 4, 18) and order["policy_version"] == 1
    assert order["calendar_version"].startswith("chinesecalendar ") and not order["due_provisional"]
    assert queue.warning(middle)["status"] == "dispatched"


@pytest.mark.parametrize(
    ("now", "accept", "finish"),
    [
        (city_time(3, 6, 16), city_time(3, 10, 18), city_time(3, 20, 18)),
        (city_time(2, 13), city_time(2, 24, 18), city_time(3, 5, 18)),
        (city_time(9, 30), city_time(10, 9, 18), city_time(10, 20, 18)),
    ],
    ids=["Friday", "before Spring Festival", "before National Day"],
)
def test_deadlines_step_over_weekends_and_holidays(queue: Queue, now, accept, finish) -> None:
    queue.clock.at = now
    warned = queue.warn()
    dispatch(queue.run, "subsidy")
    assert (queue.order(warned)["accept_due"], queue.order(warned)["finish_due"]) == (accept, finish)


def test_every_transition_leaves_a_step_and_an_audit_row(queue: Queue) -> None:
    warned = queue.warn()
    dispatch(queue.run, "subsidy")
    assert [(s["action"], s["from_state"], s["to_state"]) for s in queue.steps(warned)] == [
        ("triage", "new", "triaged"),
        ("dispatch", "triaged", "dispatched"),
    ]
    assert [s["action"] for s in queue.steps(f"D{warned}")] == ["issue"]
    triage, sent = queue.audited(warned)
    assert (triage["action"], sent["action"], sent["actor"]) == ("triage", "dispatch", "system")
    assert sent["detail"]["unit_reason"] == "made" and sent["detail"]["reason"] == "dispatched"
    assert queue.chain_holds()


def test_the_unit_is_told_in_the_same_transaction(queue: Queue) -> None:
    warned = queue.warn()
    dispatch(queue.run, "subsidy")
    (letter,) = queue.letters()
    assert (letter["template"], letter["recipient"]) == ("order_issued", "line:civil_affairs")
    assert letter["payload"]["finish_due"] == "2026-03-16 18:00"
    assert letter["idempotency_key"] == f"D{warned}:issued"


def test_dispatching_again_changes_nothing(queue: Queue) -> None:
    queue.warn()
    dispatch(queue.run, "subsidy")
    seen = (queue.orders(), queue.letters())
    assert dispatch(queue.run, "subsidy") == {}
    assert (queue.orders(), queue.letters()) == seen


def test_other_sectors_and_closed_warnings_are_left_alone(queue: Queue) -> None:
    queue.warn(sector="realty", owner="housing")
    queue.warn(status="closed")
    assert dispatch(queue.run, "subsidy") == {}


def test_a_serious_suspicion_about_a_person_waits_for_a_human(queue: Queue) -> None:
    waiting = queue.warn(subject_kind="person", level="高")
    queue.warn(subject_kind="person", level="中")
    assert dispatch(queue.run, "subsidy") == {"awaits_triage": 1, "dispatched": 1}
    assert queue.warning(waiting)["status"] == "new" and not queue.steps(waiting)


def test_once_triaged_by_a_human_it_goes_with_the_next_run(queue: Queue) -> None:
    warned = queue.warn(subject_kind="person", level="高", status="triaged")
    assert dispatch(queue.run, "subsidy") == {"dispatched": 1}
    assert [s["action"] for s in queue.steps(warned)] == ["dispatch"]


def test_shadow_warnings_are_never_dispatched(queue: Queue) -> None:
    queue.warn(status="recorded", reason="shadow")
    queue.warn(status="new", reason="shadow")
    assert dispatch(queue.run, "subsidy") == {"shadow": 1}
    assert not queue.orders() and not queue.letters()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, DispatchReason.DISPATCHED),
        ({"has_order": True}, DispatchReason.ALREADY_ORDERED),
        ({"has_evidence": False}, DispatchReason.AWAITS_TRIAGE),
        ({"has_evidence": False, "status": "triaged"}, DispatchReason.DISPATCHED),
        ({"level": "高"}, DispatchReason.AWAITS_TRIAGE),
        ({"level": "高", "subject_kind": "project"}, DispatchReason.DISPATCHED),
        ({"reason": "shadow"}, DispatchReason.SHADOW),
    ],
)
def test_each_decision_has_its_reason(change: dict, reason: DispatchReason) -> None:
    row = {
        "status": "new",
        "reason": "new",
        "level": "中",
        "subject_kind": "person",
        "has_evidence": True,
        "has_order": False,
    }
    assert decide({**row, **change}, None) is reason


def test_december_deadline_is_provisional_and_says_which_calendar(queue: Queue) -> None:
    queue.clock.at = city_time(12, 28)
    warned = queue.warn(level="高")
    dispatch(queue.run, "subsidy")
    order = queue.order(warned)
    assert order["due_provisional"] and order["calendar_version"].endswith("+weekdays")
    assert order["finish_due"] == city_time(1, 4, 18, year=2027)


@pytest.mark.parametrize(
    ("district", "owner"),
    [
        ("150102", "MZ-XC"),
        ("150103", "MZ-CITY"),
        (None, "MZ-CITY"),
    ],
    ids=["district unit", "no unit there: the city's", "no district: the city's"],
)
def test_the_owner_is_the_districts_unit_else_the_citys(queue: Queue, district, owner) -> None:
    queue.add_unit("MZ-CITY", "civil_affairs", "city", "150100")
    queue.add_unit("MZ-XC", "civil_affairs", "district", "150102000000")
    queue.add_unit("A-hospital", "civil_affairs", "district", "150102", unit_type="hospital")
    queue.add_unit("TOWN", "civil_affairs", "town", "150103001")
    with queue.engine.begin() as conn:
        assert owner_unit(conn, CIVIL, district) == owner


def test_without_any_unit_one_is_made_for_the_line(queue: Queue) -> None:
    with queue.engine.begin() as conn:
        made = [owner_unit(conn, CIVIL, district) for district in ("150102", "150103", None)]
        name = conn.execute(text("SELECT name, name_en FROM unit")).all()
    assert made == ["line:civil_affairs"] * 3
    assert name == [("民政部门", "Civil affairs")]


def test_an_owner_that_no_manifest_knows_still_gets_its_order(queue: Queue) -> None:
    warned = queue.warn(owner="grain_bureau")
    dispatch(queue.run, "subsidy")
    assert queue.order(warned)["unit_id"] == "line:grain_bureau"


def test_units_come_from_the_ready_register_with_their_paths(queue: Queue) -> None:
    rows = [
        {"org_id": "C", "parent_org_id": None, "level": "city", "line_code": None, "valid_to": None},
        {"org_id": "D", "parent_org_id": "C", "level": "district", "line_code": "gas", "valid_to": None},
        {
            "org_id": "OLD",
            "parent_org_id": "C",
            "level": "district",
            "line_code": "gas",
            "valid_to": date(2025, 1, 1),
        },
    ]
    full = [
        {"name": r["org_id"], "org_type": "gov_dept", "region_code": "150102", "valid_from": None, **r}
        for r in rows
    ]
    queue.run.lake.replace("org_unit", pa.Table.from_pylist(full), queue.run.as_of)
    assert sync_units(queue.run) == {"units": 3} == sync_units(queue.run)
    with queue.engine.begin() as conn:
        found = conn.execute(text("SELECT id, path, line_code FROM unit ORDER BY id")).all()
        gas = owner_unit(conn, Owner(zh="燃气", en="Gas", line="gas"), "150102")
    assert found == [("C", "/C/", None), ("D", "/C/D/", "gas"), ("OLD", "/C/OLD/", None)]
    assert gas == "D"


def test_a_broken_hierarchy_still_gives_every_unit_a_path() -> None:
    parents = {"a": "b", "b": "a", "c": "gone", "d": "c"}
    assert [path_of(u, parents) for u in "abcd"] == ["/b/a/", "/a/b/", "/c/", "/c/d/"]


def test_two_thousand_warnings_take_seconds_and_a_second_dispatcher_finds_none(queue: Queue) -> None:
    queue.warn_many([{}] * 2000)
    began = time.monotonic()
    assert dispatch(queue.run, "subsidy") == {"dispatched": 2000}
    assert time.monotonic() - began < 10
    assert dispatch(queue.run, "subsidy") == {}
    assert queue.chain_holds()


def test_rows_that_another_dispatcher_holds_are_passed_over(queue: Queue, queue_engine: Engine) -> None:
    held, free = queue.warn(), queue.warn()
    with queue_engine.begin() as other:
        other.execute(text("SELECT 1 FROM warning WHERE id = :id FOR UPDATE"), {"id": held})
        assert dispatch(queue.run, "subsidy") == {"dispatched": 1}
    assert queue.warning(free)["status"] == "dispatched" and queue.warning(held)["status"] == "new"


class PowerCut:
    """A clock that stops the run at its second reading: in the middle of the second batch."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.readings = clock, 0

    def now(self) -> datetime:
        self.readings += 1
        if self.readings == 2:
            raise KeyboardInterrupt
        return self.clock.now()


def test_killed_in_a_batch_the_next_run_does_the_rest(queue: Queue) -> None:
    queue.warn_many([{}] * 600)
    with pytest.raises(KeyboardInterrupt):
        dispatch(replace(queue.run, clock=PowerCut(queue.clock)), "subsidy")
    assert len(queue.orders()) == 500 == len(queue.letters())
    assert dispatch(queue.run, "subsidy") == {"dispatched": 100}
    assert len(queue.orders()) == 600 == len(queue.letters())
    assert queue.chain_holds()
