"""Planted cases and look-alikes about accounts: shared ones, and whole villages switched before payment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.city import ids
from mingjian.sample.city.geography import CITY_CODE, Geography, village_org
from mingjian.sample.city.people import heads
from mingjian.sample.context import Numbers, levels
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.payouts import KEEP
from mingjian.sample.subsidy.programmes import NUMBER

SWITCH_SHARE = 0.008
FEWEST_PAYEES = 14
SHARED_SHARE = 1 / 2500
LOOKALIKE_VILLAGES = 3
WELFARE_HOME = 7000
HOMES = 3


def plant_switches(ledger: Ledger, geo: Geography) -> None:
    """Villages whose payees get new accounts just before a payment; must be cast before single people are.

    高 everybody, and back to the old accounts a month later; 中 thirty or more for good; 低 ten to twenty-nine.
    Look-alikes: a campaign that renews everybody's own social-security card, and fewer than ten changes.
    """
    rng = ledger.city.rng("switch villages")
    village = ledger.people["village"].to_numpy()
    payees = _village_payees(ledger)
    by_size = payees.sort_values(ascending=False, kind="stable").index.to_numpy()
    count = max(6, round(len(geo.villages) * SWITCH_SHARE))
    level = levels(count)
    big = list(by_size[: int((level != "低").sum())])
    rest = [v for v in by_size[len(big) :] if FEWEST_PAYEES <= payees[v] <= 45]
    small = rest[: int((level == "低").sum())]
    quiet = rest[len(small) : len(small) + 2 * LOOKALIKE_VILLAGES]
    codes = village_org(geo.villages["code"]).to_numpy()
    for name in level:
        number = (small if name == "低" else big).pop(0)
        everyone = np.flatnonzero(village == number)
        month = int(rng.integers(6, 9))
        who = _switch(ledger, rng, everyone, month, 0.6 if name == "低" else 1.0, back=name == "高")
        note = f"{name}: {month + 1} 月发放前 {len(who)} 人换户"
        ledger.city.plant("subsidy.account_switch_before_pay", "village", str(codes[number]), note)
    for i, number in enumerate(quiet):
        everyone = np.flatnonzero(village == number)
        if i % 2:
            _switch(ledger, rng, everyone, 7, 0.0, fixed=7)
        else:
            _switch(ledger, rng, everyone, 7, 1.0, kind="社保卡")


def _village_payees(ledger: Ledger) -> pd.Series:
    """Pensioners paid all year to their own account, by village."""
    who = ledger.spans[(ledger.spans["programme"] == NUMBER["JMYL"]) & (ledger.spans["last"] == 11)]["person"]
    return ledger.people.loc[who.to_numpy(), "village"].value_counts()


def _switch(
    ledger: Ledger,
    rng: np.random.Generator,
    everyone: Numbers,
    month: int,
    share: float,
    *,
    back: bool = False,
    fixed: int = 0,
    kind: str = "个人",
) -> Numbers:
    """Give villagers new accounts from a month on: all of one bank, opened within three days. Returns who switched."""
    ledger.city.taken[everyone] = True
    found = ledger.spans
    payees = found.loc[
        found["person"].isin(everyone) & (found["programme"] == NUMBER["JMYL"]), "person"
    ].to_numpy()
    count = fixed or max(12, round(len(payees) * share))
    who = rng.choice(payees, min(count, len(payees)), replace=False)
    opened = ledger.day_in(np.full(len(who), month), -3 + rng.integers(0, 3, len(who)))
    new = ledger.open_accounts(who, kind, opened, bank="农信")
    alt = dict(zip(who, new, strict=True))
    mine = found["person"].isin(who)
    found.loc[mine, "alt"] = found.loc[mine, "person"].map(alt).astype(int)
    found.loc[mine, "alt_from"] = month
    found.loc[mine, "alt_to"] = month + 1 if back else KEEP
    return who


def plant_shared(ledger: Ledger) -> None:
    """One account for many: 5 to 7 strangers or a cadre's account (高), 3 or 4 strangers (中), the family's (低)."""
    rng = ledger.city.rng("shared accounts")
    count = ledger.city.cases_for(SHARED_SHARE)
    for i, name in enumerate(levels(count)):
        if name == "低":
            _family_account(ledger, rng)
            continue
        cadre = name == "高" and i % 2 == 0
        strangers = 3 if cadre else int(rng.integers(5, 8) if name == "高" else rng.integers(3, 5))
        holder = int(ledger.city.draw(rng, ledger.idle(28, 58), 1)[0])
        if cadre:
            ledger.cadres.append(holder)
        ledger.pay_into(_neighbours(ledger, rng, strangers), holder)
        note = f"{name}: {strangers} 名无亲属关系人员共用{'村干部' if cadre else '他人'}账户"
        ledger.city.plant("subsidy.shared_account", "account", account_text(ledger, holder), note)


def _neighbours(ledger: Ledger, rng: np.random.Generator, count: int) -> Numbers:
    """Pensioners of one village and different households."""
    free = ledger.steady("JMYL")
    frame = ledger.people.loc[free, ["village", "household"]].drop_duplicates("household")
    size = frame["village"].value_counts()
    village = rng.choice(size[size >= count].sort_index().index.to_numpy())
    return ledger.city.draw(rng, frame.index[frame["village"] == village].to_numpy(), count)


def _family_account(ledger: Ledger, rng: np.random.Generator) -> None:
    """A grown-up child's account takes the allowance of the three others in the household."""
    people = ledger.people
    free = ~ledger.city.taken
    free[ledger.spans["person"].to_numpy()] = False
    whole = people.assign(free=free).groupby("household")["free"].transform("all").to_numpy(bool)
    size = people["household"].map(people["household"].value_counts())
    child = (people["relation"] == "child") & (people["age"] >= 20) & whole & (size == 4)
    holder = int(ledger.city.draw(rng, np.flatnonzero(child), 1)[0])
    others = np.flatnonzero((people["household"] == people["household"][holder]).to_numpy())
    others = others[others != holder]
    ledger.city.taken[others] = True
    code = "NCDB" if people["rural"][holder] else "CSDB"
    ledger.grant(others, code, "C", account=np.full(len(others), holder))
    ledger.city.plant(
        "subsidy.shared_account", "account", account_text(ledger, holder), "低: 家庭成员(非户主)账户代收"
    )


