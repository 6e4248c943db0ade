"""People who approve and survey benefits in each district, and cadres of villages, as kin cases need them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mingjian.sample.city.geography import DISTRICTS
from mingjian.sample.context import Numbers
from mingjian.sample.subsidy.casting import NEVER, draw_quiet, quiet
from mingjian.sample.subsidy.employee_cases import employ
from mingjian.sample.subsidy.ledger import Ledger

SURVEYORS = 2
LEFT_OFFICE: Any = np.datetime64("2017-12-31", "D")


@dataclass(frozen=True)
class Offices:
    """Who decides about applications, by district position."""

    approver: Numbers
    surveyors: Numbers


def cast_offices(ledger: Ledger) -> Offices:
    """One approver and two surveyors a district, from households that receive nothing."""
    rng = ledger.city.rng("offices")
    drawn = [draw_quiet(ledger, rng, 28, 58, 1 + SURVEYORS, district=d) for d in range(DISTRICTS)]
    who = np.array(drawn)
    employ(ledger, who.ravel(), "公务员")
    return Offices(who[:, 0], who[:, 1:])


def able(ledger: Ledger) -> Numbers:
    """Grown-ups of households without a benefit or a part: they may become cadres of their village."""
    return np.flatnonzero(quiet(ledger) & ledger.people["age"].between(30, 60).to_numpy())


def make_cadre(ledger: Ledger, person: int, *, left: bool = False) -> None:
    """A cadre of the person's own village, in office or gone for years."""
    employ(ledger, np.array([person]), "村干部", end=LEFT_OFFICE if left else NEVER)
