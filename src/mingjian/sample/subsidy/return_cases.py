"""Returned payments that were never paid again, and those that no longer wait."""

from __future__ import annotations

import numpy as np

from mingjian.sample.context import LAST_MONTH, Numbers, levels
from mingjian.sample.subsidy.casting import aid, aid_code, draw_quiet, pay_once, truth
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.payouts import RETURN_REASONS

MODEL = "subsidy.returned_not_repaid"
SHARE = 1 / 2500
LOOKALIKES = 4
MONTHS = {"高": 3, "中": 2, "低": 1}


def plant_returns(ledger: Ledger) -> None:
    """Three months or more, or need-based aid (高), two months (中), one (低); then the payments go on."""
    rng, city = ledger.city.rng("returned payments"), ledger.city
    level = levels(city.cases_for(SHARE))
    poor = draw_quiet(ledger, rng, 30, 58, int((level == "高").sum()) // 2, "head")
    who = city.draw(rng, ledger.steady("JMYL"), len(level) - len(poor))
    for i, person in enumerate(who):
        name = str(level[level != "高"][i]) if i < int((level != "高").sum()) else "高"
        first = int(rng.integers(1, 5))
        _come_back(
            ledger,
            np.array([person]),
            "JMYL",
            "基础",
            first,
            MONTHS[name] + (name == "高") * int(rng.integers(0, 2)),
        )
        truth(ledger, MODEL, np.array([person]), f"{name}: 退汇后一直没有补发")
    for person in poor:
        one = np.array([person])
        aid(ledger, one)
        _come_back(ledger, one, aid_code(ledger, person), "C", int(rng.integers(2, 7)), 1)
    truth(ledger, MODEL, poor, "高: 困难补贴退汇后没有补发")
    _lookalikes(ledger)


def _come_back(ledger: Ledger, who: Numbers, code: str, tier: str, first: int, months: int) -> None:
    """Payments of some months come back; before and after them all is well."""
    ledger.cut(who, first - 1)
    for month in range(first, first + months):
        pay_once(
            ledger, who, code, tier, month, status="退票", reason=RETURN_REASONS[month % len(RETURN_REASONS)]
        )
    ledger.grant(who, code, tier, first + months)


def _lookalikes(ledger: Ledger) -> None:
    """Died, stopped when the payment came back, paid again in time or late, and not yet due."""
    rng, city = ledger.city.rng("returned payments look-alikes"), ledger.city
    dead, said, again, late, recent = np.split(city.draw(rng, ledger.steady("JMYL"), 5 * LOOKALIKES), 5)
    ledger.pay(dead, 6, status="退票", reason="账户已销户")
    ledger.cut(dead, 5)
    ledger.record_death(dead, ledger.day_in(5, 20), 2)
    ledger.pay(said, 6, status="退票", reason="资格已停")
    ledger.cut(said, 5)
    for who, month, day in ((again, 5, ledger.day_in(5, 30)), (late, 4, ledger.day_in(7, 15))):
        ledger.pay(who, month, status="退票", reason="账号有误", pay_date=ledger.day_in(month, 5))
        ledger.pay(who, month, pay_date=day)
        _leave_out(ledger, who, month)
    ledger.pay(
        recent, LAST_MONTH, status="退票", reason="户名不符", pay_date=city.today - np.timedelta64(12, "D")
    )
    ledger.cut(recent, LAST_MONTH - 1)
    ended = draw_quiet(ledger, rng, 30, 58, LOOKALIKES, "head")
    aid(ledger, ended, 0, 5)
    for person in ended:
        pay_once(
            ledger,
            np.array([person]),
            aid_code(ledger, int(person)),
            "C",
            7,
            status="退票",
            reason="账户已销户",
        )


def _leave_out(ledger: Ledger, who: Numbers, month: int) -> None:
    """The spans of these steady people skip a month that single rows pay."""
    ledger.cut(who, month - 1)
    ledger.grant(who, "JMYL", "基础", month + 1)
