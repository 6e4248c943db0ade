"""Laws on the policy's routing: what is shipped keeps them, and each breach is told by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mingjian.content import Content, load_content
from mingjian.content.policy import with_policy
from mingjian.content.policylaws import policy_breaches
from mingjian.domain.errors import ContentError

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "supervision" / "policy.yaml"


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(ROOT)


def spoiled(folder: Path, old: str, new: str) -> Path:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = folder / "policy.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_shipped_policy_keeps_the_laws(content: Content, tmp_path: Path) -> None:
    assert policy_breaches(content, SHIPPED) == []
    assert policy_breaches(content, tmp_path / "none.yaml") == []


@pytest.mark.parametrize(
    ("old", "new", "law", "said"),
    [
        ("when: {models: [utility.common_problem]}", "when: {models: [utility.common*, nothing.*]}",
         "RoutedModelsExist", "no model fits nothing.*"),
        ("co_handlers: [market]", "co_handlers: [mint]", "RoutedLinesExist", "the line mint"),
        ("to: {line: owner, level: city}", "to: {line: mint, level: city}", "RoutedLinesExist", "the line mint"),
        ("when: {models: [utility.common_problem]}", "when: {models: ['utility.*']}",
         "RoutingRulesAreReached", "forced_prepayment never decides"),
        ("fires: [{model: utility.common_problem}]", "fires: [{model: utility.resale_markup}]",
         "RoutingCasesHold", "owner_line takes this case, not common_problem"),
        ("spares: [{model: utility.mass_complaint}]", "spares: [{model: utility.common_problem}]",
         "RoutingCasesHold", "common_problem takes this case"),
        ("        spares: [{model: utility.mass_complaint}]\n", "", "RoutingCasesHold", "no case that it must not"),
        ("fires: [{model: utility.common_problem}]", "fires: [{model: utility.nothing}]",
         "RoutingCasesHold", "no model utility.nothing"),
        ("  models: [utility.common_problem]\n  spread", "  models: [utility.nothing]\n  spread",
         "CampaignModelsExist", "no model fits utility.nothing"),
        ("{models: utility.mass_complaint,", "{models: 'nothing.*',", "CampaignModelsExist", "nothing.*"),
    ],
)  # fmt: skip
def test_a_broken_law_names_path_line_and_law(
    content: Content, tmp_path: Path, old: str, new: str, law: str, said: str
) -> None:
    path = spoiled(tmp_path, old, new)
    found = [b for b in policy_breaches(content, path) if b.law == law and said in b.message]
    assert found
    assert all(str(b).startswith(f"{path}:") and b.line > 50 for b in found)


def test_a_citys_own_policy_is_held_to_them_when_it_is_read(content: Content, tmp_path: Path) -> None:
    spoiled(tmp_path, "co_handlers: [market]", "co_handlers: [mint]")
    with pytest.raises(ContentError, match="mint"):
        with_policy(content, tmp_path)
