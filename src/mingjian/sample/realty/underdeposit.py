"""Buyers' money that never reached the escrow account, and money that only seems to be missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.context import City, Numbers, days
from mingjian.sample.realty.land_parts import DEPOSIT, DEPOSIT_ALIKE
from mingjian.sample.realty.sales import NOT_YET

MODEL = "realty.escrow_underdeposit"
NOTES = {
    "under_high": "高: 少存二成以上",
    "under_medium": "中: 少存半成至二成",
    "under_recent": "低: 近七日签约的房款尚未入账",
}
# Part -> (share of the buyers' money, yuan) that is at least concerned.
LEAST = {
    "under_high": (0.27, 1_500_000), "under_medium": (0.08, 1_200_000), "under_recent": (0.08, 1_400_000),
    "fund_lag": (0.2, 2_600_000), "under_cancelled": (0.2, 2_000_000), "under_unnamed": (0.2, 2_000_000),
    "under_little": (0.9, 0),
}  # fmt: skip
LENT = 0.6
NEARLY = 0.97


def arrange(city: City, units: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """Sales with `banked`: all, none, nearly (bank charges kept back), down (the loan is still to come) or unnamed.

    Look-alikes: provident-fund loans on their way, cancelled contracts, and deposits without a contract number.
    """
    rng = city.rng("underdeposit")
    sales = sales.assign(banked="all")
    building = units["building"].to_numpy()[sales["unit"]]
    part = units["part"].to_numpy()[sales["unit"]]
    for name in [*DEPOSIT, *DEPOSIT_ALIKE]:
        for number in np.unique(building[part == name]):
            rows = _some(rng, sales, np.flatnonzero(building == number), *LEAST[name])
            _change(city, rng, sales, rows, name)
    return sales


def _some(
    rng: np.random.Generator, sales: pd.DataFrame, rows: Numbers, share: float, least: float
) -> Numbers:
    """Contracts of one building, drawn until both the share and the least sum are reached."""
    mixed = rng.permutation(rows)
    price = sales["price"].to_numpy()[mixed]
    wanted = max(share * price.sum(), least)
    return mixed[: int(np.searchsorted(price.cumsum(), wanted)) + 1]


def _change(city: City, rng: np.random.Generator, sales: pd.DataFrame, rows: Numbers, name: str) -> None:
    if name in ("under_unnamed", "under_little"):
        sales.loc[rows, "banked"] = {"under_unnamed": "unnamed", "under_little": "nearly"}[name]
        return
    sales.loc[rows, "banked"] = "down" if name == "fund_lag" else "none"
    price = sales.loc[rows, "price"].to_numpy()
    if name == "under_recent":
        sales.loc[rows, "sign"] = city.today - days(rng, 1, 6, len(rows))
        sales.loc[rows, "filing"], sales.loc[rows, "loan"] = NOT_YET, 0.0
    elif name == "fund_lag":
        sales.loc[rows, "sign"] = city.today - days(rng, 15, 50, len(rows))
        sales.loc[rows, "filing"] = sales.loc[rows, "sign"] + np.timedelta64(5, "D")
        sales.loc[rows, "loan"] = (price * LENT).round(-3)
    elif name == "under_cancelled":
        later = sales.loc[rows, "sign"].to_numpy() + np.timedelta64(40, "D")
        sales.loc[rows, "cancel"] = np.minimum(later, city.today - np.timedelta64(2, "D"))
    sales.loc[rows, "paid"] = price


def plant(city: City, permits: pd.DataFrame) -> None:
    """The presale permits whose buyers' money is missing."""
    presale = permits[permits["kind"] == "presale"]
    for part, note in NOTES.items():
        city.plant(MODEL, "permit", presale.loc[presale["part"] == part, "permit_id"], note)


def as_banked(deposits: pd.DataFrame, banked: pd.Series) -> pd.DataFrame:
    """Leave out what never arrived and blank the contract number where the bank has none."""
    state = deposits["sale"].map(banked)
    arrived = ~(state == "none") & ~((state == "down") & (deposits["kind"] == "按揭款"))
    amount = deposits["amount"].where(state != "nearly", (deposits["amount"] * NEARLY).round(2))
    deposits = deposits.assign(sale=deposits["sale"].where(state != "unnamed", ""), amount=amount)
    return deposits[arrived]
