"""Utility accounts, tariffs, monthly bills and gas connections, with the planted suppliers and resellers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mingjian.sample.city.companies import GAS, GAS_SUPPLIERS, POWER, RESELLER, TENANT, WATER, codes_of
from mingjian.sample.city.geography import DISTRICTS, Geography
from mingjian.sample.context import MONTHS, City, Numbers, Texts, levels
from mingjian.sample.utility import fees

CUT = 6
POWER_BEFORE, POWER_AFTER = 0.6512, 0.6203
PRICES = {"PR": 0.4883, "GR": 2.36, "GB": 3.42, "WR": 3.15, "WB": 5.2, "WI": 4.6}
MARKUPS = {"高": (0.34, 0.8), "中": (0.14, 0.25), "低": (0.07, 0.085)}
RESIDENT_SHARE = 0.03
OUTLIERS = {"PR": 3, "GR": 3, "WR": 2}  # by tariff
HEAVY = 80  # enough to stand out for the smallest household too
ACCOUNT_COLUMNS = [
    "utility",
    "supplier",
    "person",
    "company",
    "unit",
    "reseller",
    "tariff",
    "category",
    "base",
    "markup",
    "since",
]


@dataclass(frozen=True)
class Utilities:
    """`accounts` (acct_id and ACCOUNT_COLUMNS), `bills`, `tariffs`, `connections`; codes of resellers and tenants."""

    accounts: pd.DataFrame
    bills: pd.DataFrame
    tariffs: pd.DataFrame
    connections: pd.DataFrame
    resellers: Texts
    tenants: Texts
    gas: Texts


def build_utilities(
    city: City, geo: Geography, people: pd.DataFrame, units: pd.DataFrame, sales: pd.DataFrame
) -> Utilities:
    """All of it; `gas` lists suppliers: by threes 高 中 低 planted cases, then look-alikes and clean ones."""
    rng = city.rng("utilities")
    gas = codes_of(geo, GAS, GAS_SUPPLIERS)
    resale, resellers, tenants = _resale(city, rng, geo)
    business = _business_gas(rng, geo, gas, len(tenants))
    tenants = np.r_[tenants, business["company"].to_numpy()]
    accounts = pd.concat(
        [resale, business, _residents(city, rng, geo, people, gas), _homes(rng, geo, units, sales)],
        ignore_index=True,
    )
    accounts["acct_id"] = "YH" + pd.Series(np.arange(len(accounts)) + 1_000_000).astype(str)
    bills = _bills(city, rng, accounts)
    _prepaid(rng, accounts, bills, gas)
    bills = _outliers(city, rng, accounts, bills)
    fees.charge(city, accounts, bills, resellers)
    connections = _connections(city, rng, gas, tenants)
    for name, first in (("高", 0), ("中", 3), ("低", 6)):
        note = f"{name}: 非居民用气被要求预存"
        city.plant("utility.gas_prepay_forced", "company", gas[first : first + 3], note)
    return Utilities(accounts, bills, _tariffs(city, geo), connections, resellers, tenants, gas)


def _tariffs(city: City, geo: Geography) -> pd.DataFrame:
    """Business power by district: P1 no own limit (10 % holds), P2 20 % allowed, P3 5 %; price cut in mid-year."""
    start, cut = np.datetime64("2022-01-01"), city.months[CUT]
    rows = []
    for code, limit in (("P1", None), ("P2", 20.0), ("P3", 5.0)):
        for district in geo.district_texts():
            rows.append((f"{code}-{district}", "电", "商业", district, POWER_BEFORE, limit, start, cut))
            rows.append((f"{code}-{district}", "电", "商业", district, POWER_AFTER, limit, cut, None))
    kinds = {
        "PR": ("电", "居民"),
        "GR": ("气", "居民"),
        "GB": ("气", "商业"),
        "WR": ("水", "居民"),
        "WB": ("水", "商业"),
        "WI": ("水", "工业"),
    }
    rows += [(code, *kinds[code], "159900", price, None, start, None) for code, price in PRICES.items()]
    columns = ["code", "utility", "category", "region", "price", "limit", "from", "to"]
    return pd.DataFrame(rows, columns=columns).astype({"from": "datetime64[s]", "to": "datetime64[s]"})


def _frame(**columns: object) -> pd.DataFrame:
    blank = {"person": -1, "company": "", "unit": "", "reseller": "", "markup": 0.0, "since": 0}
    return pd.DataFrame({**blank, **columns})[ACCOUNT_COLUMNS]


def _resale(city: City, rng: np.random.Generator, geo: Geography) -> tuple[pd.DataFrame, Texts, Texts]:
    """Shops that get power from their landlord. Look-alikes: 15 % where 20 % is allowed; only two shops overcharged."""
    count = max(45, city.people // 2500)
    planted = city.cases_for(fees.RESALE_SHARE)
    codes = codes_of(geo, RESELLER, count)
    size = rng.integers(5, 15, count)
    level = levels(planted)
    size[:planted][level == "高"] = np.maximum(size[:planted][level == "高"], 6)
    markup = rng.uniform(0.0, 0.08, count)
    fees.shape(city, size, markup)
    owner = np.repeat(np.arange(count), size)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    kind = np.full(count, "P1", dtype=object)
    for name, (low, high) in MARKUPS.items():
        mine = np.flatnonzero(level == name)
        markup[mine] = rng.uniform(low, high, len(mine))
        kind[mine] = "P3" if name == "低" else "P1"
        city.plant("utility.resale_markup", "company", codes[mine], f"{name}: 转供电加价超过允许上浮")
    kind[planted : planted + 4] = "P2"
    markup[planted : planted + 4] = rng.uniform(0.12, 0.18, 4)
    each = markup[owner]
    few = (owner >= planted + 4) & (owner < planted + 8) & (place < 2)
    each = np.where(few, 0.3, each)
    tenants = codes_of(geo, TENANT, len(owner))
    tariff = kind[owner] + "-" + geo.district_texts()[owner % DISTRICTS]
    supplier = codes_of(geo, POWER, 1)[0]
    frame = _frame(utility="电", supplier=supplier, company=tenants, reseller=codes[owner], tariff=tariff,
                   category="商业", base=rng.lognormal(6.6, 0.5, len(owner)), markup=each)  # fmt: skip
    return frame, codes, tenants


def _business_gas(rng: np.random.Generator, geo: Geography, gas: Texts, used: int) -> pd.DataFrame:
    """Eight restaurants a supplier; the last four of each are connected within the year."""
    owner = np.repeat(np.arange(len(gas)), 8)
    since = np.where(np.arange(len(owner)) % 8 >= 4, rng.integers(3, 9, len(owner)), 0)
    tenants = codes_of(geo, TENANT + used, len(owner))
    return _frame(utility="气", supplier=gas[owner], company=tenants, tariff="GB", category="商业",
                  base=rng.lognormal(6.0, 0.4, len(owner)), markup=rng.uniform(0, 0.05, len(owner)), since=since)  # fmt: skip


def _residents(
    city: City, rng: np.random.Generator, geo: Geography, people: pd.DataFrame, gas: Texts
) -> pd.DataFrame:
    """Power, gas and water of a sample of households; steps of the tariff make average prices differ by up to 5 %."""
    heads = np.flatnonzero(people["relation"] == "head")
    who = rng.choice(heads, round(city.people * RESIDENT_SHARE))
    kind = rng.choice(3, len(who), p=[0.45, 0.3, 0.25])
    utility = np.array(["电", "气", "水"], dtype=object)[kind]
    supplier = np.where(kind == 0, codes_of(geo, POWER, 1)[0], codes_of(geo, WATER, 1)[0]).astype(object)
    supplier[kind == 1] = gas[people["district"].to_numpy()[who[kind == 1]]]
    base = np.array([180.0, 24.0, 16.0])[kind] * rng.lognormal(0, 0.3, len(who))
    tariff = np.array(["PR", "GR", "WR"], dtype=object)[kind]
    return _frame(
        utility=utility,
        supplier=supplier,
        person=who,
        tariff=tariff,
        category="居民",
        base=base,
        markup=rng.uniform(0, 0.05, len(who)),
    )


def _homes(
    rng: np.random.Generator, geo: Geography, units: pd.DataFrame, sales: pd.DataFrame
) -> pd.DataFrame:
    """Meters in new buildings: from the month after hand-over in homes; in two show flats; and the builder's own."""
    lived = sales[sales["delivered"].notna() & sales["cancel"].isna()].drop_duplicates("unit")
    lived = lived[rng.random(len(lived)) < 0.2]
    water = codes_of(geo, WATER, 1)[0]
    homes = _frame(utility="水", supplier=water, person=lived["buyer"].to_numpy(), tariff="WR", category="居民",
                   unit=units["unit_id"].to_numpy()[lived["unit"]], base=rng.lognormal(2.7, 0.3, len(lived)),
        markup=rng.uniform(0, 0.05, len(lived)))  # fmt: skip
    homes["since"] = lived["delivered"].to_numpy().astype("datetime64[M]") + 1
    homes["since"] = homes["since"].astype("datetime64[s]")
    show = units[units["part"] == "show_flat"].groupby("building").head(2)
    flats = _frame(
        utility="水",
        supplier=water,
        tariff="WB",
        category="商业",
        unit=show["unit_id"].to_numpy(),
        base=14.0,
        markup=rng.uniform(0, 0.05, len(show)),
    )
    sites = _frame(
        utility="水",
        supplier=water,
        company=[f"{c}" for c in codes_of(geo, 5000, 9)],
        tariff="WI",
        category="工业",
        base=900.0,
    )
    both = pd.concat([flats, sites], ignore_index=True)
    both["since"] = pd.NaT
    return pd.concat([homes, both], ignore_index=True)


