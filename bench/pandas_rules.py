"""Five of the subsidy rules as an analyst would write them in pandas: read the columns, merge, group, filter.

They answer as the rule files do (subject and level), which `bench/rules.py` checks before it compares any time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

Files = dict[str, list[str]]
Found = dict[str, str]  # subject -> level


def deceased_payee(paid: pd.DataFrame, files: Files, _as_of: date) -> Found:
    deaths = _read(files, "death_record", ["person_id", "death_date", "source"])
    deaths = deaths.groupby("person_id").agg(death_date=("death_date", "min")).reset_index()
    rows = paid.merge(deaths, on="person_id").merge(_programmes(files), on="programme_id")
    rows = rows[rows["category"] != "funeral"]
    died = rows["death_date"].dt.to_period("M").dt.to_timestamp()
    monthly = (rows["cycle"] == "month") & (rows["month"] >= died + pd.DateOffset(months=2))
    other = (rows["cycle"] != "month") & (rows["month"] > died)
    other &= (rows["pay_date"] - rows["death_date"]).dt.days > 60
    hit = rows[monthly | other].groupby("person_id")
    seen = hit.agg(
        months=("month", "nunique"), programmes=("programme_id", "nunique"), amount=("amount", "sum")
    )
    high = (seen["months"] >= 3) | (seen["amount"] >= 3000) | (seen["programmes"] >= 2)
    return _levels(seen.index, high, seen["months"] == 2)


def duplicate_same_programme(paid: pd.DataFrame, files: Files, _as_of: date) -> Found:
    key = ["person_id", "programme_id", "month"]
    rows = paid[(paid["amount"] > 0) & paid["person_id"].notna()]
    rows = rows[rows.duplicated(key, keep=False)]
    seen = rows.groupby(key).agg(
        accounts=("account_hash", "nunique"),
        paid=("amount", "sum"),
        tier=("tier", "max"),
        region=("region_code", "max"),
        quantity=("quantity", "max"),
    )
    seen["plots"] = rows.drop_duplicates([*key, "quantity"]).groupby(key)["quantity"].sum()
    seen = seen.reset_index()
    seen["n"] = np.arange(len(seen))
    due = _due(seen, _gaps(seen, paid, files), files)
    seen = seen.join(due, on="n", how="inner")
    seen = seen[seen["paid"] > 1.05 * seen["standard"]].groupby("person_id")
    found = seen.agg(periods=("month", "size"), accounts=("accounts", "max"))
    return _levels(found.index, (found["periods"] >= 3) | (found["accounts"] >= 2), found["periods"] == 2)


def _gaps(seen: pd.DataFrame, paid: pd.DataFrame, files: Files) -> pd.Series:
    """Unpaid months before each payment, at most three, for monthly programmes."""
    monthly = _programmes(files).query("cycle == 'month'")["programme_id"]
    asked = seen.loc[seen["programme_id"].isin(monthly), ["n", "person_id", "programme_id", "month"]]
    before = paid.loc[paid["person_id"].isin(asked["person_id"]), ["person_id", "programme_id", "month"]]
    both = asked.merge(before, on=["person_id", "programme_id"], suffixes=("", "_b"))
    last = (
        both[both["month_b"] < both["month"]].groupby("n").agg(month=("month", "max"), b=("month_b", "max"))
    )
    months = (
        (last["month"].dt.year - last["b"].dt.year) * 12 + last["month"].dt.month - last["b"].dt.month - 1
    )
    return months.clip(upper=3)


def _due(seen: pd.DataFrame, gaps: pd.Series, files: Files) -> pd.Series:
    standards = _read(
        files,
        "subsidy_standard",
        ["programme_id", "region_code", "tier", "amount", "unit", "valid_from", "valid_to"],
    )
    both = seen.merge(standards, on="programme_id", suffixes=("", "_s"))
    own = both["region"].str[:6]
    fits = both["tier_s"].isna() | both["tier"].isna() | (both["tier_s"] == both["tier"])
    place = both["region_code"].str[:6]
    fits &= both["region_code"].isna() | (place == own) | (place == own.str[:4] + "00")
    fits &= both["valid_from"].isna() | (both["valid_from"] <= both["month"])
    fits &= both["valid_to"].isna() | (both["valid_to"] > both["month"])
    both = both[fits]
    times = both["quantity"].replace(0, np.nan).fillna(1.0)
    times = times.where(both["unit"] != "mu", both["plots"].fillna(1.0)).where(
        both["unit"] != "household", 1.0
    )
    best = (both["amount"] * times).groupby(both["n"]).max()
    return (best * (1 + gaps.reindex(best.index).fillna(0))).rename("standard")


def exclusive_programmes(paid: pd.DataFrame, files: Files, _as_of: date) -> Found:
    columns = ["programme_a", "programme_b", "scope", "rule", "valid_from", "valid_to"]
    pairs = _read(files, "programme_conflict", columns)
    pairs["pa"] = np.minimum(pairs["programme_a"].astype(object), pairs["programme_b"].astype(object))
    pairs["pb"] = np.maximum(pairs["programme_a"].astype(object), pairs["programme_b"].astype(object))
    both = [
        _overlaps(paid, pair, files)
        for pair in pairs.drop_duplicates([*columns[2:], "pa", "pb"]).itertuples()
    ]
    rows = pd.concat(both, ignore_index=True)
    each = rows.groupby(["person_id", "pa", "pb"]).agg(months=("month", "nunique"), amount=("lower", "sum"))
    found = each.groupby("person_id").agg(months=("months", "max"), amount=("amount", "sum"))
    return _levels(found.index, (found["months"] >= 6) | (found["amount"] >= 3000), found["months"] >= 2)


def _overlaps(paid: pd.DataFrame, pair: Any, files: Files) -> pd.DataFrame:
    unit = "person_id" if pair.scope == "person" else "household_id"
    sides = []
    for programme in (pair.pa, pair.pb):
        mine = paid[(paid["programme_id"] == programme) & (paid["amount"] > 0)].copy()
        mine["unit"] = mine[unit]
        sides.append(
            mine.groupby(["unit", "month"])
            .agg(
                person_id=("person_id", "min"),
                region=("region_code", "max"),
                tier=("tier", "max"),
                amount=("amount", "sum"),
            )
            .reset_index()
        )
    rows = sides[0].merge(sides[1], on=["unit", "month"], suffixes=("", "_b"))
    if pd.notna(pair.valid_from):
        start = pair.valid_from.to_period("M").to_timestamp() + pd.DateOffset(months=1)
        rows = rows[rows["month"] >= start]
    if pd.notna(pair.valid_to):
        rows = rows[rows["month"] < pair.valid_to]
    if pair.rule == "higher_only":
        rows = rows[~_topped_up(rows.reset_index(drop=True), pair, files)]
    lower = rows["amount"] < rows["amount_b"]
    return pd.DataFrame(
        {
            "person_id": rows["person_id"].where(lower, rows["person_id_b"]),
            "pa": pair.pa,
            "pb": pair.pb,
            "month": rows["month"],
            "lower": rows[["amount", "amount_b"]].min(axis=1),
        }
    )


def _topped_up(rows: pd.DataFrame, pair: Any, files: Files) -> np.ndarray:
    columns = ["programme_id", "region_code", "tier", "amount", "valid_from", "valid_to"]
    standards = _read(files, "subsidy_standard", columns)
    told = np.zeros(len(rows), dtype=bool)
    own = rows["region"].str[:6]
    for s in standards.itertuples():
        if s.programme_id not in (pair.pa, pair.pb):
            continue
        side = rows["tier"] if s.programme_id == pair.pa else rows["tier_b"]
        fits = pd.Series(True, index=rows.index) if pd.isna(s.tier) else side == s.tier
        if pd.notna(s.region_code):
            fits &= (own == s.region_code[:6]) | (own.str[:4] + "00" == s.region_code[:6])
        if pd.notna(s.valid_from):
            fits &= rows["month"] >= s.valid_from
        if pd.notna(s.valid_to):
            fits &= rows["month"] < s.valid_to
        told |= (fits & ((rows["amount"] + rows["amount_b"] - s.amount).abs() <= 1)).to_numpy(dtype=bool)
    return told


def shared_account(paid: pd.DataFrame, files: Files, _as_of: date) -> Found:
    people = paid.drop_duplicates(["account_hash", "person_id"]).groupby("account_hash").size()
    rows = paid[paid["account_hash"].isin(people[people > 1].index) & (paid["amount"] > 0)]
    payee = rows.groupby(["account_hash", "month", "person_id"]).agg(amount=("amount", "sum")).reset_index()
    accounts = _read(files, "bank_account", ["account_hash", "kind", "holder_person_id", "holder_company_id"])
    accounts = accounts[
        accounts["kind"].isin(["personal", "social_card"]) & accounts["holder_person_id"].notna()
    ]
    accounts = accounts[accounts["holder_company_id"].isna()]
    payee = payee.merge(accounts[["account_hash", "holder_person_id"]], on="account_hash")
    payee["many"] = payee.groupby(["account_hash", "month"])["person_id"].transform("size")
    payee = payee[payee["many"] >= 3]
    payee = payee.merge(_kin(payee, files), on=["account_hash", "month", "person_id"], how="left")
    other = payee["person_id"] != payee["holder_person_id"]
    payee["unrelated"] = other & payee["headed"].isna()
    payee["not_headed"] = other & (payee["headed"].fillna(0) == 0)
    month = payee.groupby(["account_hash", "month", "holder_person_id"])
    month = month.agg(unrelated=("unrelated", "sum"), not_headed=("not_headed", "sum")).reset_index()
    month = month[month["not_headed"] >= 3]
    month["cadre"] = _is_cadre(month, files) & (month["unrelated"] > 0)
    found = month.groupby("account_hash").agg(unrelated=("unrelated", "max"), cadre=("cadre", "max"))
    return _levels(found.index, (found["unrelated"] >= 5) | found["cadre"], found["unrelated"] >= 3)


def _kin(payee: pd.DataFrame, files: Files) -> pd.DataFrame:
    members = _read(
        files, "household_member", ["household_id", "person_id", "relation", "valid_from", "valid_to"]
    )
    held = payee[["account_hash", "month", "holder_person_id"]].drop_duplicates()
    own = held.merge(members, left_on="holder_person_id", right_on="person_id")
    own = own[_valid(own)]
    kin = own[["account_hash", "month", "household_id", "relation"]].merge(
        members[["household_id", "person_id", "valid_from", "valid_to"]], on="household_id"
    )
    kin = kin[_valid(kin)]
    kin["headed"] = (kin["relation"] == "head").astype(int)
    return kin.groupby(["account_hash", "month", "person_id"])["headed"].max().reset_index()


def _valid(rows: pd.DataFrame) -> pd.Series:
    starts = rows["valid_from"].isna() | (rows["valid_from"] < rows["month"] + pd.DateOffset(months=1))
    return starts & (rows["valid_to"].isna() | (rows["valid_to"] > rows["month"]))


def _is_cadre(month: pd.DataFrame, files: Files) -> np.ndarray:
    staff = _read(files, "public_employee", ["person_id", "emp_type", "start_date", "end_date"])
    staff = staff[staff["emp_type"].isin(["village_cadre", "civil_servant"])]
    asked = month.reset_index()[["index", "holder_person_id", "month"]]
    both = asked.merge(staff, left_on="holder_person_id", right_on="person_id")
    serves = both["start_date"].isna() | (both["start_date"] < both["month"] + pd.DateOffset(months=1))
    serves &= both["end_date"].isna() | (both["end_date"] > both["month"])
    return month.index.isin(both.loc[serves, "index"])


def farmland_over_contract(paid: pd.DataFrame, files: Files, _as_of: date) -> Found:
    parcels = _read(files, "farmland_parcel", ["contractor_id", "transferee_id", "contract_area_mu"])
    parcels["person_id"] = parcels["transferee_id"].fillna(parcels["contractor_id"])
    contracted = parcels.groupby("person_id")["contract_area_mu"].sum().rename("contracted")
    claims = _read(files, "farmland_claim", ["person_id", "year", "area_mu", "payout_id"])
    known = _read(files, "payout", ["payout_id", "status"])
    claims = claims.merge(known, on="payout_id", how="left")
    claims = claims[claims["status"].fillna("paid") == "paid"]
    rows = claims.groupby(["person_id", "year"])["area_mu"].sum().rename("claimed").reset_index()
    rows = rows.join(contracted, on="person_id", how="inner")
    excess = rows["claimed"] - rows["contracted"]
    hit = (rows["claimed"] > rows["contracted"] * 1.05) & (excess.round(6) >= 1)
    rows, excess = rows[hit], excess[hit].round(6)
    return _levels(rows["person_id"], (excess >= 20) | (excess >= rows["contracted"] * 0.5), excess >= 5)


RULES: dict[str, Callable[[pd.DataFrame, Files, date], Found]] = {
    "subsidy.deceased_payee": deceased_payee,
    "subsidy.duplicate_same_programme": duplicate_same_programme,
    "subsidy.exclusive_programmes": exclusive_programmes,
    "subsidy.shared_account": shared_account,
    "subsidy.farmland_over_contract": farmland_over_contract,
}
PAYOUT = [
    "person_id", "household_id", "programme_id", "region_code", "month", "pay_date", "amount", "quantity",
    "tier", "account_hash", "status",
]  # fmt: skip


def run(files: Files, as_of: date) -> dict[str, Found]:
    """All five, the payments read once; {rule: {subject: level}}."""
    paid = _read(files, "payout", PAYOUT)
    paid = paid[paid["status"] == "paid"]
    return {name: rule(paid, files, as_of) for name, rule in RULES.items()}


def _programmes(files: Files) -> pd.DataFrame:
    return _read(files, "subsidy_programme", ["programme_id", "category", "cycle"])


def _read(files: Files, table: str, columns: list[str]) -> pd.DataFrame:
    frame = pd.concat([pd.read_parquet(f, columns=columns) for f in files[table]], ignore_index=True)
    for name in frame.columns:
        if name in ("amount", "quantity", "area_mu", "contract_area_mu"):
            frame[name] = frame[name].astype(float)
        elif name == "month" or name.endswith(("_date", "_from", "_to")):
            frame[name] = pd.to_datetime(frame[name])
    return frame


def _levels(subjects: pd.Index | pd.Series, high: pd.Series, medium: pd.Series) -> Found:
    level = np.where(high, "高", np.where(medium, "中", "低"))
    return dict(zip(subjects, level, strict=True))
