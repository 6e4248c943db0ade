"""The alert budget: how many new warnings a unit gets in a week, and how the others wait for theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError
from sqlalchemy import insert
from warn_desk import Desk

from mingjian.domain.budget import Allowance, Budget, week_of
from mingjian.domain.clock import MovableClock
from mingjian.domain.level import Level
from mingjian.domain.reason import WarnReason as R
from mingjian.domain.roles import Role
from mingjian.domain.sector import Owner
from mingjian.store import reranking
from mingjian.store.tables import unit
from mingjian.supervise.said import Actor
from mingjian.supervise.service import act
from mingjian.supervise.terms import terms_of
from mingjian.warn.budget import Asking, Used, admit

OTHER, MONDAY = "subsidy.other", date(2026, 3, 2)


def asking(key: str, level: str, score: int, unit: str = "U", **more: object) -> Asking:
    return Asking(key, unit, "civil_affairs", Level(level), score, **{"since": MONDAY, **more})


@pytest.mark.parametrize(
    ("wanting", "used", "let_in"),
    [
        ([asking("a", "高", 70), asking("b", "高", 90), asking("c", "高", 80)], Used(), "bc"),
        ([asking("a", "高", 70), asking("b", "中", 90), asking("c", "低", 95)], Used(2, 2), "bc"),
        ([asking("a", "低", 99), asking("b", "中", 40), asking("c", "高", 40)], Used(0, 2), "bc"),
        ([asking("a", "高", 70), asking("b", "高", 70, unit="V")], Used(2, 2), "b"),
        ([asking("a", "高", 70)], Used(0, 4), ""),
        ([asking("a", "高", 70, life_safety=True), asking("b", "中", 1)], Used(9, 9), "a"),
        ([asking("a", "中", 50), asking("b", "中", 50, since=date(2026, 2, 2))], Used(0, 3), "b"),
    ],
)
def test_the_most_serious_are_let_in_first(wanting: list[Asking], used: Used, let_in: str) -> None:
    assert admit(wanting, {"U": used}, Budget(high=2, all=4)) == set(let_in)


def test_a_department_type_may_have_numbers_of_its_own() -> None:
    budget = Budget(high=0, all=0, owners={"civil_affairs": Allowance(high=1, all=1)})
    assert admit([asking("a", "高", 70), asking("b", "高", 80)], {}, budget) == {"b"}
    assert admit([replace(asking("a", "高", 70), owner="finance")], {}, budget) == set()


@pytest.mark.parametrize(
    "wrong", [{"high": 4, "all": 3}, {"high": -1}, {"owners": {"x": {"high": 2, "all": 1}}}]
)
def test_a_budget_that_makes_no_sense_is_refused(wrong: dict) -> None:
    with pytest.raises(ValidationError):
        Budget(**wrong)


def test_a_week_goes_from_monday_to_sunday() -> None:
    assert {week_of(date(2026, 3, day)) for day in range(2, 9)} == {(MONDAY, date(2026, 3, 8))}
    assert week_of(date(2026, 1, 1)) == (date(2025, 12, 29), date(2026, 1, 4))


@pytest.fixture
def small(desk: Desk) -> Desk:
    """A desk whose units are given one 高 and two warnings in all a week."""
    desk.run = replace(desk.run, content=replace(desk.run.content, budget=Budget(high=1, all=2)))
    return desk


def test_what_is_over_budget_waits_and_is_let_in_in_later_weeks_in_its_order(small: Desk) -> None:
    strongest, strong, middle, weak = (
        small.see("S1", level="高", score=90)
        + small.see("S2", level="高", score=80)
        + small.see("S3", score=60)
        + small.see("S4", level="低", score=95)
    )
    assert small.walk() == {"findings": 4, R.NEW: 2, R.OVER_BUDGET: 2}
    assert small.ordered() == {strongest, middle}
    assert small.stands(strong) == small.stands(weak) == ("waiting", "over_budget")
    assert small.decisions(strong)[0][2] == {"unit": "line:civil_affairs"}
    small.later(6)
    assert small.walk() == {"findings": 0}
    small.later(1)  # the next Monday; no model saw them again
    assert small.walk() == {"findings": 0, R.ADMITTED: 2}
    assert small.ordered() == {strongest, strong, middle, weak}
    assert small.steps(weak) == ["admit", "triage", "dispatch"] == small.audited(weak)
    assert small.decisions(weak)[-1] == (date(2026, 3, 9), "admitted", {})
    assert small.warning(weak)["hits"] == 1


def test_new_and_waiting_compete_by_level_then_score(small: Desk) -> None:
    small.see("S1", "S2", score=60)
    (waits,) = small.see("S3", score=50)
    small.walk()
    small.later(7)
    better = small.see("S4", "S5", score=55)
    small.see("S3", score=50)
    assert small.walk() == {"findings": 3, R.NEW: 2, R.OVER_BUDGET: 1}
    assert small.stands(waits) == ("waiting", "over_budget") and set(better) <= small.ordered()
    small.later(7)
    small.see("S3", score=50)
    assert small.walk() == {"findings": 1, R.ADMITTED: 1}
    assert small.warning(waits)["hits"] == 3


def test_among_equal_scores_the_order_learned_from_verdicts_says_who_is_let_in(small: Desk) -> None:
    small.see("S1", "S2", score=60)
    waits = small.see("S3", "S4", "S5", score=50)
    assert small.walk() == {"findings": 5, R.NEW: 2, R.OVER_BUDGET: 3}
    with small.engine.begin() as conn:
        reranking.place(
            conn, OTHER, {waits[0]: (-300_000, 0.1), waits[1]: (100_000, 0.6), waits[2]: (200_000, 0.8)}
        )
    small.later(7)
    assert small.walk() == {"findings": 0, R.ADMITTED: 2}
    assert small.stands(waits[0]) == ("waiting", "over_budget")


def test_safety_of_life_waits_for_no_budget_and_takes_none(small: Desk) -> None:
    score = small.run.content.models["subsidy.strong"].score.model_copy(update={"life_safety": True})
    small.change("subsidy.strong", score=score)
    safety = small.see("S1", "S2", "S3", model="subsidy.strong", level="高")
    rest = small.see("S4", "S5")
    assert small.walk() == {"findings": 5, R.NEW: 5}
    assert small.ordered() == {*safety, *rest}


def test_each_unit_has_a_budget_of_its_own(small: Desk) -> None:
    rows = [("X", "150102"), ("Y", "150103")]
    with small.engine.begin() as conn:
        for id, region in rows:
            conn.execute(
                insert(unit).values(
                    id=id, path=f"/{id}/", name=id, level="district", region_code=region,
                    line_code="civil_affairs",
                )
            )  # fmt: skip
    here = small.see("S1", "S2", "S3", region_code="150102")
    there = small.see("S4", "S5", region_code="150103")
    assert small.walk() == {"findings": 5, R.NEW: 4, R.OVER_BUDGET: 1}
    assert {small.warning(w)["unit_id"] for w in there} == {"Y"}
    assert sorted(small.stands(w)[0] for w in here) == ["dispatched", "dispatched", "waiting"]


def test_units_of_several_sectors_have_one_budget(small: Desk) -> None:
    line = Owner(zh="民政", en="Civil affairs", line="civil_affairs")
    sectors = {**small.run.content.sectors}
    sectors["realty"] = sectors["realty"].model_copy(update={"owners": {"civil_affairs": line}})
    models = {**small.run.content.models}
    models["realty.other"] = models[OTHER].model_copy(update={"id": "realty.other"})
    content = replace(small.run.content, sectors=sectors, models=models)
    small.run = replace(small.run, content=content)
    small.see("S1", "S2")
    (late,) = small.see("S3", model="realty.other")
    assert small.walk() == {"findings": 2, R.NEW: 2}
    assert small.walk("realty") == {"findings": 1, R.OVER_BUDGET: 1}
    small.later(7)
    assert small.walk("subsidy") == {"findings": 0, R.ADMITTED: 1}
    assert small.stands(late) == ("new", "admitted")
    small.walk("realty")
    assert small.stands(late)[0] == "dispatched"


def test_a_silenced_warning_gives_its_place_back(small: Desk) -> None:
    mine, other = small.see("S1", "S2", evidence=[])  # both wait for a human's eyes
    (waits,) = small.see("S3", score=10)
    small.walk()
    small.snooze(mine, days=3)
    small.later(1)
    small.see("S1", "S2", evidence=[])
    small.walk()
    assert small.stands(mine)[0] == "recorded" and small.stands(other)[0] == "new"
    small.later(1)
    small.walk()
    assert small.stands(waits)[0] == "dispatched"


def test_a_snoozed_warning_is_not_let_in(small: Desk) -> None:
    small.see("S1", "S2")
    (waits,) = small.see("S3", score=10)
    small.walk()
    small.snooze(waits, days=30)
    small.later(7)
    assert small.walk() == {"findings": 0}
    assert small.stands(waits) == ("waiting", "over_budget")


def test_an_inspector_may_let_a_waiting_warning_in(small: Desk) -> None:
    small.see("S1", "S2")
    (waits,) = small.see("S3", score=10)
    small.walk()
    clock = MovableClock(small.run.clock.now())
    with small.engine.begin() as conn:
        act(conn, clock, waits, "admit", Actor("inspector", Role.R4), terms=terms_of(small.run.content))
    small.walk()
    assert small.stands(waits)[0] == "dispatched"
