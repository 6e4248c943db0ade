"""Grants of benefits (待遇资格) that agree with what the ledger pays, their reviews, and reviews that never came."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.city.geography import Geography, line_org
from mingjian.sample.city.people import heads
from mingjian.sample.context import LAST_MONTH, City, Dates, Numbers, days, levels
from mingjian.sample.subsidy.assistance_cases import Aided, household_ids
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.programmes import NUMBER, PROGRAMMES

MODEL = "subsidy.review_overdue"
SHARE = 1 / 1500
REVIEWED = [i for i, p in enumerate(PROGRAMMES) if p.need_based]
GRANTED = [*REVIEWED, NUMBER["GLJT"]]
BY_HOUSEHOLD = [i for i, p in enumerate(PROGRAMMES) if p.payee == "家庭"]
AID = [NUMBER[code] for code in ("NCDB", "CSDB", "TKGY")]
LATE = {"高": (1105, 1800), "中": (740, 1085), "低": (402, 720)}
REASONS = ["收入超过标准", "主动退出", "迁出", "死亡"]


def build_grants(ledger: Ledger, aided: Aided) -> pd.DataFrame:
    """One row a grant: programme, person, tier, district, first, last, begin, end, reason, reviewed, elig_id.

    Household programmes have one grant a household, in its head's name. Reviews come within the cycle or its days of
    grace; new grants have none yet; some that have ended were last reviewed long ago. Cases of `review_overdue` are
    planted among grants still paid.
    """
    city, rng = ledger.city, ledger.city.rng("grants")
    found = pd.concat([_from_ledger(ledger), _coming(ledger, aided)], ignore_index=True)
    found = found.sort_values(["programme", "person", "district"], kind="stable").reset_index(drop=True)
    found["elig_id"] = "ZG" + pd.Series(np.arange(len(found))).astype(str).str.zfill(8)
    _date(city, rng, found)
    _review(city, rng, found)
    _plant_overdue(city, rng, found)
    return found


def active_households(ledger: Ledger, grants: pd.DataFrame) -> Numbers:
    """Heads of the households that now receive minimum allowance or destitute support."""
    now = grants["programme"].isin(AID) & (grants["last"] == LAST_MONTH) & (grants["first"] <= LAST_MONTH)
    return np.unique(heads(ledger.people)[grants.loc[now, "person"].to_numpy()])


def _from_ledger(ledger: Ledger) -> pd.DataFrame:
    columns = ["person", "programme", "tier", "district", "first", "last"]
    single = [
        rows.loc[rows["status"] == "成功"].assign(first=rows["month"], last=rows["month"])[columns]
        for rows in ledger.rows
    ]
    paid = pd.concat([ledger.spans[columns], *single], ignore_index=True)
    whole = dict.fromkeys(["person", "programme", "district", "first", "last"], int)
    paid = paid[paid["programme"].isin(GRANTED)].astype(whole)
    of_family = paid["programme"].isin(BY_HOUSEHOLD).to_numpy()
    paid["person"] = np.where(of_family, heads(ledger.people)[paid["person"].to_numpy()], paid["person"])
    grouped = paid.groupby(["programme", "person", "district"], as_index=False, sort=True)
    return grouped.agg(tier=("tier", "first"), first=("first", "min"), last=("last", "max"))


def _coming(ledger: Ledger, aided: Aided) -> pd.DataFrame:
    """Families whose allowance is approved and begins the month after next."""
    who = np.array(aided.coming, dtype=int)
    code = np.where(ledger.people["rural"].to_numpy()[who], NUMBER["NCDB"], NUMBER["CSDB"])
    frame = pd.DataFrame({"programme": code, "person": who})
    frame = frame.assign(district=ledger.people["district"].to_numpy()[who], tier="C")
    return frame.assign(first=LAST_MONTH + 3, last=LAST_MONTH + 3)


def _date(city: City, rng: np.random.Generator, found: pd.DataFrame) -> None:
    start = np.datetime64(city.months[0], "M")
    first, last = found["first"].to_numpy(), found["last"].to_numpy()
    began = (start + first).astype("datetime64[D]")
    before = np.asarray(start - rng.integers(1, 80, len(found))).astype("datetime64[D]")
    found["begin"] = np.where(first == 0, before, began)
    yearly = np.array([PROGRAMMES[p].cycle == "year" for p in found["programme"]])
    months = np.where(yearly, first + 12, last + 1)
    end = (start + months).astype("datetime64[D]") - np.timedelta64(1, "D")
    open_end = (last >= LAST_MONTH) & ~yearly
    found["end"] = np.where(open_end, np.datetime64("NaT"), end)
    found["reason"] = np.where(open_end | yearly, "", rng.choice(REASONS, len(found)))


def _review(city: City, rng: np.random.Generator, found: pd.DataFrame) -> None:
    ago = city.today - days(rng, 5, 380, len(found))
    ended = found["end"].notna().to_numpy() & (rng.random(len(found)) < 0.5)
    ago = np.where(ended, city.today - days(rng, 500, 900, len(found)), ago)
    new = (found["first"] > 0).to_numpy() | (
        found["begin"].to_numpy() > city.today - np.timedelta64(330, "D")
    )
    none = new | ~found["programme"].isin(REVIEWED).to_numpy()
    early = found["begin"].to_numpy() > ago
    found["reviewed"] = np.where(none, np.datetime64("NaT"), ago)
    found.loc[early & ~none, "begin"] = (ago - days(rng, 30, 900, len(found)))[early & ~none]


def _plant_overdue(city: City, rng: np.random.Generator, found: pd.DataFrame) -> None:
    """Last reviewed one to two cycles ago (低), two to three (中), more (高); one in four never since the grant."""
    running = found["end"].isna() & (found["first"] == 0) & found["programme"].isin(REVIEWED)
    who = rng.choice(np.flatnonzero(running), city.cases_for(SHARE), replace=False)
    level = levels(len(who))
    for name, (low, high) in LATE.items():
        mine = who[level == name]
        last = city.today - days(rng, low, high, len(mine))
        never = np.arange(len(mine)) % 4 == 2
        found.loc[mine, "begin"] = np.where(never, last, last - days(rng, 200, 1500, len(mine)))
        found.loc[mine, "reviewed"] = np.where(never, np.datetime64("NaT"), last)
        ids = found["elig_id"].to_numpy()[mine]
        city.plant(MODEL, "eligibility", ids, f"{name}: 超过复核周期与宽限期没有复核记录")


def grant_table(geo: Geography, ledger: Ledger, found: pd.DataFrame) -> pd.DataFrame:
    """The grants as the civil-affairs system exports them; three old ones carry no dates at all."""
    rng, who = ledger.city.rng("grant mess"), found["person"].to_numpy()
    codes = np.array([p.code for p in PROGRAMMES], dtype=object)
    frame = pd.DataFrame({"资格编号": found["elig_id"], "项目编码": codes[found["programme"].to_numpy()]})
    frame["对象身份证号"] = mess.messy_ids(rng, ledger.people["id_no"].to_numpy()[who])
    frame["家庭编号"] = household_ids(ledger, who)
    frame = frame.assign(档次=found["tier"], 起始日期=mess.messy_dates(rng, found["begin"].to_numpy()))
    frame["终止日期"] = mess.messy_dates(rng, found["end"].to_numpy())
    frame["停发原因"] = found["reason"]
    frame["最近复核日期"] = mess.messy_dates(rng, _days(found["reviewed"]))
    frame["责任机构"] = _offices(geo, ledger, found)
    undated = frame[found["programme"].isin(REVIEWED) & found["end"].notna()].head(3)
    undated = undated.assign(起始日期="", 终止日期="", 最近复核日期="", 停发原因="")
    undated["资格编号"] = undated["资格编号"].str.replace("ZG", "ZJ")
    return pd.concat([frame, undated], ignore_index=True)


def _days(column: pd.Series) -> Dates:
    return column.to_numpy().astype("datetime64[D]")


def _offices(geo: Geography, ledger: Ledger, found: pd.DataFrame) -> np.ndarray:
    """The town office where the person lives; the district's office when another district pays."""
    people, who = ledger.people, found["person"].to_numpy()
    town = "T" + geo.villages["town"].to_numpy()[people["village"].to_numpy()[who]]
    away = found["district"].to_numpy() != people["district"].to_numpy()[who]
    district = geo.district_texts()[found["district"].to_numpy()]
    other = np.array([line_org(d, "civil_affairs") for d in district], dtype=object)
    return np.where(away, other, town)