def account_text(ledger: Ledger, position: int) -> str:
    """The raw number of the account at a position."""
    return str(ids.account_numbers(position, 1)[0])


def plant_shared_lookalikes(ledger: Ledger) -> None:
    """Welfare homes collect for their residents; two people share; a head collects for the whole family."""
    rng = ledger.city.rng("shared look-alikes")
    for number in range(HOMES):
        residents = ledger.city.draw(rng, ledger.idle(66, 90), 6)
        home = ids.uscc(CITY_CODE + 1, WELFARE_HOME + number)
        account = ledger.open_accounts(np.array([-1]), "单位", ledger.day_in(np.array([-40])), company=home)
        ledger.grant(residents, "TKGY", "集中", account=np.full(6, account[0]))
        pair = _neighbours(ledger, rng, 2)
        ledger.pay_into(pair, int(pair[0]))
    sizes = ledger.people["household"].value_counts()
    large = ledger.people["household"].map(sizes).to_numpy() >= 4
    free = np.intersect1d(ledger.idle(30, 60), np.flatnonzero(large & (ledger.people["relation"] == "head")))
    for head in ledger.city.draw(rng, free, 3):
        family = np.flatnonzero(heads(ledger.people) == head)
        others_play = ledger.city.taken[family[family != head]].any()
        if not others_play and not ledger.spans["person"].isin(family).any():
            ledger.city.taken[family] = True
            ledger.grant(family, "NCDB", "C", account=np.full(len(family), head))
