"""Public employees and need-based aid: people paid themselves, their families, and posts that explain themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.city.geography import DISTRICTS
from mingjian.sample.context import Flags, Numbers, levels
from mingjian.sample.subsidy.casting import NEVER, aid, draw_quiet, family, is_need_based, truth
from mingjian.sample.subsidy.facts import Day, Post
from mingjian.sample.subsidy.ledger import Ledger

MODEL = "subsidy.public_employee_need_based"
SHARE = 1 / 2500
LOOKALIKES = 4
HIRED = np.datetime64("2012-09-01", "D")
KINDS = {"高": ["公务员", "事业编"], "中": ["国企", "事业编"], "低": ["编外", "村干部"]}


def plant_employees(ledger: Ledger) -> None:
    """A servant paid in person (高), a state-company worker or a member of the family (中), a low-paid post (低)."""
    rng = ledger.city.rng("need-based employees")
    count = ledger.city.cases_for(SHARE)
    who = draw_quiet(ledger, rng, 30, 57, count, "head", least=2)
    level = levels(count)
    for name in ("高", "中", "低"):
        mine = who[level == name]
        for i, head in enumerate(mine):
            member = _grown(ledger, int(head)) if name == "中" and i % 2 else int(head)
            first = int(rng.integers(0, 8))
            aid(ledger, np.array([head]), first)
            employ(ledger, np.array([member]), KINDS[name][i % 2])
        truth(ledger, MODEL, mine, f"{name}: 财政供养人员或同户成员领取困难补贴")
    _lookalikes(ledger)


def employ(ledger: Ledger, who: Numbers, kind: str, start: Day = HIRED, end: Day = NEVER) -> None:
    """Put people on the list of public employees."""
    ledger.facts.posts += [Post(int(person), kind, start, end) for person in who]


def appoint_operators(ledger: Ledger) -> None:
    """One officer a district handles its payments; drawn from households without any benefit."""
    rng = ledger.city.rng("operators")
    drawn = [draw_quiet(ledger, rng, 26, 55, 1, district=d) for d in range(DISTRICTS)]
    ledger.facts.operators = np.concatenate(drawn)
    employ(ledger, ledger.facts.operators, "事业编")


def _grown(ledger: Ledger, head: int) -> int:
    """The oldest other member of the household."""
    others = family(ledger, head)
    return int(others[np.argmax(ledger.people["age"].to_numpy()[others])])


def _lookalikes(ledger: Ledger) -> None:
    """Left before or not yet begun, a public-welfare post, a sick family, a cadre in the family, aid by age only."""
    rng = ledger.city.rng("need-based employees look-alikes")
    who = draw_quiet(ledger, rng, 30, 57, 6 * LOOKALIKES, "head", least=2)
    left, later, post, sick, cadre, other = np.split(who, 6)
    for heads in (left, later, post, sick, cadre):
        aid(ledger, heads, 2)
    employ(ledger, left, "公务员", end=ledger.day_in(1, 14))
    employ(ledger, later, "事业编", start=ledger.day_in(11, 20))
    employ(ledger, post, "编外")
    ledger.grant(post, "GYGW", "普通")
    employ(ledger, np.array([_grown(ledger, int(head)) for head in sick]), "事业编")
    ledger.grant(sick, "YLJZ", "", 4, 4)
    employ(ledger, np.array([_grown(ledger, int(head)) for head in cadre]), "村干部")
    ledger.grant(other, "YLJZ", "", 6, 6)
    employ(ledger, other, "公务员")


def needy_households(ledger: Ledger) -> Flags:
    """True for people in whose household somebody is paid need-based aid: no background officer lives there."""
    paid = pd.concat(
        [ledger.spans[["person", "programme"]], *(rows[["person", "programme"]] for rows in ledger.rows)]
    )
    home = ledger.people["household"].to_numpy()
    needy = home[paid.loc[is_need_based(paid["programme"]), "person"].to_numpy()]
    return np.isin(home, needy)
