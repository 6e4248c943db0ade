"""Custody records: background, people paid while inside, and stays that explain themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.context import Numbers, days, levels
from mingjian.sample.subsidy.casting import NEVER, aid, draw_quiet, pay_once, truth
from mingjian.sample.subsidy.facts import Day, Stay
from mingjian.sample.subsidy.ledger import Ledger

MODEL = "subsidy.custody_payee"
SHARE = 1 / 2500
LOOKALIKES = 4
COLLECTED = 2


def plant_custody(ledger: Ledger) -> None:
    """Three whole months or more (高), one or two (中), a part of one month (低); pensioners and people on assistance.

    The benefits of two of them go to somebody else's account, which another rule sees.
    """
    rng, city = ledger.city.rng("custody"), ledger.city
    count = city.cases_for(SHARE)
    level = levels(count)
    pension = city.draw(rng, ledger.steady("JMYL", "GLJT"), count - count // 3)
    poor = draw_quiet(ledger, rng, 25, 58, count // 3, "head")
    aid(ledger, poor)
    ledger.pay_into(pension[:COLLECTED], draw_quiet(ledger, rng, 28, 58, COLLECTED))
    who = np.r_[pension, poor]
    start = rng.integers(1, 6, count)
    for i, person in enumerate(who):
        kind = "服刑" if i < len(pension) or i % 2 else "强制戒毒"
        whole = {"高": int(rng.integers(3, 6)), "中": int(rng.integers(1, 3)), "低": 0}[level[i]]
        begins = ledger.day_in(start[i], int(rng.integers(1, 5)))
        ledger.cut(who[i : i + 1], start[i] + whole)
        ledger.facts.stays.append(Stay(int(person), kind, begins, NEVER))
    for name in ("高", "中", "低"):
        truth(ledger, MODEL, who[level == name], f"{name}: 羁押服刑期间继续发放")
    _lookalikes(ledger)
    _background(ledger)


def _stay(ledger: Ledger, who: Numbers, kind: str, start: Day, end: Day = NEVER) -> None:
    begins, ends = np.broadcast_to(start, len(who)), np.broadcast_to(end, len(who))
    ledger.facts.stays += [Stay(int(w), kind, b, e) for w, b, e in zip(who, begins, ends, strict=True)]


def _lookalikes(ledger: Ledger) -> None:
    """Stays that explain themselves.

    Community correction, also beside an older prison term that was never closed (the second record settles it); back
    pay after release; the month paid before the stay began; a pension during detention; relief that does not stop; a
    returned payment.
    """
    rng, city = ledger.city.rng("custody look-alikes"), ledger.city
    parts = np.split(city.draw(rng, ledger.steady("JMYL"), 6 * LOOKALIKES), 6)
    community, outside, back_pay, before, detained, returned = parts
    _stay(ledger, community, "社区矫正", ledger.day_in(2, 3))
    _stay(ledger, outside, "服刑", ledger.day_in(-20, 3))
    _stay(ledger, outside, "社区矫正", ledger.day_in(-3, 11), ledger.day_in(20, 11))
    _stay(ledger, back_pay, "服刑", ledger.day_in(3, 0), ledger.day_in(7, 3))
    for month in range(3, 7):
        ledger.pay(back_pay, month, pay_date=ledger.day_in(8, 20))
    ledger.cut(back_pay, 2)
    _stay(ledger, before, "服刑", ledger.day_in(6, 24))
    ledger.cut(before, 6)
    _stay(ledger, detained, "羁押", ledger.day_in(5, 3))
    _stay(ledger, returned, "服刑", ledger.day_in(5, 2))
    ledger.pay(returned, 6, status="退票", reason="资格已停")
    ledger.cut(returned, 4)
    relieved = draw_quiet(ledger, rng, 25, 58, LOOKALIKES)
    _stay(ledger, relieved, "服刑", ledger.day_in(2, 2))
    pay_once(ledger, relieved, "LSJZ", "", 5, amount=900.0)


def _background(ledger: Ledger) -> None:
    """Grown-ups without any benefit, and old stays that ended before the first payment."""
    rng, city = ledger.city.rng("custody background"), ledger.city
    free = ledger.idle(20, 65)
    now = city.draw(rng, free, max(20, round(city.people * 0.001)))
    ends = np.where(rng.random(len(now)) < 0.5, city.today + days(rng, 30, 900, len(now)), NEVER)
    for person, began, end in zip(now, city.today - days(rng, 20, 700, len(now)), ends, strict=True):
        kind = str(rng.choice(["服刑", "羁押", "社区矫正", "强制戒毒"]))
        ledger.facts.stays.append(Stay(int(person), kind, began, end))
    old = rng.choice(np.flatnonzero(ledger.people["age"].to_numpy() > 30), len(now), replace=False)
    start = ledger.day_in(-80, 0) + days(rng, 0, 900, len(now))
    _stay(
        ledger,
        old[~city.taken[old]],
        "服刑",
        start[~city.taken[old]],
        start[~city.taken[old]] + np.timedelta64(400, "D"),
    )


def custody_table(ledger: Ledger) -> pd.DataFrame:
    """羁押服刑 as the justice office exports it."""
    rng = ledger.city.rng("custody mess")
    frame = pd.DataFrame(ledger.facts.stays, columns=list(Stay._fields))
    frame = frame.sort_values(["start", "person"], kind="stable").reset_index(drop=True)
    out = pd.DataFrame({"记录编号": [f"JY{i:06d}" for i in range(len(frame))]})
    out["公民身份号码"] = mess.messy_ids(rng, ledger.people["id_no"].to_numpy()[frame["person"].to_numpy()])
    out["类别"] = frame["kind"]
    out["开始日期"] = mess.messy_dates(rng, frame["start"].to_numpy())
    return out.assign(结束日期=mess.messy_dates(rng, frame["end"].to_numpy()))
