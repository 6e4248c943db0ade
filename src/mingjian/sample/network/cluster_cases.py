"""Groups of accounts shared by unrelated people, told as clusters, and groups that may share them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mingjian.sample.city import ids
from mingjian.sample.city.geography import CITY_CODE
from mingjian.sample.context import City, Numbers, levels
from mingjian.sample.network.kin_cases import Link
from mingjian.sample.subsidy.account_cases import account_text
from mingjian.sample.subsidy.casting import draw_quiet, truth
from mingjian.sample.subsidy.employee_cases import employ
from mingjian.sample.subsidy.ledger import Ledger

MODEL = "network.shared_account_cluster"
MISMATCH = "subsidy.account_name_mismatch"
SHARE = 1 / 2500
LOOKALIKES = 3
COOP, COOPS = 7100, 3
MANY, JOINED = 4, 3
HALF = 6
WIDEST = 5


@dataclass
class _Players:
    """Who may still be cast: pensioners of different households by district, and holders of accounts."""

    ledger: Ledger
    pensioners: dict[int, list[int]]
    holders: list[int]

    def strangers(self, count: int) -> Numbers:
        """Pensioners of the district that has most of them left."""
        district = max(sorted(self.pensioners), key=lambda d: len(self.pensioners[d]))
        free = self.pensioners[district]
        if len(free) < count:
            raise ValueError("too few pensioners are left for account clusters; the city is too small")
        who = np.array([free.pop() for _ in range(count)])
        self.ledger.city.taken[who] = True
        return who

    def accounts(self, count: int) -> Numbers:
        """Own accounts of people without a benefit."""
        return np.array([self.holders.pop() for _ in range(count)])


def plant_clusters(ledger: Ledger) -> list[Link]:
    """Chains of accounts: nine payees over five (中), five over three (低; 高 when a cadre holds one), three on one (低).

    No account has three strangers in one month, so that only the whole shows. Returns kin of the look-alikes.
    """
    city = ledger.city
    branch = levels(city.cases_for(SHARE))
    told = [*branch[branch != "高"], *["高"] * cadre_cases(city)]
    players = _players(ledger, WIDEST * len(told) + LOOKALIKES)
    for i, name in enumerate(told):
        if name == "低" and i % 4 == 3:
            centre = _joined(ledger, players.strangers(JOINED), int(players.accounts(1)[0]))
            note = "低: 三户经两个项目归集到同一账户"
        else:
            accounts = players.accounts(WIDEST if name == "中" else 3)
            centre = _chain(ledger, players.strangers(2 * len(accounts) - 1), accounts)
            note = f"{name}: {2 * len(accounts) - 1} 户经 {len(accounts)} 个账户相连"
            if name == "高":
                employ(ledger, accounts[:1], "村干部")
                note += "，其中一个由村干部持有"
        city.plant(MODEL, "account", account_text(ledger, centre), note)
    return _lookalikes(ledger, players)


def cadre_cases(city: City) -> int:
    """How many of the cases of level 高 are so by a cadre's account; the others by the sum of compensation."""
    return int((levels(city.cases_for(SHARE)) == "高").sum()) // 3


def _players(ledger: Ledger, holders: int) -> _Players:
    rng = ledger.city.rng("account clusters")
    frame = ledger.people.loc[rng.permutation(ledger.steady("JMYL")), ["district", "household"]]
    one_each = frame.drop_duplicates("household")
    by_district: dict[int, list[int]] = {}
    for person, district in zip(one_each.index.tolist(), one_each["district"].tolist(), strict=True):
        by_district.setdefault(district, []).append(person)
    return _Players(ledger, by_district, draw_quiet(ledger, rng, 28, 58, holders).tolist())


def _chain(ledger: Ledger, who: Numbers, accounts: Numbers) -> int:
    """One payee stays with each account; the others move from one account to the next at half-year.

    The middle account also gets one large relief payment: it is the centre.
    """
    stay, move = who[: len(accounts)], who[len(accounts) :]
    ledger.pay_into(stay, accounts)
    ledger.pay_into(move, accounts[:-1])
    _from_half(ledger, move, accounts[1:])
    middle = len(accounts) // 2
    centre = int(accounts[middle])
    ledger.grant(stay[middle : middle + 1], "LSJZ", "", 3, 3, account=accounts[middle : middle + 1])
    _as_mismatch(ledger, who)
    return centre


