"""Disability certificates: everybody paid for one has one, except those who play a part; renewals and extensions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.city.people import ADULT
from mingjian.sample.context import LAST_MONTH, Numbers, days, levels
from mingjian.sample.subsidy.casting import NEVER, draw_quiet, pay_once, truth
from mingjian.sample.subsidy.facts import Certificate, Day
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.programmes import NUMBER

MODEL = "subsidy.disability_cert_mismatch"
SHARE = 1 / 2500
LOOKALIKES = 4
TEN_YEARS = np.timedelta64(3652, "D")
PHYSICAL, INTELLECTUAL, MENTAL = "4", "5", "6"


def plant_certificates(ledger: Ledger) -> None:
    """Certificates that do not carry the payment.

    Cancelled, or never issued, for three months or more (高); a grade outside the rule, cancelled for one or two
    months, expired for four or more (中); expired for one to three months (低).
    """
    rng = ledger.city.rng("certificates")
    count = ledger.city.cases_for(SHARE)
    who = draw_quiet(ledger, rng, 25, 70, count)
    level = levels(count)
    for name in ("高", "中", "低"):
        mine = who[level == name]
        for i, person in enumerate(mine):
            _cast(ledger, int(person), name, i)
        truth(ledger, MODEL, mine, f"{name}: 残疾人证失效、缺失或等级不在范围")
    _lookalikes(ledger)


def _cast(ledger: Ledger, person: int, level: str, turn: int) -> None:
    one = np.array([person])
    if level == "中" and turn % 3 == 0:
        ledger.grant(one, "CJHL", "二级")
        give(ledger, one, PHYSICAL, 3)
        return
    ledger.grant(one, "CJSH", "普通")
    if level == "高" and turn % 3 == 2:
        ledger.facts.uncertified.append(person)
    elif level == "高" or (level == "中" and turn % 3 == 1):
        month = 4 if level == "高" else LAST_MONTH - 3
        give(ledger, one, PHYSICAL, 2, cancelled=ledger.day_in(month, 12))
    else:
        month = LAST_MONTH - 8 if level == "中" else LAST_MONTH - 2 - turn % 3
        give(ledger, one, PHYSICAL, 2, expires=ledger.day_in(month, 12))


def give(
    ledger: Ledger,
    who: Numbers,
    category: str,
    grade: int,
    *,
    expires: Day | None = None,
    issued: Day | None = None,
    cancelled: Day = NEVER,
) -> None:
    """A certificate each, by default in the middle of its ten years."""
    until = ledger.day_in(50, 12) if expires is None else expires
    since = until - TEN_YEARS if issued is None else issued
    ledger.facts.certificates += [Certificate(int(w), category, grade, since, until, cancelled) for w in who]


def _lookalikes(ledger: Ledger) -> None:
    """Renewed within months, replaced after a cancellation, grade three of mind, in the month of grace, returned."""
    rng = ledger.city.rng("certificate look-alikes")
    who = draw_quiet(ledger, rng, 25, 70, 5 * LOOKALIKES)
    renewed, replaced, extended, grace, returned = np.split(who, 5)
    ledger.grant(renewed, "CJHL", "一级")
    give(ledger, renewed, PHYSICAL, 1, expires=ledger.day_in(3, 10))
    give(ledger, renewed, PHYSICAL, 1, issued=ledger.day_in(7, 5), expires=ledger.day_in(7, 5) + TEN_YEARS)
    ledger.grant(replaced, "CJHL", "二级")
    give(ledger, replaced, MENTAL, 2, cancelled=ledger.day_in(2, 20))
    give(ledger, replaced, MENTAL, 2, issued=ledger.day_in(5, 5), expires=ledger.day_in(5, 5) + TEN_YEARS)
    ledger.grant(extended, "CJHL", "二级")
    give(ledger, extended[::2], INTELLECTUAL, 3)
    give(ledger, extended[1::2], MENTAL, 3)
    ledger.grant(grace, "CJSH", "普通", 0, 6)
    give(ledger, grace, PHYSICAL, 2, expires=ledger.day_in(5, 10))
    give(ledger, returned, PHYSICAL, 2, expires=ledger.day_in(-30, 10))
    pay_once(ledger, returned, "CJSH", "普通", 6, status="退票", reason="资格已停")


def certificate_table(ledger: Ledger) -> pd.DataFrame:
    """残疾人证: the planted ones, one for everybody else who is paid for it, and people who have one and are not paid."""
    rng = ledger.city.rng("certificate register")
    everything = pd.concat(
        [
            ledger.spans[["person", "programme", "tier"]],
            *(r[["person", "programme", "tier"]] for r in ledger.rows),
        ]
    )
    paid = everything[everything["programme"].isin([NUMBER["CJSH"], NUMBER["CJHL"]])].sort_values(
        ["person", "programme"], ascending=[True, False], kind="stable"
    )
    nursing = paid[paid["programme"] == NUMBER["CJHL"]].drop_duplicates("person").set_index("person")["tier"]
    planted = ledger.facts.certified() | set(ledger.facts.uncertified)
    who = np.setdiff1d(paid["person"].unique(), np.array(sorted(planted), dtype=int))
    grown = (
        (ledger.people["age"] >= ADULT).to_numpy()
        & (rng.random(len(ledger.people)) < 0.01)
        & ~ledger.city.taken
    )
    others = np.setdiff1d(np.flatnonzero(grown), np.r_[who, np.array(sorted(planted), dtype=int)])
    tier = pd.Series(np.r_[who, others]).map(nursing)
    grade = np.select([tier == "一级", tier == "二级"], [1, 2], rng.integers(1, 5, len(tier)))
    issued = ledger.city.today - days(rng, 700, 3000, len(tier))
    frame = pd.DataFrame(
        {"person": np.r_[who, others], "category": rng.integers(1, 8, len(tier)).astype(str)}
    )
    frame = frame.assign(grade=grade, issued=issued, expires=issued + TEN_YEARS, cancelled=NEVER)
    cast = pd.DataFrame(ledger.facts.certificates, columns=list(Certificate._fields))
    return _exported(ledger, rng, pd.concat([cast, frame], ignore_index=True))


def _exported(ledger: Ledger, rng: np.random.Generator, found: pd.DataFrame) -> pd.DataFrame:
    found = found.sort_values(["person", "issued"], kind="stable").reset_index(drop=True)
    out = pd.DataFrame({"证件编号": [f"CJ{i:07d}" for i in range(len(found))]})
    out["公民身份号码"] = mess.messy_ids(rng, ledger.people["id_no"].to_numpy()[found["person"].to_numpy()])
    out = out.assign(残疾类别=found["category"], 残疾等级=found["grade"].astype(int))
    for header, column in (("发证日期", "issued"), ("有效期止", "expires"), ("注销日期", "cancelled")):
        out[header] = mess.messy_dates(rng, found[column].to_numpy().astype("datetime64[D]"))
    return out
