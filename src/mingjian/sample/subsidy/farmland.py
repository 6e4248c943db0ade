"""Contracted parcels, transfers and yearly claims, with planted over-claims and honest differences."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.city.geography import Geography, village_org
from mingjian.sample.context import Numbers, levels
from mingjian.sample.subsidy import payouts
from mingjian.sample.subsidy.farmland_doubles import Doubles, parcel_ids, plant_doubles
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.payouts import KEEP
from mingjian.sample.subsidy.programmes import NUMBER

MODEL = "subsidy.farmland_over_contract"
SHARE = 1 / 1500
PAY_MONTH = 5
LAND = ["水田", "旱地", "水浇地"]


def build_farmland(ledger: Ledger, geo: Geography) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Parcels and claims in mu; adds one yearly payment a claimant to the ledger.

    Background claims equal the contract or fall short. Look-alikes: land transferred in, customary-mu differences
    under 5 %, and small plots claimed a little larger (less than one mu over).
    """
    rng = ledger.city.rng("farmland")
    people = ledger.people
    candidates = (people["relation"] == "head") & people["rural"] & people["age"].between(25, 76)
    free = np.flatnonzero(candidates & ~ledger.city.taken)
    farmers = np.sort(rng.choice(free, round(len(free) * 0.55), replace=False))
    parcels = _parcels(rng, farmers)
    planted = ledger.city.draw(rng, farmers, ledger.city.cases_for(SHARE))
    others = np.setdiff1d(farmers, planted)
    _transfer(rng, parcels, others)
    parcels["user"] = np.where(parcels["transferee"] >= 0, parcels["transferee"], parcels["person"])
    parcels["claimed"] = (parcels["area"] * np.where(rng.random(len(parcels)) < 0.12, 0.9, 1.0)).round(2)
    customary, small = np.split(rng.choice(others, 2 * (len(planted) // 2), replace=False), 2)
    _claim(parcels, customary, 1.04, 0.0)
    _claim(parcels, small, 1.0, 0.6)
    _overclaim(ledger, rng, parcels, planted)
    doubles = plant_doubles(ledger, parcels, np.setdiff1d(others, np.r_[customary, small]))
    return _pay(ledger, parcels, geo, doubles)


def _parcels(rng: np.random.Generator, farmers: Numbers) -> pd.DataFrame:
    """One to four parcels each, mostly two to eight mu."""
    owner = np.repeat(farmers, rng.choice([1, 2, 3, 4], len(farmers), p=[0.3, 0.4, 0.2, 0.1]))
    area = np.clip(rng.lognormal(1.3, 0.5, len(owner)), 0.6, 40).round(2)
    land = rng.choice(LAND, len(owner), p=[0.3, 0.45, 0.25])
    return pd.DataFrame({"person": owner, "area": area, "land": land, "transferee": -1})


def _transfer(rng: np.random.Generator, parcels: pd.DataFrame, others: Numbers) -> None:
    """4 % of parcels (never those of planted cases) are legally worked by somebody else."""
    own = parcels["person"].isin(others).to_numpy()
    moved = own & (rng.random(len(parcels)) < 0.04)
    parcels.loc[moved, "transferee"] = rng.choice(others, moved.sum())
    same = parcels["transferee"] == parcels["person"]
    parcels.loc[same, "transferee"] = -1


def _claim(parcels: pd.DataFrame, who: Numbers, factor: float, extra: float) -> None:
    """These people claim `factor` of the area, plus `extra` mu on one parcel."""
    mine = parcels["user"].isin(who)
    parcels.loc[mine, "claimed"] = parcels.loc[mine, "area"] * factor
    first = mine & ~parcels["user"].duplicated()
    parcels.loc[first, "claimed"] += extra
    parcels["claimed"] = parcels["claimed"].round(2)


def _overclaim(ledger: Ledger, rng: np.random.Generator, parcels: pd.DataFrame, planted: Numbers) -> None:
    """Over by 20 mu or more (高), 5 to 9 mu (中), 1.5 to 3 mu (低); contracts large enough that percentages agree."""
    level = levels(len(planted))
    wanted = {"高": (22, 40, 14.0), "中": (5.5, 9, 30.0), "低": (1.5, 3, 16.0)}
    for name, (low, high, contract) in wanted.items():
        who = planted[level == name]
        mine = parcels["user"].isin(who)
        total = parcels[mine].groupby("user")["area"].transform("sum")
        parcels.loc[mine, "area"] = (parcels.loc[mine, "area"] * contract / total).round(2)
        parcels.loc[mine, "claimed"] = parcels.loc[mine, "area"]
        first = np.flatnonzero(mine & ~parcels["user"].duplicated())
        claimed = parcels["claimed"].to_numpy().copy()
        claimed[first] += rng.uniform(low, high, len(first)).round(2)
        parcels["claimed"] = claimed.round(2)
        ledger.city.plant(
            MODEL, "person", ledger.people["id_no"].to_numpy()[who], f"{name}: 申报面积大于确权面积"
        )


def _pay(
    ledger: Ledger, parcels: pd.DataFrame, geo: Geography, doubles: Doubles
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write parcels and claims in the office's own form; the payment covers all claims of one person."""
    people, city = ledger.people, ledger.city
    second = doubles.table()
    now = second.loc[second["back"] == 0, ["user", "claimed"]]
    total = pd.concat([parcels[["user", "claimed"]], now]).groupby("user")["claimed"].sum().round(2)
    who = total.index.to_numpy()
    frame = pd.DataFrame({"person": who, "programme": NUMBER["GDDL"], "tier": "普通", "first": PAY_MONTH})
    frame = frame.assign(
        last=PAY_MONTH, account=who, alt=-1, alt_from=KEEP, alt_to=KEEP, quantity=total.to_numpy()
    )
    frame["district"] = people["district"].to_numpy()[who]
    back = frame["person"].isin(doubles.recalled)
    ledger.rows.append(payouts.expand(city, frame[back]).assign(status="追回"))
    ledger.spans = pd.concat([ledger.spans, frame[~back]], ignore_index=True)
    numbers, id_no = np.arange(len(parcels)), people["id_no"].to_numpy()
    village = village_org(geo.villages["code"]).to_numpy()[people["village"].to_numpy()[parcels["person"]]]
    to = np.where(parcels["transferee"] >= 0, id_no[parcels["transferee"]], "")
    table = pd.DataFrame({"parcel_id": parcel_ids(numbers), "village": village})
    table = table.assign(
        contractor=id_no[parcels["person"]], area=parcels["area"], land=parcels["land"], transferee=to
    )
    year = int(str(city.months[PAY_MONTH])[:4])
    claims = pd.DataFrame(
        {"parcel": numbers, "person": parcels["user"], "area": parcels["claimed"], "year": year}
    )
    again = second.assign(year=year - second["back"]).rename(columns={"user": "person", "claimed": "area"})
    claims = pd.concat([claims, again.drop(columns="back")], ignore_index=True)
    claims["claim_id"] = "SB" + pd.Series(np.arange(len(claims))).astype(str).str.zfill(8)
    claims["parcel_id"] = parcel_ids(claims.pop("parcel").to_numpy())
    return table, claims
