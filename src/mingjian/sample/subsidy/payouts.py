"""From benefit spans to payment rows, with amounts, batches, pay days and returned payments."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.context import City
from mingjian.sample.subsidy.programmes import NUMBER, PROGRAMMES, standard

KEEP = 99
RETURN_SHARE = 0.004
RETURN_REASONS = ["账户已销户", "户名不符", "账号有误"]
SETTLED_DAYS = 46


def pay_date(city: City, frame: pd.DataFrame) -> np.ndarray:
    """Each district pays each programme on its own day of the month, 8th to 20th."""
    day = 7 + (frame["district"].to_numpy() * 5 + frame["programme"].to_numpy() * 3) % 13
    return city.months[frame["month"].to_numpy()] + day.astype("timedelta64[D]")


def expand(city: City, found: pd.DataFrame) -> pd.DataFrame:
    """One row a span and month: person, programme, tier, district, month (position), account, amount, quantity, pay_date.

    Spans may carry `alt`, `alt_from`, `alt_to`: another account in the months alt_from <= month < alt_to.
    """
    length = (found["last"] - found["first"] + 1).to_numpy()
    rows = found.loc[found.index.repeat(length)].reset_index(drop=True)
    step = np.arange(len(rows)) - np.repeat(np.cumsum(length) - length, length)
    rows["month"] = rows["first"] + step
    switched = (rows["month"] >= rows["alt_from"]) & (rows["month"] < rows["alt_to"])
    rows["account"] = np.where(switched, rows["alt"], rows["account"]).astype(int)
    rows["quantity"] = rows["quantity"].fillna(1.0)
    rows["amount"] = amounts(city, rows)
    rows["pay_date"] = pay_date(city, rows)
    rows["status"] = "成功"
    rows["reason"] = ""
    return rows.drop(columns=["first", "last", "alt", "alt_from", "alt_to"])


def amounts(city: City, rows: pd.DataFrame) -> np.ndarray:
    """The standard times the quantity; free amounts (relief, machinery) in whole tens of yuan."""
    rng = city.rng("amounts")
    fixed = standard(
        rows["programme"].to_numpy(),
        rows["tier"].to_numpy(),
        rows["district"].to_numpy(),
        rows["month"].to_numpy(),
    )
    free = np.round(rng.lognormal(7.2, 0.5, len(rows)), -1)
    free = np.where(rows["programme"] == NUMBER["NJGZ"], free * 6, free)
    return np.where(fixed < 0, free, np.round(fixed * rows["quantity"].to_numpy(), 2))


def return_some(city: City, rows: pd.DataFrame) -> pd.DataFrame:
    """Some payments of people with no part come back and are paid again in ten or thirty days; the newest still wait."""
    rng = city.rng("returns")
    hit = (rng.random(len(rows)) < RETURN_SHARE) & ~city.taken[rows["person"].to_numpy()]
    city.taken[rows.loc[hit, "person"].to_numpy()] = True  # their second payment must not be lost to the mess
    rows.loc[hit, "status"] = "退票"
    rows.loc[hit, "reason"] = rng.choice(RETURN_REASONS, hit.sum())
    waiting = rows["pay_date"] > city.today - np.timedelta64(SETTLED_DAYS, "D")
    again = rows[hit & ~waiting].copy()
    later = np.where(rng.random(len(again)) < 0.5, 10, 30).astype("timedelta64[D]")
    again["pay_date"] += later
    again["status"], again["reason"] = "成功", ""
    return pd.concat([rows, again], ignore_index=True)


def finish(city: City, rows: pd.DataFrame, districts: np.ndarray) -> pd.DataFrame:
    """Sort and number the rows; name each batch by district, programme and month of payment."""
    rows = rows.sort_values(["district", "pay_date", "programme", "person", "status"], kind="stable")
    rows = rows.reset_index(drop=True)
    codes = np.array([p.code for p in PROGRAMMES], dtype=object)[rows["programme"].to_numpy()]
    paid = rows["pay_date"].dt.strftime("%Y%m")
    rows["batch"] = districts[rows["district"].to_numpy()] + "-" + codes + "-" + paid
    rows["payout_id"] = "FF" + pd.Series(np.arange(len(rows)) + 10_000_000).astype(str)
    return rows
