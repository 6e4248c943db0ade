"""Who rightly receives what: benefit spans before anything is planted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.city.people import ADULT, heads
from mingjian.sample.context import LAST_MONTH, City, Flags, Numbers, Texts
from mingjian.sample.subsidy.programmes import NUMBER, PROGRAMMES

POOR = 0.022
POOR_LEAST = 170  # households; a town of 10,000 must still fill every part that begins with minimum allowance
SPAN_COLUMNS = ["person", "programme", "tier", "district", "first", "last", "account"]


def spans(
    person: Numbers,
    programme: str,
    tier: str | Texts,
    district: Numbers,
    account: Numbers,
    first: int | Numbers = 0,
    last: int | Numbers = LAST_MONTH,
) -> pd.DataFrame:
    """Benefit spans: month positions `first`..`last` inclusive, paid to account position `account`."""
    frame = pd.DataFrame({"person": person})
    values = [NUMBER[programme], tier, district, first, last, account]
    return frame.assign(**dict(zip(SPAN_COLUMNS[1:], values, strict=True)))


def build_benefits(city: City, people: pd.DataFrame, deaths: pd.Series) -> pd.DataFrame:
    """Spans of every programme by age, poverty and household; nothing is paid after the grace month of a death.

    Accounts: position of the person for grown-ups, of the head for children and for household benefits.
    """
    rng = city.rng("benefits")
    head = heads(people)
    own = np.where(people["age"].to_numpy() >= ADULT, np.arange(len(people)), head)
    found = pd.concat(
        [
            *_household_benefits(rng, people, head),
            *_age_benefits(city, rng, people, own),
            *_other_benefits(rng, people, own),
        ],
        ignore_index=True,
    )
    found = _without_conflicts(found, people)
    return _end_at_death(city, rng, found, deaths)


def _household_benefits(rng: np.random.Generator, people: pd.DataFrame, head: Numbers) -> list[pd.DataFrame]:
    household = people["household"].to_numpy()
    district = people["district"].to_numpy()
    count = household[-1] + 1
    poor = rng.random(count) < max(POOR, POOR_LEAST / count)
    rural = people["rural"].to_numpy()
    tier = rng.choice(np.array(["A", "B", "C"], dtype=object), count, p=[0.2, 0.45, 0.35])
    first = np.where(rng.random(count) < 0.88, 0, rng.integers(1, LAST_MONTH, count))
    found = []
    for code, where in (("NCDB", rural), ("CSDB", ~rural)):
        who = np.flatnonzero(poor[household] & where)
        h = household[who]
        found.append(spans(who, code, tier[h], district[who], head[who], first[h]))
    renting = rng.random(count)
    for code, low, high in (("ZFBT", 0.0, 0.003), ("GDFB", 0.003, 0.005)):
        who = np.flatnonzero(
            (people["relation"] == "head") & (renting >= low)[household] & (renting < high)[household]
        )
        found.append(spans(who, code, "普通", district[who], who))
    who = np.flatnonzero((people["relation"] == "head") & rural & (rng.random(len(people)) < 0.003))
    month = rng.integers(0, LAST_MONTH + 1, len(who))
    grade = rng.choice(np.array(["C", "D"], dtype=object), len(who))
    found.append(spans(who, "WFGZ", grade, district[who], who, month, month))
    return found


def month_reached(city: City, people: pd.DataFrame, who: Numbers, years: int) -> Numbers:
    """The month position in which each person reaches an age (below 0 before the window)."""
    born = people["birth"].to_numpy()[who].astype("datetime64[M]")
    return (born + 12 * years - np.datetime64(city.months[0], "M")).astype(int)


def _age_benefits(
    city: City, rng: np.random.Generator, people: pd.DataFrame, own: Numbers
) -> list[pd.DataFrame]:
    age, district = people["age"].to_numpy(), people["district"].to_numpy()

    def some(mask: Flags, share: float) -> Numbers:
        return np.flatnonzero(mask & (rng.random(len(people)) < share))

    def since(who: Numbers, years: int) -> Numbers:
        """The month position in which people reach an age; 0 when it was before the window."""
        return np.maximum(month_reached(city, people, who, years), 0)

    def until(who: Numbers, years: int) -> Numbers:
        """The last month position before people reach an age."""
        return np.minimum(month_reached(city, people, who, years) - 1, LAST_MONTH)

    pension = some(age >= 60, 0.6)
    elderly = some(age >= 80, 0.72)
    service = some((age >= 70) & (age < 80), 0.02)
    pupil = some((age >= 6) & (age < 19), 0.05)
    school_month = np.full(len(pupil), 8)
    orphan = some(age < 16, 0.002)
    return [
        spans(pension, "JMYL", "基础", district[pension], own[pension], since(pension, 60)),
        *(
            spans(elderly, "GLJT", str(low), district[elderly], own[elderly], since(elderly, low), last)
            for low, last in (
                (80, until(elderly, 90)),
                (90, until(elderly, 100)),
                (100, np.full(len(elderly), LAST_MONTH)),
            )
        ),
        spans(service, "YLFW", "普通", district[service], own[service], since(service, 70)),
        spans(pupil, "JYZZ", "普通", district[pupil], own[pupil], school_month, school_month),
        spans(orphan, "GEBZ", "散居", district[orphan], own[orphan], since(orphan, 0)),
    ]


def _other_benefits(rng: np.random.Generator, people: pd.DataFrame, own: Numbers) -> list[pd.DataFrame]:
    age, district = people["age"].to_numpy(), people["district"].to_numpy()
    roll = rng.random(len(people))
    found = []
    working = (age >= 22) & (age < 59)
    for code, low, high in (("GYGW", 0.0, 0.005), ("SYBX", 0.005, 0.012)):
        who = np.flatnonzero(working & (roll >= low) & (roll < high))
        first = rng.integers(0, 8, len(who))
        found.append(
            spans(who, code, "普通", district[who], own[who], first, np.minimum(first + 6, LAST_MONTH))
        )
    alone = people["household"].map(people["household"].value_counts()).to_numpy() == 1
    destitute = np.flatnonzero(alone & (age >= 60) & (rng.random(len(people)) < 0.12))
    found.append(spans(destitute, "TKGY", "分散", district[destitute], own[destitute]))
    for code, tiers, share in (("CJSH", ["普通"], 0.007), ("CJHL", ["一级", "二级"], 0.008)):
        who = np.flatnonzero((rng.random(len(people)) < share) & (age >= ADULT))
        tier = rng.choice(np.array(tiers, dtype=object), len(who))
        found.append(spans(who, code, tier, district[who], own[who]))
    for code, share in (("LSJZ", 0.004), ("YLJZ", 0.005), ("NJGZ", 0.001)):
        who = np.flatnonzero((rng.random(len(people)) < share) & (age >= ADULT))
        month = rng.integers(0, LAST_MONTH + 1, len(who))
        found.append(spans(who, code, "", district[who], own[who], month, month))
    return found


def _without_conflicts(found: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Destitute support excludes minimum allowance and nursing money; offices have checked that."""
    destitute = set(found.loc[found["programme"] == NUMBER["TKGY"], "person"])
    excluded = found["programme"].isin([NUMBER["NCDB"], NUMBER["CSDB"], NUMBER["CJHL"]])
    return found[~(excluded & found["person"].isin(destitute))]


def _end_at_death(
    city: City, rng: np.random.Generator, found: pd.DataFrame, deaths: pd.Series
) -> pd.DataFrame:
    """Stop at the month of death; one in four monthly benefits still runs through the grace month."""
    died = found["person"].map(deaths)
    month = (died.dt.year * 12 + died.dt.month) - (
        city.months[0].astype(object).year * 12 + city.months[0].astype(object).month
    )
    monthly = found["programme"].map(lambda n: PROGRAMMES[n].cycle == "month").to_numpy(bool)
    grace = (rng.random(len(found)) < 0.25) & monthly
    end = np.where(died.isna(), LAST_MONTH, month.fillna(0) + grace)
    found = found.assign(last=np.minimum(found["last"], end).astype(int))
    return found[found["first"] <= found["last"]].reset_index(drop=True)
