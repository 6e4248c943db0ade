"""Compensation for expropriated land and houses: to the owners' own accounts, and to one account for many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mingjian.sample.context import LAST_MONTH, Numbers, days, levels
from mingjian.sample.mess import messy_numbers
from mingjian.sample.network.cluster_cases import LOOKALIKES, MODEL, SHARE, cadre_cases
from mingjian.sample.subsidy.account_cases import account_text
from mingjian.sample.subsidy.casting import draw_quiet, family
from mingjian.sample.subsidy.export_subsidy import account_text as account_texts
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.writers import write_excel

BACKGROUND = 1 / 250
FEWEST, MOST = 4, 7


def build_compensation(ledger: Ledger) -> pd.DataFrame:
    """One row a payment: person, account, area, amount, the days of the procedure, project.

    Cases: four to six households' compensation to one stranger's account (高). Look-alikes: a family's to its
    head, and a compensation of long ago.
    """
    city, rng = ledger.city, ledger.city.rng("compensation")
    parts = [_background(ledger, rng)]
    high = int((levels(city.cases_for(SHARE)) == "高").sum())
    size = rng.integers(FEWEST, MOST, high - cadre_cases(city))
    owners = np.split(draw_quiet(ledger, rng, 30, 75, int(size.sum())), np.cumsum(size)[:-1])
    for who, holder in zip(owners, draw_quiet(ledger, rng, 28, 58, len(size)).tolist(), strict=True):
        parts.append(pd.DataFrame({"person": who, "account": holder}))
        note = f"高: {len(who)} 户征拆补偿汇入同一他人账户"
        city.plant(MODEL, "account", account_text(ledger, holder), note)
    for _ in range(LOOKALIKES):
        head = int(draw_quiet(ledger, rng, 40, 70, 1, "head", least=3)[0])
        home = np.r_[head, family(ledger, head)[:2]]
        parts.append(pd.DataFrame({"person": home, "account": head}))
        old = draw_quiet(ledger, rng, 30, 75, FEWEST)
        parts.append(pd.DataFrame({"person": old, "account": int(old[0]), "long_ago": True}))
    found = pd.concat(parts, ignore_index=True)
    return _dated(ledger, rng, found)


def _background(ledger: Ledger, rng: np.random.Generator) -> pd.DataFrame:
    people = ledger.people
    owners = np.flatnonzero(
        (people["relation"] == "head") & people["rural"] & (people["age"] >= 25) & ~ledger.city.taken
    )
    who = rng.choice(owners, max(20, round(len(owners) * BACKGROUND)), replace=False)
    return pd.DataFrame({"person": who, "account": who})


def _dated(ledger: Ledger, rng: np.random.Generator, found: pd.DataFrame) -> pd.DataFrame:
    count = len(found)
    ago = found["long_ago"].fillna(False).to_numpy(bool)
    month = np.where(ago, -14, rng.integers(1, LAST_MONTH + 1, count))
    found["pay"] = ledger.day_in(month, rng.integers(2, 25, count))
    for name, after, low, high in (
        ("agree", "pay", 10, 40),
        ("survey", "agree", 20, 60),
        ("notice", "survey", 10, 30),
    ):
        found[name] = found[after].to_numpy().astype("datetime64[D]") - days(rng, low, high, count)
    found["area"] = rng.uniform(60, 240, count).round(2)
    found["amount"] = (found["area"] * rng.uniform(600, 1500, count)).round(-2)
    district = ledger.people["district"].to_numpy()[found["person"].to_numpy()]
    found["project"] = [f"ZC{d + 1:02d}" for d in district]
    return found.drop(columns="long_ago")


def write_compensation(path: Path, ledger: Ledger, found: pd.DataFrame) -> int:
    """The office's ledger of compensation as a workbook."""
    id_no, home = ledger.people["id_no"].to_numpy(), ledger.people["household"].to_numpy()
    who = found["person"].to_numpy()
    frame = pd.DataFrame(
        {"补偿编号": [f"BC{i:06d}" for i in range(len(found))], "征收项目": found["project"]}
    )
    frame["被补偿人身份证号"] = id_no[who]
    frame["户号"] = "H" + pd.Series(home[who]).astype(str).str.zfill(7)
    frame["面积"] = found["area"]
    frame["补偿金额(元)"] = messy_numbers(ledger.city.rng("compensation mess"), found["amount"].to_numpy())
    for name, column in (
        ("征收公告日", "notice"),
        ("调查登记日", "survey"),
        ("签约日", "agree"),
        ("付款日", "pay"),
    ):
        frame[name] = found[column].astype("datetime64[s]")
    frame["收款账号"] = account_texts(ledger, found["account"].to_numpy())
    groups = [("补偿对象", 4), ("补偿内容", 2), ("日期", 4), ("付款", 1)]
    return write_excel(path, "征收补偿台账", groups, frame)


def accounts_of(found: pd.DataFrame) -> Numbers:
    """Positions of the accounts that compensation was paid into."""
    return found["account"].to_numpy(dtype=int)
