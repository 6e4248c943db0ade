"""Benefits by age: paid too early or too long, the border months, and dates of birth corrected later."""

from __future__ import annotations

import numpy as np

from mingjian.sample.context import LAST_MONTH, Numbers, levels
from mingjian.sample.subsidy.casting import month_end, pay_once, truth, turns
from mingjian.sample.subsidy.facts import Correction
from mingjian.sample.subsidy.ledger import Ledger

MODEL = "subsidy.age_ineligible"
SHARE = 1 / 2500
LOOKALIKES = 4
PENSION_AGE = 60
QUARTERLY_AGE = 65


def plant_ages(ledger: Ledger) -> None:
    """A year early, two years above the age or a tier too high (高), some months early (中), the border month (低)."""
    rng, city = ledger.city.rng("ages"), ledger.city
    level = levels(city.cases_for(SHARE))
    count = {name: int((level == name).sum()) for name in ("高", "中", "低")}
    early = city.draw(rng, ledger.idle(48, 56), count["高"] - 2 * (count["高"] // 3))
    ledger.grant(early, "JMYL", "基础", 5)
    grown = city.draw(rng, ledger.idle(20, 26), count["高"] // 3)
    ledger.grant(grown, "GEBZ", "散居", 7)
    tier = city.draw(rng, np.intersect1d(ledger.steady("GLJT"), _aged(ledger, 81, 87)), count["高"] // 3)
    ledger.spans.loc[ledger.spans["person"].isin(tier), "tier"] = "90"
    truth(ledger, MODEL, np.r_[early, grown, tier], "高: 年龄差一年以上或档次高于年龄")
    soon = _turning(ledger, 100, 240)
    middle = city.draw(rng, soon, count["中"])
    ledger.grant(middle, "JMYL", "基础", 8)
    truth(ledger, MODEL, middle, "中: 提前数月发放")
    border, month = _border(ledger, 34, 58)
    low = city.draw(rng, border, count["低"])
    ledger.grant(low, "JMYL", "基础", month[low])
    truth(ledger, MODEL, low, "低: 到龄前边界月发放")
    _lookalikes(ledger)


def _aged(ledger: Ledger, low: int, high: int) -> Numbers:
    return np.flatnonzero(ledger.people["age"].between(low, high).to_numpy())


def _turning(ledger: Ledger, low: int, high: int) -> Numbers:
    """People without a benefit who reach the pension age so many days after today."""
    free = ledger.idle(PENSION_AGE - 2, PENSION_AGE)
    wait = (turns(ledger, free, PENSION_AGE) - ledger.city.today).astype(int)
    return free[(wait >= low) & (wait <= high)]


def _border(ledger: Ledger, low: int, high: int) -> tuple[Numbers, Numbers]:
    """People without a benefit, and the month whose end lies `low` to `high` days before they reach the pension age."""
    free = ledger.idle(PENSION_AGE - 2, PENSION_AGE + 1)
    due = turns(ledger, free, PENSION_AGE)
    month = np.full(len(ledger.people), -1)
    for position in range(1, LAST_MONTH + 1):
        wait = (due - month_end(ledger, position)).astype(int)
        month[free[(wait >= low) & (wait <= high)]] = position
    return np.flatnonzero(month >= 0), month


def _lookalikes(ledger: Ledger) -> None:
    """A gap within the tolerance, a date of birth corrected after the payments, the quarter of the birthday, returned."""
    rng, city = ledger.city.rng("age look-alikes"), ledger.city
    near, month = _border(ledger, 2, 28)
    near = city.draw(rng, near, LOOKALIKES)
    ledger.grant(near, "JMYL", "基础", month[near])
    corrected = city.draw(rng, ledger.idle(52, 57), LOOKALIKES)
    ledger.grant(corrected, "JMYL", "基础", 0, LAST_MONTH - 1)
    born = ledger.people["birth"].to_numpy()[corrected].astype("datetime64[D]") - np.timedelta64(9 * 365, "D")
    ledger.facts.corrections += [
        Correction(int(w), "更正出生日期", ledger.day_in(LAST_MONTH, 18), b)
        for w, b in zip(corrected, born, strict=True)
    ]
    returned = city.draw(rng, ledger.idle(48, 56), LOOKALIKES)
    pay_once(ledger, returned, "JMYL", "基础", 7, status="退票", reason="资格已停")
    quarter = _quarter_of_birthday(ledger)
    old = city.draw(rng, np.flatnonzero(quarter >= 0), LOOKALIKES, least=1)
    pay_once(ledger, old, "JDWW", "普通", quarter[old])


def _quarter_of_birthday(ledger: Ledger) -> Numbers:
    """By person without a benefit: the first month of the quarter late in which they reach the quarterly age, or −1."""
    free = ledger.idle(QUARTERLY_AGE - 2, QUARTERLY_AGE + 1)
    due = turns(ledger, free, QUARTERLY_AGE)
    found = np.full(len(ledger.people), -1)
    number = ledger.city.months.astype("datetime64[M]").astype(int) % 12
    opens = np.flatnonzero(number % 3 == 0)
    for position in opens[opens + 2 <= LAST_MONTH]:
        late = (due > month_end(ledger, position) + np.timedelta64(33, "D")) & (
            due <= month_end(ledger, position + 2)
        )
        found[free[late]] = position
    return found
