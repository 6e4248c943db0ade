"""Units sold twice and prices far off, with look-alikes: co-buyers, cancelled contracts, unpaid reservations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.city.people import heads
from mingjian.sample.context import City, Numbers, levels
from mingjian.sample.realty.sales import NOT_YET, clean_sold

SHARE = 1 / 4000
PRICE_SHARE = 1 / 10_000
LOOKALIKES = 3
GAP = 45
NEIGHBOURS = 45


def plant_sales(city: City, units: pd.DataFrame, sales: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Add second contracts and move a few prices; returns all contracts, numbered by `sale_id`."""
    rng = city.rng("sale cases")
    early = sales["sign"] < city.today - 160
    free = np.flatnonzero(clean_sold(units, sales) & early & ~units["shop"].to_numpy()[sales["unit"]])
    count, priced = city.cases_for(SHARE), city.cases_for(PRICE_SHARE, 6)
    rows = rng.choice(free, count + 3 * LOOKALIKES, replace=False)
    second = _sold_twice(city, rng, units, sales, rows[:count], people)
    alike = _lookalikes(rng, sales, rows[count:], people)
    _prices(city, rng, units, sales, _spread(rng, units, sales, np.setdiff1d(free, rows), priced))
    everything = pd.concat([sales, second, alike], ignore_index=True)
    everything = everything.sort_values(["sign", "unit", "buyer"], kind="stable").reset_index(drop=True)
    everything["sale_id"] = "WQ" + pd.Series(np.arange(len(everything)) + 1_000_000).astype(str)
    return everything


def _sold_twice(
    city: City,
    rng: np.random.Generator,
    units: pd.DataFrame,
    sales: pd.DataFrame,
    rows: Numbers,
    people: pd.DataFrame,
) -> pd.DataFrame:
    """A second buyer paid too (高); signed, not filed, little paid (中); two adults of one household, no couple (低)."""
    level = levels(len(rows))
    family = _pairs(people, "child")
    mine = family[rng.choice(len(family), len(rows), replace=False)]
    sales.loc[rows, "buyer"] = mine[:, 0]
    second = sales.loc[rows].copy()
    second["sign"] += rng.integers(GAP, 110, len(second)).astype("timedelta64[D]")
    second["filing"] = second["sign"] + np.timedelta64(6, "D")
    second["buyer"] = np.where(level == "低", mine[:, 1], _strangers(rng, people, mine.ravel(), len(rows)))
    middle = level == "中"
    second.loc[middle, "filing"] = NOT_YET
    second.loc[middle, ["paid", "loan"]] = [5000.0, 0.0]
    names = units["unit_id"].to_numpy()[second["unit"]]
    notes = {"高": "高: 两名买受人均已付款", "中": "中: 一份已备案一份未备案", "低": "低: 同户非夫妻两份合同"}
    for name, note in notes.items():
        city.plant("realty.double_sale", "unit", names[level == name], note)
    return second


def _lookalikes(
    rng: np.random.Generator, sales: pd.DataFrame, rows: Numbers, people: pd.DataFrame
) -> pd.DataFrame:
    """A spouse added to the contract; signed anew a few days before the old contract was cancelled; joint buyers."""
    couple, again, joint = np.split(rows, 3)
    couples = _pairs(people, "spouse")
    mine = couples[rng.choice(len(couples), len(couple), replace=False)]
    sales.loc[couple, "buyer"] = mine[:, 0]
    added = sales.loc[couple].copy()
    added["sign"] += np.timedelta64(50, "D")
    added["filing"] = added["sign"] + np.timedelta64(4, "D")
    added["buyer"] = mine[:, 1]
    anew = sales.loc[again].copy()
    anew["sign"] += np.timedelta64(60, "D")
    anew["filing"] = anew["sign"] + np.timedelta64(5, "D")
    anew["buyer"] = _strangers(rng, people, anew["buyer"].to_numpy(), len(anew))
    sales.loc[again, "cancel"] = anew["sign"] + np.timedelta64(8, "D")
    together = sales.loc[joint].copy()
    together["buyer"] = _strangers(rng, people, together["buyer"].to_numpy(), len(together))
    return pd.concat([added, anew, together])


def _spread(
    rng: np.random.Generator, units: pd.DataFrame, sales: pd.DataFrame, rows: Numbers, count: int
) -> Numbers:
    """Contracts of different projects as far as they go: a price is odd only among enough ordinary neighbours."""
    project = units["project"].to_numpy()[sales["unit"]]
    mixed = rng.permutation(rows[np.isin(project[rows], np.flatnonzero(np.bincount(project) >= NEIGHBOURS))])
    turn = pd.Series(project[mixed]).groupby(project[mixed]).cumcount().to_numpy()
    return mixed[np.argsort(turn, kind="stable")][:count]


def _prices(
    city: City, rng: np.random.Generator, units: pd.DataFrame, sales: pd.DataFrame, rows: Numbers
) -> None:
    """Sold at 45 to 60 % of what the neighbours paid."""
    price = (units["list"].to_numpy()[sales.loc[rows, "unit"]] * rng.uniform(0.45, 0.6, len(rows))).round(-2)
    sales.loc[rows, "price"], sales.loc[rows, "paid"], sales.loc[rows, "loan"] = price, price, 0.0
    names = units["unit_id"].to_numpy()[sales.loc[rows, "unit"]]
    city.plant("realty.price_outlier", "unit", names, "成交价不足同楼栋六成")


def _strangers(rng: np.random.Generator, people: pd.DataFrame, buyers: Numbers, count: int) -> Numbers:
    """Adults who are none of the buyers and share no household with them."""
    adults = people["age"].between(25, 60) & ~people["household"].isin(people["household"].to_numpy()[buyers])
    return rng.choice(np.flatnonzero(adults), count, replace=False)


def _pairs(people: pd.DataFrame, relation: str) -> Numbers:
    """(head, member) positions for grown-up members of a relation, one a household."""
    head = heads(people)
    member = (people["relation"] == relation) & (people["age"] >= 22)
    member &= ~people["household"].where(member).duplicated()
    who = np.flatnonzero(member)
    return np.column_stack([head[who], who])
