"""The subsidy catalogue: programmes, standards by district and tier, and which exclude each other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from mingjian.sample.city.geography import CITY_CODE, DISTRICTS, Geography, line_org
from mingjian.sample.context import LAST_MONTH, City, Floats, Numbers, Texts

RAISED = 6
TRANSITION = 9


class Programme(NamedTuple):
    """One item of the catalogue; `tiers` maps tier to yuan a month (or a mu, or once)."""

    code: str
    name: str
    category: str
    cycle: str
    line: str
    tiers: dict[str, float]
    unit: str = "人月"
    payee: str = "个人"
    age_min: int | None = None
    age_max: int | None = None
    need_based: bool = False


RURAL = {"A": 620.0, "B": 480.0, "C": 350.0}
URBAN = {"A": 760.0, "B": 610.0, "C": 450.0}
PROGRAMMES = [
    Programme("NCDB", "农村最低生活保障金", "dibao", "month", "civil_affairs", RURAL, payee="家庭", need_based=True),
    Programme("CSDB", "城市最低生活保障金", "dibao", "month", "civil_affairs", URBAN, payee="家庭", need_based=True),
    Programme("TKGY", "特困人员供养金", "tekun", "month", "civil_affairs", {"集中": 1150, "分散": 930}, need_based=True),
    Programme("GLJT", "高龄津贴", "elderly", "month", "civil_affairs", {"80": 100, "90": 200, "100": 600}, age_min=80),
    Programme("YLFW", "养老服务补贴", "elderly", "month", "civil_affairs", {"普通": 120}, age_min=70),
    Programme("CJSH", "困难残疾人生活补贴", "disab_living", "month", "civil_affairs", {"普通": 100}, need_based=True),
    Programme("CJHL", "重度残疾人护理补贴", "disab_nursing", "month", "civil_affairs", {"一级": 140, "二级": 100}),
    Programme("JMYL", "城乡居民养老金", "pension", "month", "human_resources", {"基础": 163}, age_min=60),
    Programme("GEBZ", "孤儿基本生活费", "relief", "month", "civil_affairs", {"散居": 1300}, age_max=17),
    Programme("GYGW", "公益性岗位补贴", "public_post", "month", "human_resources", {"普通": 1500}),
    Programme("SYBX", "失业保险金", "unemployment", "month", "human_resources", {"普通": 1380}),
    Programme("ZFBT", "住房租赁补贴", "other", "month", "housing", {"普通": 320}, payee="家庭", need_based=True),
    Programme("GDFB", "过渡安置补助", "other", "month", "housing", {"普通": 500}, payee="家庭"),
    Programme("GDDL", "耕地地力保护补贴", "farmland", "year", "agriculture", {"普通": 118}, unit="亩"),
    Programme("JYZZ", "家庭困难学生资助", "education", "year", "education", {"普通": 1250}, need_based=True),
    Programme("NJGZ", "农机购置补贴", "machinery", "once", "agriculture", {}, unit="次"),
    Programme("WFGZ", "农村危房改造补助", "renovation", "once", "housing", {"C": 15000, "D": 28000}, unit="户", payee="家庭"),
    Programme("LSJZ", "临时救助金", "relief", "once", "civil_affairs", {}, unit="次"),
    Programme("YLJZ", "医疗救助金", "medical", "once", "health", {}, unit="次"),
    Programme("SZFX", "丧葬抚恤金", "funeral", "once", "human_resources", {"普通": 5200}, unit="次"),
    Programme("JDWW", "老年人季度慰问金", "other", "quarter", "civil_affairs", {"普通": 200}, unit="次", age_min=65),
    Programme("YMHF", "水库移民后期扶持资金", "other", "quarter", "water", {"普通": 150}, unit="次"),
]  # fmt: skip
NUMBER = {p.code: i for i, p in enumerate(PROGRAMMES)}
MONTHLY_PROGRAMMES = [i for i, p in enumerate(PROGRAMMES) if p.cycle == "month"]
CONFLICTS = [
    ("NCDB", "TKGY", "个人", "不得同时享受", None),
    ("CJHL", "TKGY", "个人", "不得同时享受", None),
    ("GYGW", "SYBX", "个人", "不得同时享受", None),
    ("ZFBT", "GDFB", "家庭", "不得同时享受", None),
    ("GLJT", "YLFW", "个人", "不得同时享受", TRANSITION),
]


def district_factor() -> Floats:
    """Standards differ a little between districts, in steps of 2 %."""
    return 1 + 0.02 * (np.arange(DISTRICTS) % 4)


def standard(code: Numbers, tier: Texts, district: Numbers, month: Numbers) -> Floats:
    """Yuan by programme position, tier, district and month position (−1 where the programme has no standard).

    Minimum living allowance rises by 6 % in month position RAISED.
    """
    table = {(NUMBER[p.code], t): amount for p in PROGRAMMES for t, amount in p.tiers.items()}
    keys = pd.MultiIndex.from_arrays([code, tier])
    base = pd.Series(table).reindex(keys).fillna(-1.0).to_numpy()
    dibao = np.isin(code, [NUMBER["NCDB"], NUMBER["CSDB"]])
    raised = np.where(dibao & (month >= RAISED), 1.06, 1.0)
    return np.where(base < 0, -1.0, np.round(base * district_factor()[district] * raised))


def catalogue_table() -> pd.DataFrame:
    """The catalogue as the finance bureau exports it."""
    rows = [
        {
            "项目编码": p.code,
            "项目名称": p.name,
            "类别": p.category,
            "主管部门": line_org(str(CITY_CODE), p.line),
            "对象": p.payee,
            "发放周期": {"month": "按月", "quarter": "按季", "year": "按年", "once": "一次性"}[p.cycle],
            "最低年龄": p.age_min,
            "最高年龄": p.age_max,
            "是否困难认定": "是" if p.need_based else "否",
            "社保卡发放": "是",
            "公示天数": 7,
            "审批时限": 20,
            "复核周期(月)": 12 if p.need_based else None,
            "停发宽限(日)": 30,
        }
        for p in PROGRAMMES
    ]
    return pd.DataFrame(rows).astype({"最低年龄": "Int64", "最高年龄": "Int64", "复核周期(月)": "Int64"})


def standards_table(city: City, geo: Geography) -> pd.DataFrame:
    """Standards by district, tier and period; an older one ends the day before the next begins."""
    start, raised = np.datetime64("2020-01-01"), city.months[RAISED]
    once, twice = [(0, start, None)], [(0, start, raised - 1), (LAST_MONTH, raised, None)]
    rows = [
        (p.code, district, tier, p.unit, month, begin, end)
        for p in PROGRAMMES
        for tier in p.tiers
        for district in range(DISTRICTS)
        for month, begin, end in (twice if p.category == "dibao" else once)
    ]
    frame = pd.DataFrame(rows, columns=["项目编码", "地区", "档次", "计量", "month", "起", "止"])
    number = frame["项目编码"].map(NUMBER).to_numpy()
    place, month = frame["地区"].to_numpy(), frame.pop("month").to_numpy()
    frame["标准(元)"] = standard(number, frame["档次"].to_numpy(), place, month)
    frame["地区"] = geo.district_texts()[place]
    frame.insert(0, "标准编号", [f"BZ{i:05d}" for i in range(len(frame))])
    return frame


def conflicts_table(city: City) -> pd.DataFrame:
    """Which programmes exclude each other; the last pair only since the policy changed."""
    frame = pd.DataFrame(CONFLICTS, columns=["项目甲", "项目乙", "范围", "规则", "since"])
    since = frame.pop("since")
    frame["起"] = [np.datetime64("2018-01-01") if pd.isna(s) else city.months[int(s)] for s in since]
    frame.insert(0, "规则编号", [f"HC{i:03d}" for i in range(len(frame))])
    return frame