def _joined(ledger: Ledger, who: Numbers, account: int) -> int:
    """A pension until half-year, another from then on, and a third person's relief in between."""
    first, second, third = who
    ledger.pay_into(np.array([first]), account)
    _from_half(ledger, np.array([first]), np.array([first]))
    _from_half(ledger, np.array([second]), np.array([account]))
    ledger.grant(np.array([third]), "LSJZ", "", 4, 4, account=np.array([account]))
    _as_mismatch(ledger, who)
    return int(account)


def _from_half(ledger: Ledger, who: Numbers, accounts: Numbers) -> None:
    """From half-year on their benefits go to other accounts."""
    other = dict(zip(who.tolist(), accounts.tolist(), strict=True))
    mine = ledger.spans["person"].isin(who)
    ledger.spans.loc[mine, "alt"] = ledger.spans.loc[mine, "person"].map(other).astype(int)
    ledger.spans.loc[mine, "alt_from"] = HALF


def _as_mismatch(ledger: Ledger, who: Numbers) -> None:
    """Their accounts are strangers': the rule on account holders sees each of them too."""
    truth(ledger, MISMATCH, who, "中: 与他人共用非同户账户（团簇）")


def _lookalikes(ledger: Ledger, players: _Players) -> list[Link]:
    """Members of a cooperative, relatives by an agent's account, and two households by two programmes."""
    links, rng = [], ledger.city.rng("account cluster look-alikes")
    for number in range(LOOKALIKES):
        members = draw_quiet(ledger, rng, 30, 70, 5)
        coop = ids.uscc(CITY_CODE + 1, COOP + number, "93")
        account = ledger.open_accounts(np.array([-1]), "单位", ledger.day_in(np.array([-30])), company=coop)
        ledger.grant(members, "NJGZ", "", 5, 5, account=np.full(5, account[0]))
        family = players.strangers(JOINED)
        agent = int(players.accounts(1)[0])
        _related(ledger, family, agent)
        links += [Link(agent, int(who), "父母", "户籍", 1.0) for who in family]
        links += [Link(int(family[0]), int(who), "兄弟姐妹", "户籍", 0.98) for who in family[1:]]
        pair = players.strangers(2)
        ledger.pay_into(pair, int(pair[0]))
        ledger.grant(pair[1:], "LSJZ", "", 4, 4, account=pair[:1])
        truth(ledger, MISMATCH, pair[1:], "中: 与他人共用非同户账户")
    return links


def _related(ledger: Ledger, family: Numbers, agent: int) -> None:
    """The parts of `_joined`, by a registered agent for brothers and sisters."""
    first, second, third = family
    ledger.pay_into(np.array([first]), agent)
    _from_half(ledger, np.array([first]), np.array([first]))
    _from_half(ledger, np.array([second]), np.array([agent]))
    ledger.grant(np.array([third]), "LSJZ", "", 4, 4, account=np.array([agent]))
    ledger.facts.agents |= dict.fromkeys(family.tolist(), agent)


def plant_gathered(ledger: Ledger, links: list[Link]) -> None:
    """Personal accounts that others planted and that gather four households, or three by two programmes, are clusters too."""
    spans, people = ledger.spans, ledger.people
    moved = spans[spans["alt"] >= 0].assign(account=lambda s: s["alt"])
    paid = pd.concat([spans, moved], ignore_index=True)[["person", "programme", "account"]]
    units = len(people) + np.flatnonzero((ledger.accounts["kind"] == "单位").to_numpy())
    paid = paid[~paid["account"].isin([*units, *(link.one for link in links)])]
    paid["household"] = people["household"].to_numpy()[paid["person"].to_numpy()]
    seen = paid.groupby("account").agg(homes=("household", "nunique"), kinds=("programme", "nunique"))
    hit = seen[(seen["homes"] >= MANY) | ((seen["homes"] >= JOINED) & (seen["kinds"] >= 2))]
    known = {subject for model, _kind, subject, _note in ledger.city.cases if model == MODEL}
    texts = [account_text(ledger, int(account)) for account in hit.index]
    ledger.city.plant(MODEL, "account", [t for t in texts if t not in known], "多户共用同一账户")
