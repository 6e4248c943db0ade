"""Units move, merge, are renamed and close; what they were stays known for every day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from office import UNITS, Office
from sqlalchemy import Connection, text

from mingjian.domain.errors import MingjianError
from mingjian.organisation import change
from mingjian.organisation.change import Decision, Merged
from mingjian.store import organisation
from mingjian.store.organisation import Stood

DOCUMENT = "编委发〔2026〕8号"


@pytest.fixture
def city(office: Office) -> Office:
    office.load()
    return office


def decide(city: Office, do: Callable[[Connection, Decision], object], day: date | None = None) -> object:
    with city.engine.begin() as conn:
        return do(conn, change.decide(city.clock, "boss", DOCUMENT, day))


def move(city: Office, unit: str, to: str) -> object:
    return decide(city, lambda conn, why: change.move(conn, unit, to, why))


def merge(city: Office, units: list[str], into: str) -> object:
    return decide(city, lambda conn, why: change.merge(conn, units, into, why))


def rename(city: Office, unit: str, name: str) -> object:
    return decide(city, lambda conn, why: change.rename(conn, unit, name, why))


def close(city: Office, unit: str) -> object:
    return decide(city, lambda conn, why: change.close(conn, unit, why))


def stood(city: Office, unit: str, day: date) -> Stood:
    with city.engine.connect() as conn:
        return organisation.as_of(conn, [unit], day)[unit]


def test_a_moved_unit_takes_its_subtree_along(city: Office) -> None:
    assert move(city, "T1", "DB") == 3
    paths = city.paths()
    assert (paths["T1"], paths["V1"], paths["CA"]) == ("/C/DB/T1/", "/C/DB/T1/V1/", "/C/DA/CA/")
    assert city.changes() == [("T1", "moved", "DA", "DB")]
    told = city.audited()[-1]
    assert (told["action"], told["object_id"], told["detail"]["document"]) == ("unit_moved", "T1", DOCUMENT)
    assert city.chain_holds()


def test_a_path_that_looks_like_another_is_not_taken_along(city: Office) -> None:
    city.load(UNITS + "T1_,DA,甲,镇街\nT1X,DA,乙,镇街\n", None)
    move(city, "T1", "DB")
    assert (city.paths()["T1_"], city.paths()["T1X"]) == ("/C/DA/T1_/", "/C/DA/T1X/")


MOVES_REFUSED = {
    "below itself": ("DA", "CA"),
    "to itself": ("DA", "DA"),
    "where it is": ("T1", "DA"),
    "a village to a district": ("V1", "DA"),
    "a city to a district": ("C", "DA"),
    "to nowhere": ("T1", "nowhere"),
    "nobody": ("nowhere", "C"),
}


@pytest.mark.parametrize("name", MOVES_REFUSED)
def test_a_move_that_cannot_be_is_refused_and_changes_nothing(city: Office, name: str) -> None:
    before = (city.paths(), city.audited())
    with pytest.raises(MingjianError) as told:
        move(city, *MOVES_REFUSED[name])
    assert told.value.hint
    assert (city.paths(), city.audited()) == before


def test_a_merger_hands_over_users_and_units_below_and_the_old_id_is_understood(city: Office) -> None:
    assert merge(city, ["DA"], "DB") == Merged(orders=0, users=1, units=2)
    assert city.paths()["V1"] == "/C/DB/T1/V1/"
    sun = city.user("sun")
    assert (sun["unit_id"], sun["region_code"]) == ("DB", "150105")
    old = city.unit("DA")
    assert (old["closed_on"], old["successor_id"]) == (date(2026, 3, 2), "DB")
    merge(city, ["CA"], "CB")
    with city.engine.connect() as conn:
        assert organisation.successors(conn, ["DA", "CA", "C"]) == {"DA": "DB", "CA": "CB", "C": "C"}
        assert organisation.standing(conn, ["DA", "C"]) == {"DA": "DB", "C": "C"}


def test_a_chain_of_mergers_leads_to_the_unit_of_today(city: Office) -> None:
    city.load(UNITS + "CX,DB,某局,区县,150105,\n", None)
    merge(city, ["CA"], "CB")
    merge(city, ["CB"], "CX")
    with city.engine.connect() as conn:
        assert organisation.successors(conn, ["CA"]) == {"CA": "CX"}


MERGERS_REFUSED = {
    "into itself": (["CA"], "CA"),
    "into one below": (["DA"], "CA"),
    "into nothing": (["CA"], "nowhere"),
    "what stands below does not fit": (["T1"], "CB"),
}


@pytest.mark.parametrize("name", MERGERS_REFUSED)
def test_a_merger_that_cannot_be_is_refused_and_changes_nothing(city: Office, name: str) -> None:
    before = (city.paths(), city.audited(), city.user("sun")["unit_id"])
    with pytest.raises(MingjianError):
        merge(city, *MERGERS_REFUSED[name])
    assert (city.paths(), city.audited(), city.user("sun")["unit_id"]) == before


def test_a_closed_unit_is_closed_for_everything(city: Office) -> None:
    merge(city, ["CA"], "CB")
    for again in (
        lambda: move(city, "CA", "DB"),
        lambda: rename(city, "CA", "新名"),
        lambda: close(city, "CA"),
        lambda: merge(city, ["CB"], "CA"),
    ):
        with pytest.raises(MingjianError) as told:
            again()
        assert "CB" in told.value.hint
    told_rows = city.refused(
        city.load(UNITS + "K,CA,某所,区县\n", "账号,姓名,单位编码,角色,数据范围\nx,某,CA,R1,own_org\n")
    )
    assert [(r[0], r[2], r[4]) for r in told_rows] == [
        ("units.csv", "CA", "closed"),
        ("units.csv", "K", "parent_closed"),
        ("users.csv", "x", "unit_closed"),
    ]


def test_a_unit_with_something_left_is_not_closed_and_says_what(city: Office) -> None:
    with pytest.raises(MingjianError, match="2 个下级单位"):
        close(city, "T1")
    with pytest.raises(MingjianError, match="2 个在用账号"):
        close(city, "CA")
    close(city, "V2")
    assert city.unit("V2")["closed_on"] == date(2026, 3, 2)


def test_where_a_unit_stood_on_any_day(city: Office) -> None:
    city.clock.move(days=10)
    rename(city, "T1", "东河街道")
    city.clock.move(days=10)
    move(city, "T1", "DB")
    city.clock.move(days=10)
    rename(city, "DB", "赛罕新区")
    close(city, "V2")
    first, named, moved = date(2026, 3, 2), date(2026, 3, 12), date(2026, 3, 22)
    last = date(2026, 4, 1)
    assert stood(city, "T1", first) == Stood("T1", "东街街道", (("DA", "新城区"), ("C", "青城市")), True)
    assert stood(city, "T1", named) == Stood("T1", "东河街道", (("DA", "新城区"), ("C", "青城市")), True)
    assert stood(city, "T1", moved) == Stood("T1", "东河街道", (("DB", "赛罕区"), ("C", "青城市")), True)
    assert stood(city, "V1", last).above[:2] == (("T1", "东河街道"), ("DB", "赛罕新区"))
    assert (stood(city, "V2", moved).open, stood(city, "V2", last).open) == (True, False)


def test_a_unit_did_not_stand_before_it_was_opened(city: Office) -> None:
    city.load("id,parent,name,level,valid_from\nN,C,新局,city,2026-01-15\n", None)
    assert [stood(city, "N", day).open for day in (date(2026, 1, 14), date(2026, 1, 15))] == [False, True]


def test_changes_are_recorded_in_their_order_and_never_for_a_day_to_come(city: Office) -> None:
    city.clock.move(days=10)
    move(city, "T1", "DB")
    with pytest.raises(MingjianError):
        decide(city, lambda conn, why: change.move(conn, "T1", "DA", why), date(2026, 3, 3))
    with pytest.raises(MingjianError):
        change.decide(city.clock, "boss", DOCUMENT, date(2026, 3, 13))
    with pytest.raises(MingjianError):
        change.decide(city.clock, "boss", "  ")


def test_an_older_file_does_not_undo_what_was_decided_since(city: Office) -> None:
    drawn_up = city.clock.now().date()
    city.clock.move(days=10)
    move(city, "T1", "DB")
    rename(city, "CA", "民政和社工局")
    done = city.load(as_of=drawn_up)
    assert (done.units.changed, done.units.kept) == (0, 2)
    assert (city.paths()["T1"], city.unit("CA")["name"]) == ("/C/DB/T1/", "民政和社工局")
    assert city.load().units.changed == 2


def test_a_subtree_is_found_by_its_index(city: Office) -> None:
    with city.engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO unit (id, parent_id, path, name, level) "
                "SELECT 'Z' || n, 'C', '/C/Z' || n || '/', 'z', 'city' FROM generate_series(1, 20000) n"
            )
        )
        conn.execute(text("ANALYZE unit"))
        plan = conn.execute(text("EXPLAIN SELECT id FROM unit WHERE path LIKE '/C/DA/T1/' || '%'")).scalars()
        assert "ix_unit_path" in "\n".join(plan)
