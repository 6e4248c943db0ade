"""Benefits that go to somebody else's account: strangers, cadres, operators, and holders who may collect."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.context import Numbers, levels
from mingjian.sample.subsidy.casting import draw_quiet, family, pay_once, truth
from mingjian.sample.subsidy.certificate_cases import give
from mingjian.sample.subsidy.ledger import Ledger

MODEL = "subsidy.account_name_mismatch"
SHARE = 1 / 2500
LOOKALIKES = 4


def plant_holders(ledger: Ledger) -> None:
    """A cadre's or an operator's account, or one for three strangers (高); a stranger's all year (中) or once (低)."""
    rng, city = ledger.city.rng("account holders"), ledger.city
    count = city.cases_for(SHARE)
    level = levels(count)
    who = city.draw(rng, _one_a_household(ledger), count)
    holders = draw_quiet(ledger, rng, 28, 58, count)
    high = np.flatnonzero(level == "高")
    for i, place in enumerate(high):
        if i % 2:
            district = int(ledger.people["district"].to_numpy()[who[place]])
            ledger.pay_into(who[place : place + 1], int(ledger.facts.operators[district]))
        else:
            ledger.cadres.append(int(holders[place]))
            ledger.pay_into(who[place : place + 1], int(holders[place]))
    middle = level == "中"
    ledger.pay_into(who[middle], holders[middle])
    _once(ledger, who[level == "低"], holders[level == "低"], int(rng.integers(3, 9)))
    for name in ("高", "中", "低"):
        truth(ledger, MODEL, who[level == name], f"{name}: 收款账户户主不是受益人，也不同户")
    _lookalikes(ledger)


def plant_shared_holders(ledger: Ledger) -> None:
    """Whoever other rules pay into a stranger's account belongs to the truth of this rule too; call it last."""
    home, spans, facts = ledger.people["household"].to_numpy(), ledger.spans, ledger.facts
    moved = spans[spans["alt"] >= 0].assign(account=lambda s: s["alt"])
    paid = pd.concat([spans, moved])[["person", "account"]].drop_duplicates()
    lent = paid[(paid["account"] < len(home)) & ~paid["person"].isin(facts.excused)]
    lent = lent[lent["account"] != lent["person"].map(facts.agents)]
    strange = lent[home[lent["account"].to_numpy()] != home[lent["person"].to_numpy()]]
    payees = strange.groupby("account")["person"].transform("nunique")
    for name, mine in (("高", strange[payees >= 3]), ("中", strange[payees < 3])):
        truth(ledger, MODEL, np.unique(mine["person"].to_numpy()), f"{name}: 与他人共用非同户账户")


def _one_a_household(ledger: Ledger) -> Numbers:
    who = ledger.steady("JMYL", "GLJT")
    home = pd.Series(ledger.people["household"].to_numpy()[who])
    return who[~home.duplicated().to_numpy()]


def _once(ledger: Ledger, who: Numbers, holders: Numbers, month: int) -> None:
    """One month goes to another account."""
    spans = ledger.spans
    other = dict(zip(who.tolist(), holders.tolist(), strict=True))
    mine = spans["person"].isin(who)
    spans.loc[mine, "alt"] = spans.loc[mine, "person"].map(other).astype(int)
    spans.loc[mine, "alt_from"], spans.loc[mine, "alt_to"] = month, month + 1


def _lookalikes(ledger: Ledger) -> None:
    """Holders who may collect.

    The family's account, a registered agent, guardians of a child and of a severely disabled old person, small and
    returned payments, and funeral money for a relative.
    """
    rng, city = ledger.city.rng("account holder look-alikes"), ledger.city
    agent, old, small, returned, funeral = np.split(
        city.draw(rng, _one_a_household(ledger), 5 * LOOKALIKES), 5
    )
    holders = draw_quiet(ledger, rng, 28, 58, 6 * LOOKALIKES)
    agents, guardians, nephews, payers, wrong, heirs = np.split(holders, 6)
    ledger.pay_into(agent, agents)
    ledger.facts.agents |= dict(zip(agent.tolist(), agents.tolist(), strict=True))
    children = draw_quiet(ledger, rng, 1, 15, LOOKALIKES, "child")
    ledger.grant(children, "GEBZ", "散居", account=guardians)
    ledger.pay_into(old, nephews)
    give(ledger, old, "4", 1)
    pay_once(ledger, small, "LSJZ", "", 6, amount=60.0, account=payers)
    ledger.facts.excused |= {int(w) for w in np.r_[old, children, funeral]}
    ledger.pay(returned, 7, account=wrong, status="退票", reason="户名不符", pay_date=ledger.day_in(7, 4))
    ledger.grant(funeral, "SZFX", "普通", 8, 8, account=heirs)
    parents = draw_quiet(ledger, rng, 62, 90, LOOKALIKES, least=2)
    kin = np.array([family(ledger, int(person))[0] for person in parents])
    ledger.grant(parents, "JMYL", "基础", account=kin)
