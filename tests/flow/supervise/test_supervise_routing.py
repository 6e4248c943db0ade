"""Routing on dispatch: the rules of the policy send matters, and every decision says how and by which rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event
from supervise_queue import Queue

from mingjian.domain.errors import TransitionError
from mingjian.domain.roles import Role
from mingjian.domain.routing import Routing
from mingjian.supervise import act, dispatch
from mingjian.supervise.said import Actor, Said

CASES = {"fires": [{"model": "subsidy.deceased_payee"}]}


def ruled(queue: Queue, *rules: dict[str, Any], **bundles: str) -> None:
    """The city's policy with these rules before the last one."""
    policy = queue.run.content.policy
    named = [{"zh": "", "en": "", "cases": CASES, **rule} for rule in rules]
    last = policy.routing.rules[-1].model_dump()
    kept = {**policy.routing.bundles.model_dump(), **bundles}
    routing = Routing.model_validate({"rules": [*named, last], "bundles": kept})
    content = replace(queue.run.content, policy=policy.model_copy(update={"routing": routing}))
    queue.run = replace(queue.run, content=content)


def told(queue: Queue, warned: str) -> dict[str, Any]:
    """What the audit row of the dispatch keeps."""
    return queue.audited(warned)[-1]["detail"]


@pytest.fixture
def units(queue: Queue) -> Queue:
    queue.add_unit("MZ-CITY", "civil_affairs", "city", "150100")
    queue.add_unit("MZ-XC", "civil_affairs", "district", "150102000000")
    queue.add_unit("CZ-CITY", "finance", "city", "150100")
    queue.add_unit("CZ-XC", "finance", "district", "150102")
    queue.add_unit("SPECIAL", None, "city", "150100")
    queue.add_unit("TOWN", "civil_affairs", "town", "150102001")
    return queue


@pytest.mark.parametrize(
    ("when", "to", "unit", "why"),
    [
        ({}, {"line": "owner", "level": "city"}, "MZ-CITY", "city"),
        ({"models": ["subsidy.*"]}, {"line": "finance"}, "CZ-XC", "district"),
        ({"models": ["subsidy.*"]}, {"line": "finance", "level": "city"}, "CZ-CITY", "city"),
        ({"subjects": ["project"]}, {"unit": "SPECIAL"}, "SPECIAL", "named"),
        ({"regions": ["150102"]}, {"line": "agriculture"}, "line:agriculture", "made"),
    ],
)
def test_a_rule_sends_to_its_unit_or_line(units: Queue, when: Any, to: Any, unit: str, why: str) -> None:
    ruled(units, {"name": "mine", "when": when, "to": to})
    warned = units.warn()
    dispatch(units.run, "subsidy")
    order = units.order(warned)
    assert (order["unit_id"], order["routed_why"], order["routed_rule"]) == (unit, why, "mine")
    assert (told(units, warned)["unit_reason"], told(units, warned)["rule"]) == (why, "mine")


@pytest.mark.parametrize(
    "when",
    [{"models": ["realty.*"]}, {"subjects": ["person"]}, {"regions": ["150103"]}, {"levels": ["高"]},
     {"lines": ["finance"]}],
)  # fmt: skip
def test_what_no_rule_fits_goes_to_the_owners_line(units: Queue, when: Any) -> None:
    ruled(units, {"name": "mine", "when": when, "to": {"unit": "SPECIAL"}})
    warned = units.warn()
    dispatch(units.run, "subsidy")
    order = units.order(warned)
    assert (order["unit_id"], order["routed_why"], order["routed_rule"]) == (
        "MZ-XC",
        "district",
        "owner_line",
    )


@pytest.mark.parametrize("unit", ["GONE", "TOWN", "OLD"])
def test_a_rule_whose_unit_does_not_stand_is_passed_over(units: Queue, unit: str) -> None:
    units.add_unit("OLD", None, "city", "150100", closed_on=units.clock.now().date())
    ruled(units, {"name": "mine", "to": {"unit": unit}})
    warned = units.warn()
    dispatch(units.run, "subsidy")
    assert units.order(warned)["unit_id"] == "MZ-XC"
    assert (told(units, warned)["rule"], told(units, warned)["rules_passed"]) == ("owner_line", ["mine"])


def test_the_dispatchers_choice_comes_before_the_rules(units: Queue) -> None:
    warned = units.warn(status="triaged")
    with units.engine.begin() as conn:
        there = Said(unit_id="CZ-XC")
        act(conn, units.clock, warned, "assign", Actor("qian", Role.R3), there, terms=units.terms)
    dispatch(units.run, "subsidy")
    order = units.order(warned)
    assert (order["unit_id"], order["routed_why"], order["routed_rule"]) == ("CZ-XC", "chosen", "")


@pytest.mark.parametrize("action", ["dispatch", "assign"])
def test_no_department_matter_is_passed_down_to_a_town(units: Queue, action: str) -> None:
    warned = units.warn(status="triaged")
    down = Said(unit_id="TOWN")
    with pytest.raises(TransitionError, match="镇街"), units.engine.begin() as conn:
        act(conn, units.clock, warned, action, Actor("qian", Role.R3), down, terms=units.terms)
    assert not units.orders()


def test_a_batch_asks_as_many_questions_as_one_warning(units: Queue) -> None:
    """No question is asked for each warning: 400 take exactly the statements that 1 takes."""
    ruled(
        units,
        {"name": "mine", "when": {"levels": ["高"]}, "to": {"unit": "SPECIAL"}, "co_handlers": ["finance"]},
    )
    asked: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    def statements(number: int) -> int:
        units.warn_many([{"level": "高中低"[n % 3]} for n in range(number)])
        asked.clear()
        dispatch(units.run, "subsidy")
        return len(asked)

    event.listen(units.engine, "before_cursor_execute", note)
    try:
        statements(3)
        assert statements(3) == statements(400)
    finally:
        event.remove(units.engine, "before_cursor_execute", note)
