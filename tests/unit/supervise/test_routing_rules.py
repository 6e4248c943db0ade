"""Routing rules as a table: what fits, what decides, and which rule can never decide."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mingjian.domain.level import Level
from mingjian.domain.routing import Matter, Routing, RoutingRule, When, never_reached
from mingjian.domain.sector import Owner

GAS = Owner(zh="燃气", en="Gas", line="gas")
WATER = Owner(zh="水务", en="Water", line="water")
CASES = {"fires": [{"model": "utility.a"}]}
LAST = {"name": "owner_line", "zh": "", "en": "", "to": {"line": "owner"}, "cases": CASES}


def matter(model: str = "utility.a", **more: Any) -> Matter:
    return Matter(
        **{
            "model": model,
            "subject": "company",
            "region": "150102",
            "owner": GAS,
            "level": Level.MEDIUM,
            **more,
        }
    )


def rule(name: str, **when: Any) -> RoutingRule:
    return RoutingRule.model_validate({**LAST, "name": name, "when": when, "to": {"line": "gas"}})


def routing(*rules: RoutingRule) -> Routing:
    return Routing(
        rules=[*rules, RoutingRule.model_validate(LAST)],
        bundles={"same_model": "merge", "same_line": "follow"},
    )


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ({}, True),
        ({"models": ["utility.a"]}, True),
        ({"models": ["utility.*"]}, True),
        ({"models": ["realty.*"]}, False),
        ({"models": ["realty.*", "utility.a"]}, True),
        ({"subjects": ["company"]}, True),
        ({"subjects": ["person"]}, False),
        ({"regions": ["1501"]}, True),
        ({"regions": ["150103", "150102"]}, True),
        ({"regions": ["150102001"]}, False),
        ({"lines": ["gas"]}, True),
        ({"lines": ["water"]}, False),
        ({"levels": ["高"]}, False),
        ({"levels": ["高", "中"]}, True),
        ({"models": ["utility.*"], "levels": ["低"]}, False),
    ],
)
def test_a_rule_fits_when_each_of_its_lists_names_the_matter(when: dict[str, Any], fits: bool) -> None:
    assert When.model_validate(when).fits(matter()) is fits


def test_the_first_that_fits_decides_and_the_last_takes_the_rest() -> None:
    rules = routing(rule("all_gas", lines=["gas"]), rule("a", models=["utility.a"]))
    assert [r.name for r in rules.fitting(matter())] == ["all_gas", "a", "owner_line"]
    assert [r.name for r in rules.fitting(matter(owner=WATER))] == ["a", "owner_line"]
    assert [r.name for r in rules.fitting(matter("realty.b", owner=WATER))] == ["owner_line"]


@pytest.mark.parametrize(
    ("earlier", "later", "dead"),
    [
        ([{"models": ["utility.*"]}], {"models": ["utility.a"]}, True),
        ([{"models": ["utility.a"]}], {"models": ["utility.*"]}, False),
        ([{"models": ["utility.a"]}, {"models": ["utility.b"]}], {"models": ["utility.*"]}, True),
        ([{"lines": ["gas"]}], {"models": ["utility.a"]}, True),
        ([{"lines": ["gas"]}], {"models": ["utility.b"]}, False),
        ([{"regions": ["1501"]}], {"regions": ["150102"]}, True),
        ([{"regions": ["150102"]}], {"regions": ["1501"]}, False),
        ([{"regions": ["150102"]}], {"models": ["utility.a"]}, False),
        ([{"levels": ["高"]}, {"levels": ["中", "低"]}], {"models": ["utility.a"]}, True),
        ([{"levels": ["高"]}, {"levels": ["中"]}], {"models": ["utility.a"]}, False),
        ([{"subjects": ["company"]}], {"subjects": ["company"], "levels": ["高"]}, True),
    ],
)
def test_a_rule_is_dead_when_earlier_ones_take_everything(
    earlier: list[dict[str, Any]], later: dict[str, Any], dead: bool
) -> None:
    each = [matter("utility.a"), matter("utility.b", owner=WATER)]
    before = [rule(f"r{n}", **when) for n, when in enumerate(earlier)]
    assert never_reached(before, rule("later", **later), each) is dead


MATTERS = st.builds(
    matter,
    st.sampled_from(["utility.a", "utility.b", "realty.c"]),
    region=st.sampled_from(["150102", "150103", "150200", ""]),
    level=st.sampled_from(list(Level)),
    owner=st.sampled_from([GAS, WATER]),
)
WHENS = st.fixed_dictionaries(
    {
        "models": st.lists(st.sampled_from(["utility.*", "utility.a", "realty.c"]), max_size=2),
        "regions": st.lists(st.sampled_from(["15", "1501", "150102"]), max_size=2),
        "levels": st.lists(st.sampled_from(["高", "中", "低"]), max_size=2),
        "lines": st.lists(st.sampled_from(["gas", "water"]), max_size=1),
    }
)


@given(st.lists(WHENS, min_size=1, max_size=4), MATTERS)
def test_what_is_called_dead_never_decides(whens: list[dict[str, Any]], one: Matter) -> None:
    rules = [rule(f"r{n}", **when) for n, when in enumerate(whens)]
    each = [
        matter(model, owner=owner)
        for model in ("utility.a", "utility.b", "realty.c")
        for owner in (GAS, WATER)
    ]
    decides = routing(*rules).fitting(one)[0]
    if decides in rules:
        assert not never_reached(rules[: rules.index(decides)], decides, each)


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": {"line": "gas", "unit": "RQ"}},
        {"to": {}},
        {"to": {"line": "gas", "level": "town"}},
        {"name": "Has Spaces"},
        {"cases": {"fires": []}},
    ],
    ids=["two places", "no place", "a town", "a name", "no case"],
)
def test_a_misshapen_rule_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RoutingRule.model_validate({**LAST, **wrong})


def test_the_list_ends_with_the_owner_and_names_are_used_once() -> None:
    bundles = {"same_model": "apart", "same_line": "apart"}
    with pytest.raises(ValidationError, match="takes everything"):
        Routing(rules=[rule("all")], bundles=bundles)
    with pytest.raises(ValidationError, match="a name of its own"):
        routing(rule("owner_line"))
