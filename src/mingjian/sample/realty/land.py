"""Land grants and the payment of their price: idle lots, money owed, and honest delays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.context import City, days
from mingjian.sample.realty.land_parts import IDLE, OWED

IDLE_NOTES = {
    "idle_high": "高: 逾约定开工日两年以上未动工",
    "idle_medium": "中: 逾约定开工日一至两年未动工",
    "idle_low": "低: 将满一年未动工",
}
OWED_NOTES = {
    "owed_long": "高: 逾期半年以上",
    "owed_permit": "高: 欠缴期间办结许可",
    "owed_medium": "中: 逾期二至六个月",
    "owed_late": "中: 迟缴二至六个月",
    "owed_short": "低: 逾期不足二个月",
}
# Part -> days before today on which the second instalment fell due.
DUE_AGO = {
    "owed_long": (200, 420), "owed_permit": (150, 175), "owed_medium": (65, 170), "owed_short": (3, 55),
    "owed_late": (150, 300), "owed_deferred": (60, 120), "owed_today": (0, 0), "owed_deposit": (30, 200),
}  # fmt: skip
UNPAID = ["owed_long", "owed_permit", "owed_medium", "owed_short", "owed_deferred", "owed_today"]
PRESALE_DAY = 150
DEPOSIT_SHARE = 0.2
SECOND_DUE = -90
FIRST_DUE = -390


def build_grants(city: City, projects: pd.DataFrame, area: np.ndarray) -> pd.DataFrame:
    """One grant a project: grant_id, project_id, part, grantee, mode, contract, deliver, area, price, start_by, gov_cause.

    Look-alikes of idle land: the government's own cause, a seizure, a start reported at last, less than 300 days.
    """
    rng = city.rng("grants")
    n, part = len(projects), projects["part"]
    start = projects["start"].to_numpy().astype("datetime64[D]")
    agreed = np.where(part.str.startswith("idle"), start, start + np.timedelta64(60, "D"))
    agreed = np.where(part == "idle_begun", start - np.timedelta64(450, "D"), agreed)
    contract = np.minimum(start, agreed) - np.timedelta64(420, "D")
    frame = pd.DataFrame(
        {
            "grant_id": [f"TD{i + 10_000}" for i in range(n)], "project_id": projects["project_id"], "part": part,
            "grantee": projects["developer"], "contract": contract, "start_by": agreed,
            "mode": rng.choice(["招拍挂", "协议"], n, p=[0.9, 0.1]), "area": (area / 2).round(2),
            "price": (area * rng.integers(1200, 2400, n) / 2).round(-4), "gov_cause": np.where(part == "idle_gov", "是", "否"),
        }
    )  # fmt: skip
    # A third of the idle lots have no agreed start: then a year after handing over stands in for it.
    silent = part.isin(list(IDLE)).to_numpy() & (np.arange(n) % 3 == 0)
    frame["deliver"] = np.where(
        silent, start - np.timedelta64(365, "D"), frame["contract"] + np.timedelta64(45, "D")
    )
    frame["start_by"] = frame["start_by"].where(~silent, pd.NaT)
    for name, note in IDLE_NOTES.items():
        city.plant("realty.idle_land", "project", frame.loc[part == name, "project_id"], note)
    return frame


def build_payments(city: City, projects: pd.DataFrame, grants: pd.DataFrame) -> pd.DataFrame:
    """Two instalments a grant (and a deposit where there was one): grant, due, deferred, owed, paid_on, paid.

    Background pays a few days early; three old grants paid late, long ago.
    """
    rng = city.rng("land payments")
    part, start = grants["part"], projects["start"].to_numpy().astype("datetime64[D]")
    n, half = len(grants), (grants["price"] / 2).round(2).to_numpy()
    first_due, second_due = start + np.timedelta64(FIRST_DUE, "D"), start + np.timedelta64(SECOND_DUE, "D")
    for name, (low, high) in DUE_AGO.items():
        mine = (part == name).to_numpy()
        second_due[mine] = city.today - days(rng, low, high, int(mine.sum()))
    after = part.isin(["presale_land", "presale_two"]).to_numpy()
    second_due[after] = start[after] + PRESALE_DAY + days(rng, 20, 35, int(after.sum()))
    first_due = np.minimum(first_due, second_due - np.timedelta64(200, "D"))
    first = pd.DataFrame({"grant": grants["grant_id"], "part": part, "due": first_due, "owed": half})
    first = first.assign(paid_on=first_due - days(rng, 0, 12, n), paid=half)
    second = first.assign(due=second_due, paid_on=second_due - days(rng, 0, 12, n))
    second = _second(rng, second, half)
    old = np.flatnonzero((part == "clean") & (projects["age"] >= 880))[:3]
    second.loc[old, "paid_on"] = second.loc[old, "due"] + np.timedelta64(20, "D")
    rows = pd.concat([first, second, _deposits(first, half)], ignore_index=True)
    rows = rows[rows["part"] != "no_ledger"]
    rows = rows.sort_values(["grant", "due"], kind="stable").reset_index(drop=True)
    rows.loc[rows["paid_on"] > pd.Timestamp(city.today), "paid"] = 0.0
    rows["paid_on"] = rows["paid_on"].where(rows["paid"] > 0)
    for name, note in OWED_NOTES.items():
        city.plant("realty.land_payment_overdue", "project", grants.loc[part == name, "project_id"], note)
    return rows


def _second(rng: np.random.Generator, second: pd.DataFrame, half: np.ndarray) -> pd.DataFrame:
    """The second instalment by part: unpaid, half paid, paid late, deferred, or lowered by the deposit."""
    part = second["part"]
    unpaid = part.isin(UNPAID)
    second["deferred"] = pd.Series(pd.NaT, index=second.index, dtype="datetime64[s]")
    second["paid_on"], second["paid"] = second["paid_on"].where(~unpaid), second["paid"].where(~unpaid, 0.0)
    for name in OWED:
        some = np.flatnonzero((part == name) & unpaid)[:1]
        second.loc[some, "paid_on"] = second.loc[some, "due"] - np.timedelta64(3, "D")
        second.loc[some, "paid"] = (half[some] * 0.4).round(2)
    late = part == "owed_late"
    second.loc[late, "paid_on"] = second.loc[late, "due"] + days(rng, 70, 130, int(late.sum()))
    put_off = part == "owed_deferred"
    second.loc[put_off, "deferred"] = second.loc[put_off, "due"] + days(rng, 180, 240, int(put_off.sum()))
    lowered = part == "owed_deposit"
    second.loc[lowered, "paid"] = (half[lowered] * (1 - DEPOSIT_SHARE)).round(2)
    return second


def _deposits(first: pd.DataFrame, half: np.ndarray) -> pd.DataFrame:
    """What was put down for the auction, set against the price: nothing was due for it."""
    mine = first[first["part"] == "owed_deposit"].copy()
    mine["paid_on"] = mine["due"] - np.timedelta64(60, "D")
    mine["paid"] = (half[mine.index] * DEPOSIT_SHARE).round(2) + 1
    mine["owed"], mine["due"] = 0.0, pd.NaT
    return mine
