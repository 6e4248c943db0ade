"""Where a matter goes (派单): an ordered list of rules, the first that fits decides (catalogue §4.2 row 1, §4.4).

The list is data of the policy. Its last rule takes everything: the unit of the model's own line of business. A
department's matter is never sent to a town (catalogue §4.4.7, B45): a rule names a unit of district or city, or a line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Literal

from pydantic import Field, model_validator

from mingjian.domain.level import Level
from mingjian.domain.named import Named
from mingjian.domain.sector import Owner, Sector, owner_named
from mingjian.domain.source import Strict

OWN_LINE = "owner"  # in a rule: the line of business of the model's owner
Place = Literal["district", "city"]


class RoutingReason(Named):
    """How the unit of an order was found."""

    NAMED = "named", "规则指名的单位", "the unit that the rule names"
    DISTRICT = "district", "本区县的条线单位", "the line's unit of the district"
    CITY = "city", "市级条线单位", "the line's unit of the city"
    MADE = (
        "made",
        "名录中没有该条线的单位，由条线代管",
        "no unit of this line is registered: the line stands in",
    )
    BUNDLED = "bundled", "同一对象已有该单位在办的事项", "the unit already has a matter on the same subject"
    CHOSEN = "chosen", "分办员指定", "chosen by the dispatcher"


@dataclass(frozen=True)
class Matter:
    """What a warning is routed by. `region` is its region code or "", `owner` who owns what the model finds."""

    model: str
    subject: str
    region: str
    owner: Owner
    level: Level


class When(Strict):
    """What a rule fits: each list that is not empty must name the matter. Models may be globs, regions are prefixes."""

    models: list[str] = Field(default_factory=list)
    subjects: list[str] = Field(default_factory=list)
    regions: list[str] = Field(default_factory=list)
    lines: list[str] = Field(default_factory=list)
    levels: list[Level] = Field(default_factory=list)

    @property
    def takes_all(self) -> bool:
        """Whether every matter fits."""
        return not (self.models or self.subjects or self.regions or self.lines or self.levels)

    def fits(self, m: Matter) -> bool:
        """Whether this matter is meant."""
        return (
            (not self.models or any(fnmatchcase(m.model, one) for one in self.models))
            and (not self.subjects or m.subject in self.subjects)
            and (not self.regions or m.region.startswith(tuple(self.regions)))
            and (not self.lines or m.owner.line in self.lines)
            and (not self.levels or m.level in self.levels)
        )


class To(Strict):
    """Where a rule sends: a unit by its id, or a line of business, at the district (else the city) or at the city."""

    unit: str = ""
    line: str = ""
    level: Place = "district"

    @model_validator(mode="after")
    def _one_of_both(self) -> To:
        if bool(self.unit) == bool(self.line):
            raise ValueError("name either a unit or a line")
        return self


class RoutingCase(Strict):
    """An example matter; its subject and line are those of its model."""

    model: str
    region: str = ""
    level: Level = Level.MEDIUM


class Cases(Strict):
    """Examples that a rule takes (`fires`), and examples that it leaves to another (`spares`)."""

    fires: list[RoutingCase] = Field(min_length=1)
    spares: list[RoutingCase] = Field(default_factory=list)


class RoutingRule(Strict):
    """One rule: what fits, where it goes, which lines handle it together with the lead, and examples."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    zh: str
    en: str
    when: When = Field(default_factory=When)
    to: To
    co_handlers: list[str] = Field(default_factory=list)
    cases: Cases


class Bundling(StrEnum):
    """What becomes of a matter whose subject another open order is about already."""

    MERGE = "merge"  # same model too: it is carried on by the open order
    FOLLOW = "follow"  # another model of the same line: an order of its own, to the same unit
    APART = "apart"  # nothing: it goes its own way


class Bundles(Strict):
    """How matters on one subject are kept together when they are dispatched."""

    same_model: Literal[Bundling.MERGE, Bundling.FOLLOW, Bundling.APART]
    same_line: Literal[Bundling.FOLLOW, Bundling.APART]


class Routing(Strict):
    """The section `routing` of the policy."""

    rules: list[RoutingRule] = Field(min_length=1)
    bundles: Bundles

    @model_validator(mode="after")
    def _ends_with_the_owner(self) -> Routing:
        names = [rule.name for rule in self.rules]
        if len(set(names)) < len(names):
            raise ValueError("each routing rule has a name of its own")
        last = self.rules[-1]
        if not last.when.takes_all or last.to.line != OWN_LINE:
            raise ValueError("the last routing rule takes everything and sends it to the owner's line")
        return self

    def fitting(self, m: Matter) -> list[RoutingRule]:
        """Every rule that fits, in order; never empty. The first whose unit stands decides."""
        return [rule for rule in self.rules if rule.when.fits(m)]

    def named(self, name: str) -> RoutingRule | None:
        """The rule of this name."""
        return next((rule for rule in self.rules if rule.name == name), None)


def matter_of(row: Mapping[Any, Any], sectors: Mapping[str, Sector]) -> Matter:
    """What a warning is routed by; `row` holds model, subject_kind, region_code, district_code, sector, owner, level."""
    region, district = row["region_code"] or "", row["district_code"] or ""
    place = region if region.startswith(district) else district
    owner = owner_named(sectors, row["sector"], row["owner"])
    return Matter(row["model"], row["subject_kind"], place, owner, Level(row["level"]))


def owners_by_line(sectors: Mapping[str, Sector]) -> dict[str, Owner]:
    """The manifests' department types by line of business, the first that names a line."""
    found: dict[str, Owner] = {}
    for sector in sectors.values():
        for owner in sector.owners.values():
            found.setdefault(owner.line, owner)
    return found


def never_reached(earlier: Sequence[RoutingRule], rule: RoutingRule, matters: Sequence[Matter]) -> bool:
    """Whether everything this rule could take is taken by the rules before it.

    `matters` are one for each model, of any region and level; the rule's own regions and all levels are tried on each.
    """
    regions = rule.when.regions or [""]
    levels = rule.when.levels or list(Level)
    tried = [
        Matter(m.model, m.subject, region, m.owner, level)
        for m in matters
        for region in regions
        for level in levels
    ]
    mine = [m for m in tried if rule.when.fits(m)]
    return bool(mine) and all(any(one.when.fits(m) for one in earlier) for m in mine)