def _bills(city: City, rng: np.random.Generator, accounts: pd.DataFrame) -> pd.DataFrame:
    """One bill an account and month from its connection on; `since` is a month position or the day of hand-over."""
    since = accounts["since"].map(lambda v: _position(city, v)).to_numpy()
    length = MONTHS - since
    account = np.repeat(np.arange(len(accounts)), length)
    month = np.arange(len(account)) - np.repeat(np.cumsum(length) - length, length) + since[account]
    utility = accounts["utility"].to_numpy()[account]
    calendar = pd.DatetimeIndex(city.months).month.to_numpy()[month]
    season = np.where(
        utility == "气",
        1 + 0.7 * np.cos((calendar - 1) / 6 * np.pi),
        1 + 0.15 * np.cos((calendar - 7) / 3 * np.pi),
    )
    qty = (accounts["base"].to_numpy()[account] * season * rng.uniform(0.85, 1.15, len(account))).round(1)
    qty = np.maximum(qty, 6.0)
    power = np.where(month < CUT, POWER_BEFORE, POWER_AFTER)
    price = accounts["tariff"].map(PRICES).to_numpy()[account]
    price = np.where(np.isnan(price), power, price) * (1 + accounts["markup"].to_numpy()[account])
    price = np.floor(price * 10_000) / 10_000
    frame = pd.DataFrame({"account": account, "month": month, "qty": qty, "price": price.round(4)})
    return frame.assign(fee=np.floor(qty * price * 100) / 100, other=0.0, prepaid=0.0)


