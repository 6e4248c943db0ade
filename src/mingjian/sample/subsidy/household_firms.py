"""Companies of households and who stands behind companies: shareholders, managers, legal representatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.city import ids
from mingjian.sample.city.geography import CITY_CODE
from mingjian.sample.city.people import heads
from mingjian.sample.context import City, Flags, Numbers
from mingjian.sample.subsidy.assistance_cases import Aided
from mingjian.sample.subsidy.ledger import Ledger

FIRST = 600_000


class Firm(NamedTuple):
    """A household's company: register status, paid capital, insured people, industry, the part, kind of code."""

    status: str
    capital: float
    insured: int
    industry: str = "F5211"
    role: str = "股东"
    kind: str = "91"
    left: bool = False


PLANTED = {
    "高:企业有人参保": Firm("存续", 30_000, 3, role="经理"),
    "中:持股": Firm("存续", 120_000, 0),
    "低:企业列入异常": Firm("异常", 300_000, 0),
    "高:实缴资本高": Firm("存续", 800_000, 0),
    "中:法定代表人": Firm("存续", 90_000, 0, role="法定代表人"),
    "高:异常而仍有人参保": Firm("异常", 60_000, 4),
}
HONEST = [
    Firm("吊销", 500_000, 0, role="法定代表人"),
    Firm("注销", 200_000, 0),
    Firm("存续", 10_000, 0, role="法定代表人", kind="92"),
    Firm("存续", 60_000, 5, "C2436", role="法定代表人"),
    Firm("存续", 800_000, 2, "A0111", kind="93"),
    Firm("存续", 400_000, 6, left=True),
    Firm("存续", 400_000, 6, role="监事"),
]
PROSPEROUS = Firm("存续", 600_000, 8, role="法定代表人")


@dataclass
class Firms:
    """`companies` as the register has them, `roles` of people in them, `barred` marks people of assisted families."""

    companies: pd.DataFrame
    roles: pd.DataFrame
    barred: Flags


def household_firms(ledger: Ledger, aided: Aided, active: Numbers) -> Firms:
    """What assisted families own: companies of the cast, honest ones of others, good ones where nothing is paid now."""
    city, rng = ledger.city, ledger.city.rng("household firms")
    plain = np.setdiff1d(active, sorted(aided.cast()))
    each = max(3, round(len(plain) * 0.02))
    owned = [(head, PLANTED[branch]) for head, branch in aided.firm.items()]
    shares = np.split(rng.permutation(plain)[: len(HONEST) * each], len(HONEST))
    owned += [(head, firm) for firm, who in zip(HONEST, shares, strict=True) for head in who.tolist()]
    gone = [person for _head, person in aided.former]
    owned += [(person, PROSPEROUS) for person in aided.stopped + aided.coming + gone]
    companies, roles = _write(city, rng, owned)
    barred = np.isin(heads(ledger.people), np.r_[active, np.array(sorted(aided.cast()), dtype=int)])
    return Firms(companies, roles, barred | city.taken)


def _write(
    city: City, rng: np.random.Generator, owned: list[tuple[int, Firm]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    codes = [ids.uscc(CITY_CODE + 1 + i % 9, FIRST + i, firm.kind) for i, (_who, firm) in enumerate(owned)]
    founded = city.today - rng.integers(900, 4000, len(owned)).astype("timedelta64[D]")
    companies = pd.DataFrame({"uscc": codes, "name": [f"示例小微企业{i + 1:05d}" for i in range(len(owned))]})
    companies["industry"] = [firm.industry for _who, firm in owned]
    companies["status"] = [firm.status for _who, firm in owned]
    companies = companies.assign(founded=founded, insured=[firm.insured for _who, firm in owned])
    companies["capital"] = [firm.capital for _who, firm in owned]
    companies["legal_rep"] = [who if firm.role == "法定代表人" else -1 for who, firm in owned]
    roles = pd.DataFrame({"uscc": codes, "person": [who for who, _firm in owned]})
    roles["role"] = [firm.role for _who, firm in owned]
    roles["share"] = [1.5 if firm.kind == "93" else 60.0 for _who, firm in owned]
    ended = [
        city.today - np.timedelta64(300, "D") if f.left else np.datetime64("NaT", "D") for _w, f in owned
    ]
    roles = roles.assign(since=founded, until=np.array(ended, dtype="datetime64[D]"))
    return companies, roles[roles["role"] != "法定代表人"].reset_index(drop=True)


def staffed(
    city: City, people: pd.DataFrame, companies: pd.DataFrame, firms: Firms
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The whole register of companies with capital and legal representative, and 股东任职.

    Companies of the other sectors get a representative, who also manages and mostly owns them, from grown-ups outside
    assisted families and without a part.
    """
    rng = city.rng("company people")
    free = np.flatnonzero(people["age"].between(25, 65).to_numpy() & ~firms.barred)
    boss = np.resize(rng.permutation(free), len(companies))
    other = np.resize(rng.permutation(free), len(companies))
    capital = (rng.lognormal(14, 1.0, len(companies))).round(-4)
    known = companies.assign(capital=capital, legal_rep=boss)
    every = pd.concat([known, firms.companies], ignore_index=True)
    id_no = people["id_no"].to_numpy()
    rep = every["legal_rep"].to_numpy().astype(int)
    every["legal_rep"] = np.where(rep >= 0, id_no[rep], "")
    share = np.round(rng.uniform(51, 100, len(companies)), 2)
    parts = [("经理", boss, np.nan), ("股东", boss, share), ("股东", other, np.round(100 - share, 2))]
    frames = [
        pd.DataFrame({"uscc": companies["uscc"], "person": who, "role": role, "share": part})
        for role, who, part in parts
    ]
    held = pd.concat(frames, ignore_index=True).assign(until=np.datetime64("NaT", "D"))
    held["since"] = np.resize(companies["founded"].to_numpy().astype("datetime64[D]"), len(held))
    roles = pd.concat([held[held["share"] != 0], firms.roles], ignore_index=True)
    return every, _export(city, roles, id_no)


def _export(city: City, roles: pd.DataFrame, id_no: np.ndarray) -> pd.DataFrame:
    rng = city.rng("company role mess")
    frame = pd.DataFrame({"编号": "RZ" + pd.Series(np.arange(len(roles))).astype(str).str.zfill(7)})
    frame["统一社会信用代码"] = roles["uscc"]
    frame["人员证件号"] = mess.messy_ids(rng, id_no[roles["person"].to_numpy().astype(int)])
    frame = frame.assign(角色=roles["role"], 起=mess.messy_dates(rng, roles["since"].to_numpy()))
    frame["持股比例(%)"] = roles["share"]
    frame["止"] = mess.messy_dates(rng, roles["until"].to_numpy())
    return frame
