"""Extra items on bills and what people say about them: abolished items, heavy items, and their look-alikes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mingjian.sample.city.companies import COURIER, COURIERS, codes_of
from mingjian.sample.city.geography import DISTRICTS
from mingjian.sample.context import MONTHS, City, Texts
from mingjian.sample.hotline.complaint_cases import Planter
from mingjian.sample.hotline.complaints import rows
from mingjian.sample.hotline.topics import FEES

MODEL = "utility.extra_fee_name"
RESALE_SHARE, RESALE_LOOKALIKES = 1 / 30_000, 8
MANY_SHOPS = 24
SEWAGE = 0.95  # yuan a cubic metre, in every resident's water bill
ONCE, ALWAYS = range(8, 10), range(MONTHS)

# Resellers in a row: (name on the bill, the item, share of the base fee, months, level; none for look-alikes)
RESELLERS = [
    *[("电表接口费", "接口费", 0.02, ONCE, "高")] * 3,
    *[("用电增容费", "增容费", 0.03, ONCE, "中")] * 2,
    ("会员费", "会员费", 0.03, ONCE, "中"),
    *[("设备维护费", "维护费", 0.07, ALWAYS, "低")] * 3,
    *[("代收生活垃圾处理费", "", 0.06, ALWAYS, "")] * 3,
    *[("设备维护费", "", 0.02, ALWAYS, "")] * 3,
    *[("增容费（已退）", "", 0.0, ONCE, "")] * 3,
]
SAID = [
    "取件时被要求另交{item}，每次都收，没有发票。",
    "该公司向我们收取{item}，公示栏里没有这一项，请核查。",
    "办业务要先交{item}，问依据答不上来。",
    "反映乱收{item}的问题，希望退还多收部分以外也给个说法。",
]
ASKED = "请问{item}现在还收吗，标准是多少？"
DENIED = "{item}已取消，但业务拖了半个月还没办好。"


def first_reseller(city: City) -> int:
    """The reseller with whom RESELLERS begins: before him come those with a mark-up and their look-alikes."""
    return city.cases_for(RESALE_SHARE) + RESALE_LOOKALIKES


def shape(city: City, size: np.ndarray, markup: np.ndarray) -> None:
    """Make the resellers fit their part: enough shops for 高, and a price well within its limit."""
    first = first_reseller(city)
    size[first : first + 3] = MANY_SHOPS
    size[first + 3 : first + 9] = np.minimum(size[first + 3 : first + 9], 12)
    markup[first : first + len(RESELLERS)] *= 0.2


def charge(city: City, accounts: pd.DataFrame, bills: pd.DataFrame, codes: Texts) -> None:
    """Put extra items on the bills: sewage for homes with water, the resellers' own items as RESELLERS says."""
    account = bills["account"].to_numpy()
    bills["other_name"] = ""
    home = (accounts["utility"] == "水") & (accounts["category"] == "居民")
    wet = home.to_numpy()[account]
    bills.loc[wet, "other"] = np.floor(bills.loc[wet, "qty"] * SEWAGE * 100) / 100
    bills.loc[wet, "other_name"] = "污水处理费"
    owner = accounts["reseller"].to_numpy()[account]
    for code, (name, item, share, months, level) in zip(
        codes[first_reseller(city) :], RESELLERS, strict=False
    ):
        mine = (owner == code) & bills["month"].isin(months).to_numpy()
        bills.loc[mine, "other"] = np.floor(bills.loc[mine, "fee"] * share * 100) / 100
        bills.loc[mine, "other_name"] = name
        if item:
            city.plant(MODEL, "company_fee", f"{code}|{item}", f"{level}: 账单附加{name}")


def plant_said(p: Planter, resellers: Texts, gas: Texts) -> pd.DataFrame:
    """What people say: of couriers and gas suppliers without any bill, and of a reseller whose bills say it too.

    Look-alikes: one person alone, questions, and people who say that the item was abolished.
    """
    couriers, billed = codes_of(p.geo, COURIER, COURIERS), resellers[first_reseller(p.city) :]
    plan = [(couriers[0], "收件费", 26, "高"), *[(c, "收件费", 3, "中") for c in couriers[1:4]]]
    plan += [(gas[15], "开口费", 4, "中"), (billed[3], "增容费", 2, "")]
    plan += [(c, "押金", 1, "") for c in couriers[4:7]]
    parts = [*_voices(p, plan)]
    for n, supplier in enumerate(gas[9:12]):
        parts.append(_several(p, supplier, n, 3, DENIED.format(item="开户费")))
    for n, supplier in enumerate([*gas[16:18], couriers[7]]):
        parts.append(_several(p, supplier, n, 4, ASKED.format(item="开户费"), "咨询"))
    return pd.concat(parts, ignore_index=True)


def _voices(p: Planter, plan: list[tuple[str, str, int, str]]) -> Iterator[pd.DataFrame]:
    for n, (company, item, count, level) in enumerate(plan):
        text = [SAID[k % len(SAID)].format(item=item) for k in range(count)]
        yield _several(p, company, n, count, text)
        if level:
            p.city.plant(MODEL, "company_fee", f"{company}|{item}", f"{level}: {count} 人反映{item}")


def _several(
    p: Planter, company: str, n: int, count: int, text: str | list[str], kind: str = "投诉"
) -> pd.DataFrame:
    """Different people of one district about one company, spread over most of a year."""
    where = p.place(n % DISTRICTS, count)
    return rows(
        p.ago(40, 300, count), p.topic(FEES), where, p.someone(count), kind, subject=company, text=text
    )
