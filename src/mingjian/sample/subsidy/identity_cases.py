"""Payment lists whose names or numbers do not agree with the population register, and honest differences."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.context import LAST_MONTH, Numbers, levels
from mingjian.sample.subsidy.casting import NEVER, aid, draw_quiet, truth
from mingjian.sample.subsidy.facts import Correction, name_of
from mingjian.sample.subsidy.ledger import Ledger

MODEL = "subsidy.identity_invalid"
SHARE = 1 / 2500
LOOKALIKES = 4
UNNUMBERED_FROM = {"高": 8, "中": LAST_MONTH}


def plant_identities(ledger: Ledger) -> None:
    """Numbers and names in doubt.

    A number that fails its check or is missing for two months or more (高), another name or one month without a
    number (中), a rare character for a common one (低).
    """
    rng, city = ledger.city.rng("identities"), ledger.city
    who = city.draw(rng, _one_a_household(ledger, ledger.steady("JMYL", "GLJT")), city.cases_for(SHARE))
    level = levels(len(who))
    high, middle, low = (who[level == name] for name in ("高", "中", "低"))
    ledger.facts.unchecked += [int(w) for w in high[::2]]
    truth(ledger, MODEL, high[::2], "高: 身份证号核验未通过")
    for name, mine in (("高", high[1::2]), ("中", middle[1::3])):
        ledger.facts.unnumbered |= {int(w): UNNUMBERED_FROM[name] for w in mine}
    other = np.setdiff1d(middle, middle[1::3])
    ledger.facts.listed |= {int(w): name_of(int(w) + 500_000) for w in other}
    truth(ledger, MODEL, other, "中: 发放表姓名与人口登记不同")
    for person in low:
        variant = name_of(person).replace("市", "巿")
        ledger.facts.listed[int(person)] = ledger.facts.held[int(person)] = variant
    truth(ledger, MODEL, low, "低: 姓名为形近字写法，本人账户户名相同")
    _lookalikes(ledger)


def plant_unnumbered(ledger: Ledger, rows: pd.DataFrame) -> None:
    """Write payments without a number to the truth: one case a household, named by its first payment."""
    first = rows["person"].map(ledger.facts.unnumbered)
    bare = rows[(rows["month"] >= first) & (rows["status"] == "成功")]
    home = ledger.people["household"].to_numpy()[bare["person"].to_numpy()]
    for _household, mine in bare.groupby(home):
        level = "高" if mine["month"].nunique() >= 2 else "中"
        ledger.city.plant(MODEL, "payout", str(mine["payout_id"].min()), f"{level}: 发放表没有身份证号")


def _one_a_household(ledger: Ledger, who: Numbers) -> Numbers:
    home = pd.Series(ledger.people["household"].to_numpy()[who])
    return who[~home.duplicated().to_numpy()]


def _lookalikes(ledger: Ledger) -> None:
    """A registered change of name, middle dots and spaces, children under a guardian's name, a household's allowance."""
    rng, city = ledger.city.rng("identity look-alikes"), ledger.city
    renamed, dotted = np.split(city.draw(rng, ledger.steady("JMYL"), 2 * LOOKALIKES), 2)
    for person in renamed:
        ledger.facts.listed[int(person)] = name_of(int(person) + 600_000)
        ledger.facts.corrections.append(Correction(int(person), "更正姓名", ledger.day_in(-9, 4), NEVER))
    for i, person in enumerate(dotted):
        ledger.facts.registered[int(person)] = f"市民·{person:06d}"
        ledger.facts.listed[int(person)] = f"市民•{person:06d}" if i % 2 else f"市民 · {person:06d}"
    children = draw_quiet(ledger, rng, 1, 15, LOOKALIKES, "child")
    guardian = _heads(ledger, children)
    ledger.grant(children, "GEBZ", "散居", account=guardian)
    ledger.facts.listed |= {int(c): name_of(g) for c, g in zip(children, guardian, strict=True)}
    spouses = draw_quiet(ledger, rng, 25, 58, LOOKALIKES, "spouse")
    aid(ledger, spouses)
    ledger.facts.listed |= {int(s): name_of(h) for s, h in zip(spouses, _heads(ledger, spouses), strict=True)}


def _heads(ledger: Ledger, who: Numbers) -> Numbers:
    people = ledger.people
    first = np.flatnonzero(people["relation"].to_numpy() == "head")
    return first[people["household"].to_numpy()[who]]


def numbers_shown(ledger: Ledger, rows: pd.DataFrame, id_no: pd.Series) -> pd.Series:
    """The identity numbers of the payment rows, empty where the list has none."""
    first = rows["person"].map(ledger.facts.unnumbered)
    return id_no.where(~(rows["month"] >= first), "")
