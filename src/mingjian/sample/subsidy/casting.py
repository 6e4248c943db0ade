"""Help for casting single people of the subsidy sector: quiet households, ended and returned payments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mingjian.sample.context import Dates, Flags, Numbers
from mingjian.sample.subsidy import payouts
from mingjian.sample.subsidy.benefits import spans
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.programmes import PROGRAMMES, standard

NEVER = np.datetime64("NaT", "D")


def truth(ledger: Ledger, model: str, who: Numbers, note: str) -> None:
    """Plant people in the truth by their identity numbers."""
    ledger.city.plant(model, "person", ledger.people["id_no"].to_numpy()[who], note)


def quiet(ledger: Ledger) -> Flags:
    """True for people in whose whole household nobody has a benefit or a part."""
    busy = ledger.city.taken.copy()
    busy[ledger.spans["person"].to_numpy()] = True
    busy[ledger.spans["account"].to_numpy()[ledger.spans["account"] < len(busy)]] = True
    for rows in ledger.rows:
        busy[rows["person"].to_numpy()] = True
    return ~pd.Series(busy).groupby(ledger.people["household"].to_numpy()).transform("any").to_numpy(bool)


def draw_quiet(
    ledger: Ledger,
    rng: np.random.Generator,
    low: int,
    high: int,
    count: int,
    relation: str = "",
    least: int = 1,
    district: int | None = None,
) -> Numbers:
    """Cast people of an age out of `count` different quiet households, and with each the whole household.

    `relation` to the head, `least` members and a `district` narrow the choice.
    """
    people = ledger.people
    size = people["household"].map(people["household"].value_counts()).to_numpy()
    fit = quiet(ledger) & people["age"].between(low, high).to_numpy() & (size >= least)
    if relation:
        fit &= (people["relation"] == relation).to_numpy()
    if district is not None:
        fit &= (people["district"] == district).to_numpy()
    found = people[fit].drop_duplicates("household").index.to_numpy()
    who = ledger.city.draw(rng, found, count)
    ledger.city.taken[people["household"].isin(people["household"].to_numpy()[who]).to_numpy()] = True
    return who


def family(ledger: Ledger, person: int) -> Numbers:
    """The other members of a person's household."""
    home = ledger.people["household"].to_numpy()
    members = np.flatnonzero(home == home[person])
    return members[members != person]


def aid_code(ledger: Ledger, person: int) -> str:
    """Which minimum allowance a person's village belongs to."""
    return "NCDB" if ledger.people["rural"].to_numpy()[person] else "CSDB"


def aid(ledger: Ledger, who: Numbers, first: int | Numbers = 0, last: int | Numbers = 11) -> None:
    """Grant minimum allowance to single people, by the kind of their village."""
    rural = ledger.people["rural"].to_numpy()[who]
    begin, end = np.broadcast_to(first, len(who)), np.broadcast_to(last, len(who))
    for code, mine in (("NCDB", rural), ("CSDB", ~rural)):
        ledger.grant(who[mine], code, "C", begin[mine], end[mine])


def pay_once(
    ledger: Ledger, who: Numbers, code: str, tier: str, month: int | Numbers, **changes: Any
) -> None:
    """Single payment rows of any programme at its standard, unless changed."""
    district = ledger.people["district"].to_numpy()[who]
    rows = spans(who, code, tier, district, who, month, month).drop(columns="last")
    rows = rows.rename(columns={"first": "month"}).assign(quantity=1.0, status="成功", reason="")
    rows["amount"] = standard(
        rows["programme"].to_numpy(), rows["tier"].to_numpy(), district, rows["month"].to_numpy()
    )
    rows["pay_date"] = payouts.pay_date(ledger.city, rows)
    ledger.rows.append(rows.assign(**changes))


def turns(ledger: Ledger, who: Numbers, years: int) -> Dates:
    """The day on which people reach an age."""
    born = pd.DatetimeIndex(ledger.people["birth"].to_numpy()[who])
    return (born + pd.DateOffset(years=years)).to_numpy().astype("datetime64[D]")


def month_end(ledger: Ledger, month: int | Numbers) -> Dates:
    """The last day of the month at a position."""
    return ledger.day_in(np.asarray(month) + 1, 0) - np.timedelta64(1, "D")


def is_need_based(programme: pd.Series) -> Flags:
    """True for rows of programmes that depend on need."""
    return np.array([p.need_based for p in PROGRAMMES])[programme.to_numpy()]
