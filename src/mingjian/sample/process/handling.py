"""What the platform keeps beside the dates of handling: signing, urgency, units, claims and counts of each request."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.context import City

URGENT_LINES = ["water", "power", "gas", "heat"]
NOTHING = np.datetime64("NaT", "s")


def complete(city: City, found: pd.DataFrame, topics: pd.DataFrame) -> None:
    """Add signed, urgency, first_org, claimed, exempt, returned, transferred, and a place for every request.

    Everybody signs within half an hour. What the hotline takes for one matter lies at one place; every other
    request has a place of its own, unless it was planted with one.
    """
    rng = city.rng("signing")
    dispatched = found["dispatched"].to_numpy().astype("datetime64[s]")
    signed = dispatched + rng.integers(300, 1500, len(found)).astype("timedelta64[s]")
    found["signed"] = np.where(signed <= closing_hour(city), signed, NOTHING)
    line = topics["line"].to_numpy()[found["topic"]]
    roll = rng.random(len(found))
    urgency = np.where(roll < 0.01, "特急", np.where(roll < 0.06, "紧急", "一般"))
    found["urgency"] = np.where(np.isin(line, URGENT_LINES), urgency, "一般")
    found["first_org"] = found["org"]
    found["exempt"] = False
    found["exempt_why"] = ""
    found["returned"] = 0
    found["transferred"] = 0
    number = np.char.add("DZB", np.arange(len(found)).astype(str)).astype(object)
    grouped = np.where(found["group"] != "", "DZG" + found["group"], number)
    found["place"] = np.where(found["place"] != "", found["place"], grouped)


def claims(found: pd.DataFrame) -> pd.Series:
    """What the unit says of its own work: resolved or not, nothing while the request is open."""
    said = pd.Series(np.where(found["close"] == "已解决", "是", "否"), index=found.index, dtype=object)
    return said.where(found["finished"].notna(), "")


def closing_hour(city: City) -> np.datetime64:
    """The last moment that the day of the run knows of."""
    return city.today.astype("datetime64[s]") + np.timedelta64(18 * 3600, "s")
