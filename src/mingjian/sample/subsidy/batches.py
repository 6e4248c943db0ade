"""Payment batches (发放批次) with their time line: funded, submitted, transferred, paid; and funds that lay idle."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.city.geography import line_org
from mingjian.sample.city.workdays import Workdays, build_workdays
from mingjian.sample.context import City, Dates, Numbers, Texts
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.programmes import NUMBER, PROGRAMMES

MODEL = "subsidy.funds_idle"
MILLION = 1_000_000
QUARTERLY = NUMBER["YMHF"]
PAID = [("高", 92, 125), ("中", 62, 88), ("低", 32, 58), ("拨付", 16, 28)]
WAITING = [("高", 104, 0.35), ("中", 72, 0.42), ("低", 41, 0.28), ("高", 44, 1.6)]
EACH = 3
SETTLERS = 1 / 400


def pay_settlers(ledger: Ledger) -> None:
    """Resettled farmers are paid once a quarter."""
    city = ledger.city
    who = city.draw(city.rng("settlers"), ledger.idle(20, 75), city.cases_for(SETTLERS, 24))
    for place, month in enumerate(city.months.astype("datetime64[M]").astype(int)):
        if month % 3 == 2:
            ledger.grant(who, "YMHF", "普通", place, place)


def build_batches(city: City, rows: pd.DataFrame, districts: Texts) -> pd.DataFrame:
    """One row a batch of the payouts, and batches that still wait; plants `funds_idle`.

    Ordinary batches are paid within thirty working days of funding and transferred within ten of submission; some
    exactly then. Quarterly programmes take up to seventy.
    """
    rng, workdays = city.rng("batches"), build_workdays(city)[0]
    found = rows.groupby("batch", as_index=False, sort=True).agg(
        programme=("programme", "first"),
        district=("district", "first"),
        paid=("pay_date", "min"),
        amount=("amount", "sum"),
        count=("amount", "size"),
    )
    paid = found["paid"].to_numpy().astype("datetime64[D]")
    idle, middle = rng.integers(9, 29, len(found)), rng.integers(1, 7, len(found))
    quarterly = (found["programme"] == QUARTERLY).to_numpy()
    idle = np.where(quarterly, rng.integers(33, 66, len(found)), idle)
    _exact(rng, quarterly, idle, middle)
    _plant_paid(city, rng, found, quarterly, idle, middle)
    found = _timed(rng, workdays, found, paid, idle, middle)
    waiting = pd.concat([_this_month(city, rng, workdays, found), _plant_waiting(city, workdays, districts)])
    found = pd.concat([found, waiting], ignore_index=True)
    return _export(city, rng, found, districts)


def _exact(rng: np.random.Generator, quarterly: np.ndarray, idle: Numbers, middle: Numbers) -> None:
    """Look-alikes at the very limit: thirty days in all, ten days between submission and transfer."""
    limit, mid = np.split(rng.choice(np.flatnonzero(~quarterly), 8, replace=False), 2)
    idle[limit] = 30
    idle[mid], middle[mid] = 25, 10


def _plant_paid(
    city: City,
    rng: np.random.Generator,
    found: pd.DataFrame,
    quarterly: np.ndarray,
    idle: Numbers,
    middle: Numbers,
) -> None:
    plain = np.flatnonzero(~quarterly & (idle < 30) & (middle < 10) & (found["amount"] < MILLION).to_numpy())
    chosen = rng.choice(plain, len(PAID) * EACH, replace=False).reshape(len(PAID), EACH)
    for (name, low, high), who in zip(PAID, chosen, strict=True):
        idle[who] = rng.integers(low, high, EACH)
        note = "低: 报送后超过十个工作日才拨付" if name == "拨付" else f"{name}: 资金到位后久未发放"
        if name == "拨付":
            middle[who] = rng.integers(11, 14, EACH)
        city.plant(MODEL, "batch", found["batch"].to_numpy()[who], note)
    late = rng.choice(np.flatnonzero(quarterly), 1)
    idle[late] = 82
    city.plant(MODEL, "batch", found["batch"].to_numpy()[late], "中: 按季发放的资金超过一个季度")


def _timed(
    rng: np.random.Generator,
    workdays: Workdays,
    found: pd.DataFrame,
    paid: Dates,
    idle: Numbers,
    middle: Numbers,
) -> pd.DataFrame:
    """Days counted back from the day of payment: the bank takes up to two working days after the transfer."""
    transfer = workdays.after(paid, -rng.integers(0, 3, len(found)))
    return found.assign(
        funded=workdays.after(paid, -idle),
        submit=workdays.after(transfer, -middle),
        transfer=transfer,
        paid=paid,
        month=paid.astype("datetime64[M]"),
    )


def _this_month(
    city: City, rng: np.random.Generator, workdays: Workdays, found: pd.DataFrame
) -> pd.DataFrame:
    """Monthly batches of the month of the run: funded and submitted, not yet paid."""
    monthly = [i for i, p in enumerate(PROGRAMMES) if p.cycle == "month"]
    last = found[found["programme"].isin(monthly) & (found["month"] == city.months[-1])].copy()
    last["batch"] = last["batch"].str[:-6] + str(city.today.astype("datetime64[M]")).replace("-", "")
    last = last[~last["batch"].isin(found["batch"])]
    today = np.full(len(last), city.today)
    last["funded"] = workdays.after(today, -rng.integers(4, 10, len(last)))
    last["submit"] = workdays.after(today, -rng.integers(0, 4, len(last)))
    nothing = np.datetime64("NaT", "D")
    return last.assign(transfer=nothing, paid=nothing, month=city.today.astype("datetime64[M]"))


def _plant_waiting(city: City, workdays: Workdays, districts: Texts) -> pd.DataFrame:
    """Supplements that were funded, never submitted and never paid; one of them above a million."""
    rows = []
    for i, (name, idle, million) in enumerate(WAITING):
        funded = workdays.after(np.array([city.today]), np.array([-idle]))[0]
        batch = f"{districts[i]}-YLJZ-BF{i + 1:02d}"
        rows.append(
            (batch, NUMBER["YLJZ"], i, million * MILLION, 120 + i, funded, funded.astype("datetime64[M]"))
        )
        city.plant(MODEL, "batch", batch, f"{name}: 补助资金到位后尚未发放")
    columns = ["batch", "programme", "district", "amount", "count", "funded", "month"]
    return pd.DataFrame(rows, columns=columns)


def _export(city: City, rng: np.random.Generator, found: pd.DataFrame, districts: Texts) -> pd.DataFrame:
    programme, district = found["programme"].to_numpy(), districts[found["district"].to_numpy()]
    frame = pd.DataFrame({"批次号": found["batch"], "项目编码": [PROGRAMMES[p].code for p in programme]})
    lines = [PROGRAMMES[p].line for p in programme]
    frame["编制单位"] = [line_org(d, line) for d, line in zip(district, lines, strict=True)]
    frame["所属月份"] = found["month"].to_numpy().astype("datetime64[M]").astype(str)
    for name, column in (
        ("资金到位日", "funded"),
        ("报送日", "submit"),
        ("拨付日", "transfer"),
        ("代发日", "paid"),
    ):
        frame[name] = mess.messy_dates(rng, found[column].to_numpy().astype("datetime64[D]"))
    frame["批次金额(元)"] = mess.messy_numbers(rng, found["amount"].to_numpy())
    frame["笔数"] = found["count"].astype(str)
    return frame