def _position(city: City, since: Any) -> int:
    """A month position from a position or a day; twelve when the first bill is still to come."""
    if pd.isna(since):
        return 0
    if isinstance(since, (int, np.integer, float)):
        return int(since)
    months = (pd.Timestamp(since).to_period("M") - pd.Timestamp(city.months[0]).to_period("M")).n
    return int(np.clip(months, 0, MONTHS))


def _prepaid(rng: np.random.Generator, accounts: pd.DataFrame, bills: pd.DataFrame, gas: Texts) -> None:
    """First bills of new business users with a deposit (低, three suppliers); residents' voluntary card balances."""
    first = ~bills["account"].duplicated()
    supplier = accounts["supplier"].to_numpy()[bills["account"]]
    category, utility = (
        accounts["category"].to_numpy()[bills["account"]],
        accounts["utility"].to_numpy()[bills["account"]],
    )
    forced = first & np.isin(supplier, gas[6:9]) & (category == "商业") & (bills["month"] >= 3)
    card = (category == "居民") & (utility == "气") & (rng.random(len(bills)) < 0.3)
    bills.loc[forced, "prepaid"] = 2000.0
    bills.loc[card, "prepaid"] = rng.integers(1, 9, int(card.sum())) * 50.0


def _outliers(
    city: City, rng: np.random.Generator, accounts: pd.DataFrame, bills: pd.DataFrame
) -> pd.DataFrame:
    """A few residents with a usage many times their neighbours', or a price far off the tariff."""
    plain = np.flatnonzero((accounts["category"] == "居民") & (accounts["unit"] == ""))
    tariff = accounts["tariff"].to_numpy()[plain]
    chosen = np.concatenate(
        [rng.choice(plain[tariff == code], count, replace=False) for code, count in OUTLIERS.items()]
    )
    much, dear = chosen[::2], chosen[1::2]
    late = bills["month"] >= 8
    heavy = bills["account"].isin(much) & late
    bills.loc[heavy, ["qty", "fee"]] *= HEAVY
    pricey = bills["account"].isin(dear) & late
    bills.loc[pricey, ["price", "fee"]] *= 3
    bills["price"] = bills["price"].round(4)
    bills["fee"] = bills["fee"].round(2)
    city.plant(
        "utility.bill_outlier",
        "utility_account",
        accounts["acct_id"].to_numpy()[chosen],
        "用量或单价明显异常",
    )
    return bills


def _connections(city: City, rng: np.random.Generator, gas: Texts, tenants: Texts) -> pd.DataFrame:
    """Eight gas connections a supplier; the first three suppliers ask shops for a deposit before opening (高)."""
    owner = np.repeat(np.arange(len(gas)), 8)
    apply = city.today - rng.integers(40, 300, len(owner)).astype("timedelta64[D]")
    asked = (owner < 3) & (np.arange(len(owner)) % 8 < 5)
    frame = pd.DataFrame({"supplier": gas[owner], "company": rng.choice(tenants, len(owner))})
    frame = frame.assign(apply=apply, done=apply + rng.integers(8, 25, len(owner)).astype("timedelta64[D]"))
    frame["fee"] = rng.integers(20, 90, len(owner)) * 100.0
    frame["prepay"] = np.where(asked, rng.integers(2, 9, len(owner)) * 5000.0, 0.0)
    frame["conn_id"] = "BZ" + pd.Series(np.arange(len(frame)) + 10_000).astype(str)
    return frame


def hours(rng: np.random.Generator, count: int) -> Numbers:
    """Seconds since midnight, in office hours."""
    return rng.integers(9 * 3600, 17 * 3600, count)
