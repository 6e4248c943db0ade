"""Units and their sales: signed after presale, delivered after every acceptance, with the planted exceptions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.context import City, Flags, Numbers
from mingjian.sample.realty.land_parts import UNSOLD
from mingjian.sample.realty.projects import DELIVER_DUE, STALLED

SALE_COLUMNS = ["unit", "buyer", "sign", "filing", "cancel", "price", "paid", "loan", "due", "delivered"]
MOVED_IN = {"moved_in_no_fire": (8, 18), "moved_in": (8, 18), "moved_in_many": (32, 40)}
LATE = {"late_high": (-300, -200, "高: 逾期半年以上"), "late_medium": (-150, -60, "中: 逾期一至六个月"),
        "late_soon": (30, 60, "低: 两个月内到期而进度不足一半")}  # fmt: skip
NOT_YET = np.datetime64("NaT")


def build_units(city: City, projects: pd.DataFrame, buildings: pd.DataFrame) -> pd.DataFrame:
    """One row a unit: unit_id, building (position), part, age and start of the project, use, area, list price."""
    rng = city.rng("units")
    building = np.repeat(np.arange(len(buildings)), buildings["units"])
    first = np.r_[True, building[1:] != building[:-1]]
    number = np.arange(len(building)) - np.maximum.accumulate(np.where(first, np.arange(len(building)), 0))
    floor, door = number // 4 + 1, number % 4 + 1
    no = pd.Series(floor).astype(str).str.zfill(2) + "0" + pd.Series(door).astype(str)
    of = buildings["project"].to_numpy()[building]
    shop = (floor == 1) & (door == 1)
    area = np.where(shop, rng.uniform(35, 90, len(building)), np.array([89.0, 105.5, 118.2, 132.6])[door - 1])
    area = (area + rng.uniform(-1, 1, len(building))).round(2)
    rate = projects["price"].to_numpy()[of] * np.where(shop, 1.8, 1 + floor / 200)
    return pd.DataFrame(
        {
            "unit_id": buildings["building_id"].to_numpy()[building] + "-" + no.to_numpy(),
            "no": no,
            "building": building,
            "project": of,
            "part": projects["part"].to_numpy()[of],
            "age": projects["age"].to_numpy()[of],
            "start": projects["start"].to_numpy()[of],
            "shop": shop,
            "area": area,
            "list": (area * rate).round(-2),
        }
    )


def build_sales(city: City, units: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """One active contract a sold unit, plus what the planted parts add; `unit` and `buyer` are positions."""
    rng = city.rng("sales")
    age = units["age"].to_numpy()
    share = np.interp(age, [164, 165, 400, 700, 1000], [0, 0.08, 0.5, 0.8, 0.95])
    share = np.where(units["part"].isin(UNSOLD), 0, share)
    unit = np.flatnonzero(rng.random(len(units)) < share)
    adults = np.flatnonzero(people["age"].between(22, 70))
    opened, closed = 158, np.minimum(age[unit] - 8, 690)
    sign = units["start"].to_numpy()[unit] + _between(rng, opened, closed)
    filing = sign + rng.integers(2, 16, len(unit)).astype("timedelta64[D]")
    price = (units["list"].to_numpy()[unit] * rng.uniform(0.94, 1.0, len(unit))).round(-2)
    sales = pd.DataFrame(
        {"unit": unit, "buyer": rng.choice(adults, len(unit)), "sign": sign, "filing": filing}
    )
    sales["filing"] = sales["filing"].where(filing <= city.today, NOT_YET)
    sales = sales.assign(cancel=NOT_YET, price=price)
    loan = (price * rng.choice([0, 0.5, 0.7], len(unit), p=[0.2, 0.3, 0.5])).round(-3)
    drawn = sign + np.timedelta64(60, "D") <= city.today
    down = np.where(loan == 0, price, price - loan)
    sales["paid"], sales["loan"] = np.where(drawn, price, down).round(2), loan
    sales["due"] = units["start"].to_numpy()[unit] + np.timedelta64(DELIVER_DUE, "D")
    sales["delivered"] = _delivered(rng, units, unit)
    _late(city, rng, units, sales)
    _moved_in(city, rng, units, sales)
    return _extended(city, rng, units, sales)


def _between(rng: np.random.Generator, low: int, high: Numbers) -> np.ndarray:
    return (low + rng.random(len(high)) * (high - low + 1)).astype(int).astype("timedelta64[D]")


def _delivered(rng: np.random.Generator, units: pd.DataFrame, unit: Numbers) -> np.ndarray:
    """Finished projects hand over within seven weeks, when every acceptance is passed."""
    when = units["start"].to_numpy()[unit] + rng.integers(776, 826, len(unit)).astype("timedelta64[D]")
    age, part = units["age"].to_numpy()[unit], units["part"].to_numpy()[unit]
    finished = (age >= 850) & ~np.isin(part, list(STALLED))
    return np.where(finished, when, NOT_YET)


def _late(city: City, rng: np.random.Generator, units: pd.DataFrame, sales: pd.DataFrame) -> None:
    """Promised days that have passed (or soon will) while work stands still; one promise a project."""
    part, project = units["part"].to_numpy()[sales["unit"]], units["project"].to_numpy()[sales["unit"]]
    names = units["unit_id"].str.split("-").str[0].to_numpy()[sales["unit"]]
    for name, (low, high, note) in LATE.items():
        for number in np.unique(project[part == name]):
            mine = project == number
            sales.loc[mine, "due"] = city.today + rng.integers(low, high + 1)
            city.plant("realty.delivery_overdue", "project", str(names[mine][0]), note)


def _moved_in(city: City, rng: np.random.Generator, units: pd.DataFrame, sales: pd.DataFrame) -> None:
    """People live in buildings that have not passed acceptance."""
    building = units["building"].to_numpy()[sales["unit"]]
    part = units["part"].to_numpy()[sales["unit"]]
    notes = {
        "moved_in_no_fire": "高: 消防未验先住",
        "moved_in_many": "高: 30户以上",
        "moved_in": "中: 竣工未验先住",
    }
    for name, (low, high) in MOVED_IN.items():
        for number in np.unique(building[part == name]):
            sold = np.flatnonzero(building == number)
            chosen = rng.choice(sold, min(len(sold), int(rng.integers(low, high + 1))), replace=False)
            age = int(units["age"].to_numpy()[sales["unit"].to_numpy()[chosen[0]]])
            first = 705 if name == "moved_in_no_fire" else 716
            when = units["start"].to_numpy()[sales["unit"].to_numpy()[chosen]]
            sales.loc[chosen, "delivered"] = when + rng.integers(first, age - 2, len(chosen)).astype(
                "timedelta64[D]"
            )
            code = units["unit_id"].to_numpy()[sales["unit"].to_numpy()[chosen[0]]].rsplit("-", 1)[0]
            city.plant(
                "realty.deliver_before_acceptance", "building", str(code), f"{notes[name]} ({len(chosen)}户)"
            )


def _extended(city: City, rng: np.random.Generator, units: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """Look-alike of late delivery: the first contract was cancelled for one with a later day."""
    mine = np.flatnonzero(units["part"].to_numpy()[sales["unit"]] == "extended")
    old = sales.loc[rng.choice(mine, min(9, len(mine)), replace=False)].copy()
    old["cancel"] = old["sign"]
    old["sign"] -= np.timedelta64(40, "D")
    old["filing"] = old["sign"] + np.timedelta64(5, "D")
    old["due"], old["paid"] = city.today - 30, 0.0
    return pd.concat([sales, old], ignore_index=True)


def clean_sold(units: pd.DataFrame, sales: pd.DataFrame) -> Flags:
    """Sales in projects without a part, still standing."""
    return (units["part"].to_numpy()[sales["unit"]] == "clean") & sales["cancel"].isna().to_numpy()
