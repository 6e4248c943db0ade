"""Planted cases and honest look-alikes of the person rules: death, duplicates, exclusion, two districts."""

from __future__ import annotations

import numpy as np

from mingjian.sample.city.geography import DISTRICTS
from mingjian.sample.city.people import heads
from mingjian.sample.context import LAST_MONTH, levels
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.programmes import NUMBER, RAISED, TRANSITION

SHARE = 1 / 1500
LOOKALIKES = 4


def plant_person_cases(ledger: Ledger) -> None:
    """Cast every person-level rule of the subsidy sector."""
    _deceased(ledger)
    _deceased_lookalikes(ledger)
    _duplicates(ledger)
    _duplicate_lookalikes(ledger)
    _exclusive(ledger)
    _exclusive_lookalikes(ledger)
    _two_districts(ledger)
    _two_districts_lookalikes(ledger)


def _truth(ledger: Ledger, model: str, who: np.ndarray, note: str) -> None:
    ledger.city.plant(model, "person", ledger.people["id_no"].to_numpy()[who], note)


def _cut(ledger: Ledger, who: np.ndarray, last: np.ndarray | int) -> None:
    """End the spans of these people at a month position."""
    ledger.cut(who, last)


def _deceased(ledger: Ledger) -> None:
    """Paid on after the grace month: 3 to 6 months (高), 2 (中), 1 (低)."""
    rng = ledger.city.rng("deceased")
    who = ledger.city.draw(rng, ledger.steady("JMYL", "GLJT"), ledger.city.cases_for(SHARE))
    over = {"高": 0, "中": 2, "低": 1}
    level = levels(len(who))
    months = np.array([over[x] for x in level])
    months = np.where(months == 0, rng.integers(3, 7, len(who)), months)
    death = rng.integers(0, 4, len(who))
    _cut(ledger, who, death + 1 + months)
    ledger.record_death(
        who, ledger.day_in(death, rng.integers(0, 25, len(who))), rng.integers(1, 3, len(who))
    )
    for name in over:
        _truth(ledger, "subsidy.deceased_payee", who[level == name], f"{name}: 死亡后宽限期外继续发放")


def _deceased_lookalikes(ledger: Ledger) -> None:
    """Paid through the grace month; funeral money later; back pay for an earlier month; late payment returned."""
    rng = ledger.city.rng("deceased look-alikes")
    who = ledger.city.draw(rng, ledger.steady("JMYL"), 4 * LOOKALIKES)
    grace, funeral, back_pay, returned = np.split(who, 4)
    _cut(ledger, who, 4)
    _cut(ledger, grace, 5)
    ledger.record_death(who, ledger.day_in(4, 14), 2)
    ledger.grant(funeral, "SZFX", "普通", 7, 7, account=heads(ledger.people)[funeral])
    _cut(ledger, back_pay, 2)
    ledger.pay(back_pay, 3, pay_date=ledger.day_in(8, 11))
    ledger.pay(returned, 7, status="退票", reason="账户已销户")


def _duplicates(ledger: Ledger) -> None:
    """The full amount twice for one month: 3 to 5 months or a second account (高), 2 months (中), 1 (低)."""
    rng = ledger.city.rng("duplicates")
    who = ledger.city.draw(rng, ledger.steady("JMYL", "GLJT"), ledger.city.cases_for(SHARE))
    level = levels(len(who))
    high = who[level == "高"]
    by_account, by_months = high[::3], np.setdiff1d(high, high[::3])
    second = ledger.open_accounts(by_account, "个人", ledger.day_in(np.full(len(by_account), -14)))
    ledger.pay(by_account, 4, account=second, pay_date=ledger.day_in(4, 24))
    for month in (3, 5, 6):
        ledger.pay(by_months, month, pay_date=ledger.day_in(month, 25))
    for month in (7, 8):
        ledger.pay(who[level == "中"], month, pay_date=ledger.day_in(month, 25))
    ledger.pay(who[level == "低"], 9, pay_date=ledger.day_in(9, 25))
    for name in ("高", "中", "低"):
        _truth(ledger, "subsidy.duplicate_same_programme", who[level == name], f"{name}: 同月足额发放两次")


def _duplicate_lookalikes(ledger: Ledger) -> None:
    """Returned and paid again; one month in two halves; a later top-up to the raised standard; back pay."""
    rng = ledger.city.rng("duplicate look-alikes")
    again, halves, back_pay = np.split(ledger.city.draw(rng, ledger.steady("JMYL"), 3 * LOOKALIKES), 3)
    ledger.pay(again, 5, status="退票", reason="账号有误", pay_date=ledger.day_in(5, 5))
    for who, last in ((halves, 8), (back_pay, 8)):
        _cut(ledger, who, last)
    ledger.pay(halves, 9)
    half = (ledger.rows[-1]["amount"] / 2).round(2)
    ledger.rows[-1]["amount"] = half
    ledger.rows.append(ledger.rows[-1].assign(pay_date=ledger.day_in(9, 26)))
    ledger.pay(back_pay, 9, pay_date=ledger.day_in(10, 12))
    ledger.pay(back_pay, 10)
    raised = ledger.city.draw(rng, ledger.steady("NCDB", "CSDB"), LOOKALIKES)
    _cut(ledger, raised, RAISED - 1)
    ledger.pay(raised, RAISED - 1)
    old = ledger.rows.pop()["amount"].to_numpy()
    ledger.pay(raised, RAISED, amount=old)
    ledger.pay(raised, RAISED, pay_date=ledger.day_in(RAISED, 27))
    ledger.rows[-1]["amount"] -= old


