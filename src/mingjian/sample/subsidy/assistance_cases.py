"""Families cast around assistance: owners of vehicles, property and companies, and families that only look like them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mingjian.sample.city.people import heads
from mingjian.sample.context import Numbers
from mingjian.sample.subsidy.ledger import Ledger

SHARE = 1 / 1500
LOOKALIKES = 4
BOTH = 2
STOPPED = 6
VEHICLES = ["高:两辆车", "中:一辆轿车", "低:一辆旧车", "高:高价车", "中:一辆货车", "高:夫妻各一辆"]
PROPERTY = [
    "高:商铺",
    "中:两套住房",
    "低:另有继承共有住房",
    "高:三套住房",
    "高:办公用房",
    "中:夫妻各半的两套住房",
]
FIRMS = [
    "高:企业有人参保",
    "中:持股",
    "低:企业列入异常",
    "高:实缴资本高",
    "中:法定代表人",
    "高:异常而仍有人参保",
]


@dataclass
class Aided:
    """Heads of families by the part they play; `former` pairs a family with a grown-up who has left it."""

    vehicle: dict[int, str] = field(default_factory=dict)
    property: dict[int, str] = field(default_factory=dict)
    firm: dict[int, str] = field(default_factory=dict)
    stopped: list[int] = field(default_factory=list)
    coming: list[int] = field(default_factory=list)
    former: list[tuple[int, int]] = field(default_factory=list)

    def cast(self) -> set[int]:
        """Every family head with a part: nothing else may be registered to these families."""
        left = {head for head, _person in self.former}
        return {*self.vehicle, *self.property, *self.firm, *self.stopped, *self.coming, *left}


def plant_aided(ledger: Ledger) -> Aided:
    """Grant minimum allowance to whole families that had nothing, and write to the truth which rule sees them.

    Two families play for two rules at once: a car and a company.
    """
    rng, city = ledger.city.rng("assistance families"), ledger.city
    count = city.cases_for(SHARE)
    drawn = _families(ledger, rng, 3 * count - BOTH + 3 * LOOKALIKES)
    cars, homes, firms, stopped, coming, left = np.split(
        drawn, np.cumsum([count, count, count - BOTH, LOOKALIKES, LOOKALIKES])
    )
    owners = np.r_[cars[:BOTH], firms]
    aided = Aided(stopped=stopped.tolist(), coming=coming.tolist())
    _aid(ledger, np.r_[cars, homes, firms, left])
    _aid(ledger, stopped, STOPPED)
    for model, who, branches, part in (
        ("subsidy.dibao_vehicle", cars, VEHICLES, aided.vehicle),
        ("subsidy.dibao_multi_property", homes, PROPERTY, aided.property),
        ("subsidy.dibao_company_owner", owners, FIRMS, aided.firm),
    ):
        for i, head in enumerate(who.tolist()):
            part[head] = branches[i % len(branches)]
            city.plant(model, "household", household_id(ledger, head), part[head].replace(":", ": "))
    gone = city.draw(rng, _outside(ledger), LOOKALIKES)
    aided.former = list(zip(left.tolist(), gone.tolist(), strict=True))
    return aided


def household_id(ledger: Ledger, person: int) -> str:
    """The household number of a person as the registers write it."""
    return f"H{ledger.people['household'].to_numpy()[person]:07d}"


def household_ids(ledger: Ledger, who: Numbers) -> np.ndarray:
    """Household numbers of many people."""
    return np.array([household_id(ledger, int(person)) for person in who], dtype=object)


def _families(ledger: Ledger, rng: np.random.Generator, count: int) -> Numbers:
    """Heads of couples whose whole household has no benefit and no part; all members are cast."""
    people, city = ledger.people, ledger.city
    busy = city.taken.copy()
    busy[ledger.spans["person"].to_numpy()] = True
    household = people["household"].to_numpy()
    blocked = np.bincount(household, weights=busy) > 0
    couple = np.bincount(household, weights=(people["relation"] == "spouse").to_numpy()) == 1
    head = (people["relation"] == "head").to_numpy() & people["age"].between(26, 70).to_numpy()
    chosen = city.draw(rng, np.flatnonzero(head & couple[household] & ~blocked[household]), count)
    city.taken[members(ledger, chosen)] = True
    return chosen


def members(ledger: Ledger, family_heads: Numbers) -> Numbers:
    """Everybody in the households of these heads."""
    return np.flatnonzero(np.isin(heads(ledger.people), family_heads))


def _aid(ledger: Ledger, family_heads: Numbers, last: int | None = None) -> None:
    """Minimum allowance for whole families, into the head's account."""
    who = members(ledger, family_heads)
    rural = ledger.people["rural"].to_numpy()[who]
    into = heads(ledger.people)
    for code, part in (("NCDB", who[rural]), ("CSDB", who[~rural])):
        if last is None:
            ledger.grant(part, code, "C", account=into[part])
        else:
            ledger.grant(part, code, "C", last=last, account=into[part])


def _outside(ledger: Ledger) -> Numbers:
    """Grown-ups without a benefit whose own household has none either."""
    household = ledger.people["household"].to_numpy()
    helped = np.zeros(household[-1] + 1, dtype=bool)
    helped[household[ledger.spans["person"].to_numpy()]] = True
    idle = ledger.idle(26, 45)
    return idle[~helped[household[idle]]]
