"""Laws on the policy's routing: rules name what there is, each can be reached, and each keeps its examples."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from mingjian.content import yamlfile
from mingjian.content.laws import Breach
from mingjian.content.loader import Content
from mingjian.domain.policy import Policy
from mingjian.domain.routing import (
    OWN_LINE,
    Matter,
    Routing,
    RoutingCase,
    RoutingRule,
    never_reached,
    owners_by_line,
)
from mingjian.domain.sector import owner_named


def policy_breaches(content: Content, path: Path) -> list[Breach]:
    """Breaches in the routing and the dual track of this policy file; none when there is no such file."""
    if not path.exists():
        return []
    policy, text = yamlfile.read(path, Policy), path.read_text(encoding="utf-8")
    found = [
        *_unknown_models(content, policy),
        *_unknown_lines(content, policy),
        *_unreachable(content, policy.routing),
        *_examples(content, policy.routing),
        *_campaign_models(content, policy),
    ]
    return [Breach(path, yamlfile.line_of(text, loc), message, law) for law, loc, message in found]


Found = tuple[str, tuple[int | str, ...], str]


def _unknown_models(content: Content, policy: Policy) -> Iterator[Found]:
    for n, rule in enumerate(policy.routing.rules):
        for k, pattern in enumerate(rule.when.models):
            if not any(fnmatchcase(model, pattern) for model in content.models):
                where = ("routing", "rules", n, "when", "models", k)
                yield "RoutedModelsExist", where, f"no model fits {pattern}"


def _campaign_models(content: Content, policy: Policy) -> Iterator[Found]:
    track = policy.dual_track
    named: list[tuple[tuple[int | str, ...], str]] = [(("models", n), m) for n, m in enumerate(track.models)]
    named += [(("spread", n, "models"), one.models) for n, one in enumerate(track.spread)]
    for loc, pattern in named:
        if not any(fnmatchcase(model, pattern) for model in content.models):
            yield "CampaignModelsExist", ("dual_track", *loc), f"no model fits {pattern}"


def _unknown_lines(content: Content, policy: Policy) -> Iterator[Found]:
    known = {OWN_LINE, *owners_by_line(content.sectors)}
    for n, rule in enumerate(policy.routing.rules):
        at = ("routing", "rules", n)
        if rule.to.line and rule.to.line not in known:
            yield "RoutedLinesExist", (*at, "to", "line"), f"no sector manifest has the line {rule.to.line}"
        for key, lines in (("co_handlers", rule.co_handlers), ("lines", rule.when.lines)):
            for k, line in enumerate(lines):
                if line == OWN_LINE or line not in known:
                    where = (*at, key, k) if key == "co_handlers" else (*at, "when", key, k)
                    yield "RoutedLinesExist", where, f"no sector manifest has the line {line}"


def _unreachable(content: Content, routing: Routing) -> Iterator[Found]:
    each = [_matter(content, RoutingCase(model=model)) for model in sorted(content.models)]
    for n, rule in enumerate(routing.rules):
        if never_reached(routing.rules[:n], rule, each):
            at = ("routing", "rules", n, "name")
            yield (
                "RoutingRulesAreReached",
                at,
                f"{rule.name} never decides: the rules before it take everything",
            )


def _examples(content: Content, routing: Routing) -> Iterator[Found]:
    for n, rule in enumerate(routing.rules):
        at = ("routing", "rules", n, "cases")
        if not rule.cases.spares and len(routing.rules) > 1:
            yield "RoutingCasesHold", at, f"{rule.name} has no case that it must not take"
        for kind, cases in (("fires", rule.cases.fires), ("spares", rule.cases.spares)):
            for k, case in enumerate(cases):
                said = _wrong(content, routing, rule, case, fires=kind == "fires")
                if said:
                    yield "RoutingCasesHold", (*at, kind, k), said


def _wrong(content: Content, routing: Routing, rule: RoutingRule, case: RoutingCase, *, fires: bool) -> str:
    if case.model not in content.models:
        return f"no model {case.model}"
    taken = routing.fitting(_matter(content, case))[0].name
    if fires and taken != rule.name:
        return f"{taken} takes this case, not {rule.name}"
    return f"{rule.name} takes this case" if not fires and taken == rule.name else ""


def _matter(content: Content, case: RoutingCase) -> Matter:
    model = content.models[case.model]
    owner = owner_named(content.sectors, model.sector, model.owner)
    return Matter(model.id, model.subject.kind, case.region, owner, case.level)