def _exclusive(ledger: Ledger) -> None:
    """Two excluding programmes: 6 months or more (高), 2 or 3 (中), 1 (低)."""
    rng = ledger.city.rng("exclusive")
    count = ledger.city.cases_for(SHARE)
    level = levels(count)
    jobs = ledger.city.draw(rng, ledger.idle(25, 55), int((level == "高").sum()))
    ledger.grant(jobs, "GYGW", "普通", 2, LAST_MONTH)
    ledger.grant(jobs, "SYBX", "普通", 4, 4 + rng.integers(5, 8, len(jobs)))
    _truth(ledger, "subsidy.exclusive_programmes", jobs, "高: 公益性岗位补贴与失业保险金同时领取半年以上")
    for name, overlap in (("中", 2), ("低", 1)):
        who = ledger.city.draw(rng, ledger.idle(62, 78), int((level == name).sum()))
        ledger.grant(who, "TKGY", "分散", 0, LAST_MONTH)
        ledger.grant(who, "CJHL", "二级", 3, 2 + overlap)
        _truth(ledger, "subsidy.exclusive_programmes", who, f"{name}: 特困供养与护理补贴重叠{overlap}个月")


def _exclusive_lookalikes(ledger: Ledger) -> None:
    """One after the other; both before the policy excluded it; the second one returned; compatible pairs."""
    rng = ledger.city.rng("exclusive look-alikes")
    turn, returned, compatible = np.split(ledger.city.draw(rng, ledger.idle(25, 55), 3 * LOOKALIKES), 3)
    ledger.grant(turn, "SYBX", "普通", 0, 4)
    ledger.grant(turn, "GYGW", "普通", 5, LAST_MONTH)
    ledger.grant(returned, "GYGW", "普通", 0, LAST_MONTH)
    ledger.pay(returned, 6, programme=NUMBER["SYBX"], status="退票", reason="资格已停", amount=1380.0)
    ledger.grant(compatible, "CJSH", "普通")
    ledger.grant(compatible, "CJHL", "二级")
    before = ledger.city.draw(rng, ledger.steady("GLJT"), LOOKALIKES)
    ledger.grant(before, "YLFW", "普通", 3, TRANSITION - 1)


def _two_districts(ledger: Ledger) -> None:
    """Benefits of one category from two districts: 3 to 6 months (高), 2 (中), the unregistered month of moving (低)."""
    rng = ledger.city.rng("two districts")
    count = ledger.city.cases_for(SHARE)
    level = levels(count)
    who = ledger.city.draw(rng, ledger.steady("GLJT"), count - count // 2)
    dibao = ledger.city.draw(rng, ledger.idle(30, 58), count // 2)
    ledger.grant(dibao, "NCDB", "C")
    everyone = np.r_[who, dibao]
    _cut(ledger, everyone[level == "低"], 4)
    months = np.where(level == "高", rng.integers(3, 6, count), np.where(level == "中", 2, 4))
    first = np.where(level == "低", 4, 1)
    other = (ledger.people["district"].to_numpy()[everyone] + rng.integers(1, DISTRICTS, count)) % DISTRICTS
    for code, tier, part in (("YLFW", "普通", slice(len(who))), ("CSDB", "C", slice(len(who), None))):
        last = first[part] + months[part] - 1
        ledger.grant(everyone[part], code, tier, first[part], last, other[part])
    for name in ("高", "中", "低"):
        _truth(
            ledger,
            "subsidy.cross_region_duplicate",
            everyone[level == name],
            f"{name}: 两个区县同时享受同类待遇",
        )


def _two_districts_lookalikes(ledger: Ledger) -> None:
    """Moved without overlap, or with one and a registered move; second payment returned; different categories."""
    rng = ledger.city.rng("two districts look-alikes")
    moved, returned, different = np.split(ledger.city.draw(rng, ledger.steady("JMYL"), 3 * LOOKALIKES), 3)
    other = (ledger.people["district"].to_numpy() + 1) % DISTRICTS
    registered = ledger.city.draw(rng, ledger.idle(30, 58), LOOKALIKES)
    ledger.grant(registered, "NCDB", "C", 0, 6)
    ledger.grant(registered, "CSDB", "C", 6, LAST_MONTH, other[registered])
    ledger.moves += [(int(who), ledger.day_in(6, 3)) for who in registered]
    _cut(ledger, moved, 5)
    ledger.grant(moved, "JMYL", "基础", 6, LAST_MONTH, other[moved])
    ledger.pay(returned, 7, district=other[returned], status="退票", reason="已在他区享受")
    ledger.grant(different, "CJSH", "普通", 2, LAST_MONTH, other[different])
