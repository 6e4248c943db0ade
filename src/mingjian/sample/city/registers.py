"""The registers of people, units, companies, accounts and utilities: one SQLite database."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.city import ids
from mingjian.sample.city.geography import Geography, line_org
from mingjian.sample.context import City, Numbers
from mingjian.sample.subsidy.employee_cases import needy_households
from mingjian.sample.subsidy.ledger import BANKS, Ledger
from mingjian.sample.utility.utilities import Utilities

RELATIONS = {"head": "户主", "spouse": "配偶", "child": "子女", "parent": "父母", "other": "其他"}
OFFICES = ["公安", "卫健"]


def people_tables(city: City, geo: Geography, ledger: Ledger, deaths: pd.Series) -> dict[str, pd.DataFrame]:
    """人口, 家庭成员, 户籍变动, 死亡登记, 财政供养人员."""
    rng, people = city.rng("register mess"), ledger.people
    id_no, codes = people["id_no"].to_numpy(), geo.villages["code"].to_numpy()
    village = codes[people["village"].to_numpy()]
    births = pd.Series(mess.messy_dates(rng, people["birth"].to_numpy(), (0.97, 0.01, 0.01, 0.01)))
    person = pd.DataFrame(
        {
            "公民身份号码": id_no,
            "姓名": names(len(people), ledger.facts.registered),
            "号码核验": np.where(np.isin(np.arange(len(people)), ledger.facts.unchecked), "未通过", "通过"),
            "性别": np.where(people["female"] == 1, "女", "男"),
            "出生日期": mess.spoil(rng, births, ~city.taken, ["不详", "00000000"]),
            "户籍地": village,
            "居住地": village,
            "联系电话": people["phone"],
            "更新时间": (city.today - 20).astype("datetime64[s]"),
        }
    )
    member = pd.DataFrame(
        {
            "户号": "H" + people["household"].astype(str).str.zfill(7),
            "公民身份号码": id_no,
            "与户主关系": people["relation"].map(RELATIONS),
            "起": np.datetime64("2015-01-01", "s"),
        }
    )
    tables = {"人口": person, "家庭成员": member, "户籍变动": _moves(ledger)}
    return tables | {"死亡登记": _deaths(city, ledger, deaths), "财政供养人员": _employees(city, geo, ledger)}


def names(count: int, other: dict[int, str]) -> np.ndarray:
    """The names of all people, some of them written otherwise."""
    out = ("市民" + pd.Series(np.arange(count)).astype(str).str.zfill(6)).to_numpy(dtype=object)
    for person, name in other.items():
        out[person] = name
    return out


def _moves(ledger: Ledger) -> pd.DataFrame:
    who = np.array([w for w, _ in ledger.moves], dtype=int)
    fixed = ledger.facts.corrections
    item = ["户籍迁移"] * len(who) + [c.item for c in fixed]
    when = [d for _, d in ledger.moves] + [c.day for c in fixed]
    before = [np.datetime64("NaT")] * len(who) + [c.before for c in fixed]
    who = np.r_[who, np.array([c.person for c in fixed], dtype=int)]
    frame = pd.DataFrame({"变更编号": [f"QY{i:06d}" for i in range(len(who))]})
    frame["公民身份号码"] = ledger.people["id_no"].to_numpy()[who]
    frame = frame.assign(变更事项=item, 变更日期=np.array(when, dtype="datetime64[s]"))
    return frame.assign(原日期=np.array(before, dtype="datetime64[s]"))


def _deaths(city: City, ledger: Ledger, deaths: pd.Series) -> pd.DataFrame:
    """Background deaths are known to one or two offices, planted ones as planted; 2 % carry a 15-digit number."""
    rng = city.rng("death register")
    rows = (
        list(zip(deaths.index, deaths.to_numpy(), rng.integers(1, 3, len(deaths)), strict=True))
        + ledger.deaths
    )
    many = np.array([n for _, _, n in rows])
    who = np.repeat(np.array([w for w, _, _ in rows], dtype=int), many)
    when = np.repeat(np.array([d for _, d, _ in rows], dtype="datetime64[D]"), many)
    place = np.arange(len(who)) - np.repeat(np.cumsum(many) - many, many)
    frame = pd.DataFrame({"登记编号": [f"SW{i:07d}" for i in range(len(who))]})
    frame["公民身份号码"] = mess.messy_ids(rng, ledger.people["id_no"].to_numpy()[who])
    frame["死亡日期"] = mess.messy_dates(rng, when)
    frame["来源"] = np.where(place == 0, *OFFICES)
    recorded = np.minimum(when + rng.integers(1, 20, len(who)), city.today)
    return frame.assign(登记日期=recorded.astype("datetime64[s]"))


def _employees(city: City, geo: Geography, ledger: Ledger) -> pd.DataFrame:
    """1 % of grown-ups in public service, a cadre in each village, and everybody with a part that has a post."""
    rng, people = city.rng("employees"), ledger.people
    free = ~city.taken & ~needy_households(ledger)
    staff = np.flatnonzero(people["age"].between(24, 59) & (rng.random(len(people)) < 0.01) & free)
    grown = people[people["age"].between(30, 60) & free & ~people.index.isin(staff)]
    cadres = grown.drop_duplicates("village").index.to_numpy()
    who = np.r_[staff, cadres, np.array(ledger.cadres, dtype=int)].astype(int)
    kind = np.r_[rng.choice(["公务员", "事业编"], len(staff)), np.full(len(who) - len(staff), "村干部")]
    posts = ledger.facts.posts
    who = np.r_[who, np.array([p.person for p in posts], dtype=int)]
    start = np.r_[np.full(len(kind), "2016-03-01"), [str(p.start) for p in posts]].astype("datetime64[s]")
    end = np.r_[np.full(len(kind), "NaT"), [str(p.end) for p in posts]].astype("datetime64[s]")
    kind = np.r_[kind, [p.kind for p in posts]]
    district = geo.district_texts()[people["district"].to_numpy()[who]]
    villages = ("V" + geo.villages["code"]).to_numpy()[people["village"].to_numpy()[who]]
    office = np.array([line_org(d, "finance") for d in district], dtype=object)
    frame = pd.DataFrame({"编号": [f"RY{i:06d}" for i in range(len(who))]})
    frame["公民身份号码"] = people["id_no"].to_numpy()[who]
    frame = frame.assign(单位=np.where(kind == "村干部", villages, office), 人员类别=kind)
    return frame.assign(起=start, 止=end)


def account_table(city: City, ledger: Ledger, used: Numbers) -> pd.DataFrame:
    """账户: accounts that were paid into, with holder, bank, kind and opening day."""
    rng, people = city.rng("bank accounts"), ledger.people
    own = np.unique(used[used < len(people)])
    id_no = people["id_no"].to_numpy()
    first = pd.DataFrame({"账号": ids.account_numbers(0, len(people))[own], "持有人证件号": id_no[own]})
    first = first.assign(持有单位="", 开户行=rng.choice(BANKS, len(own)), 账户类别="社保卡")
    called = names(len(people), ledger.facts.held)
    first["户名"] = called[own]
    first["开户日期"] = np.datetime64("2017-01-01", "s") + rng.integers(0, 1500, len(own)).astype(
        "timedelta64[D]"
    )
    extra = ledger.accounts
    holder = extra["person"].to_numpy().astype(int)
    second = pd.DataFrame({"账号": ids.account_numbers(len(people), len(extra))})
    second["持有人证件号"] = np.where(holder >= 0, id_no[holder], "")
    second["户名"] = np.where(holder >= 0, called[holder], "")
    second = second.assign(持有单位=extra["company"], 开户行=extra["bank"], 账户类别=extra["kind"])
    second["开户日期"] = extra["opened"].to_numpy().astype("datetime64[s]")
    return pd.concat([first, second], ignore_index=True)


def utility_tables(city: City, utilities: Utilities, people: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """公用事业用户, 账单, 价目, 报装."""
    rng = city.rng("utility register")
    held = utilities.accounts
    person = held["person"].to_numpy().astype(int)
    users = pd.DataFrame({"户号": held["acct_id"], "类别": held["utility"], "供应企业": held["supplier"]})
    users["用户证件号"] = np.where(person >= 0, people["id_no"].to_numpy()[person], "")
    users = users.assign(用户单位=held["company"], 房源编码=held["unit"], 转供主体=held["reseller"])
    users = users.assign(价目编码=held["tariff"], 用户类别=held["category"])
    bills = utilities.bills
    table = pd.DataFrame({"账单编号": "ZD" + pd.Series(np.arange(len(bills)) + 10_000_000).astype(str)})
    table["户号"] = held["acct_id"].to_numpy()[bills["account"]]
    table["月份"] = city.months[bills["month"].to_numpy()].astype("datetime64[M]").astype(str).astype(object)
    table = table.assign(用量=bills["qty"].round(1), 单价=bills["price"], 能源费=bills["fee"].round(2))
    table = table.assign(
        附加费=bills["other"],
        附加费名目=bills["other_name"],
        预存=bills["prepaid"],
        估抄=np.where(rng.random(len(bills)) < 0.03, "是", "否"),
    )
    tariffs = utilities.tariffs
    prices = tariffs.set_axis(
        ["价目编码", "类别", "用户类别", "地区", "单价", "允许上浮", "起", "止"], axis=1
    )
    asked = utilities.connections
    cases = pd.DataFrame(
        {
            "报装编号": asked["conn_id"],
            "类别": "气",
            "供应企业": asked["supplier"],
            "申请企业": asked["company"],
        }
    )
    cases = cases.assign(
        申请时间=asked["apply"].astype("datetime64[s]"), 接通时间=asked["done"].astype("datetime64[s]")
    )
    cases = cases.assign(收费=asked["fee"], 预存要求=asked["prepay"])
    return {"公用事业用户": users, "账单": table, "价目": prices, "报装": cases}


def unit_tables(
    geo: Geography, calendar: pd.DataFrame, topics: pd.DataFrame, companies: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """区划, 机构, 工作日历, 诉求事项, 市场主体."""
    regions = geo.regions.set_axis(["区划代码", "上级代码", "名称", "层级", "常住人口", "户数"], axis=1)
    orgs = geo.orgs.set_axis(
        ["机构编码", "上级机构", "机构名称", "层级", "机构类型", "所属区划", "业务条线"], axis=1
    )
    days = calendar.assign(day=calendar["day"].astype("datetime64[s]")).set_axis(
        ["日期", "是否工作日", "序号", "说明"], axis=1
    )
    services = pd.DataFrame(
        {"事项编码": topics["code"], "事项名称": topics["l3"], "一级类": topics["l1"], "二级类": topics["l2"]}
    )
    services = services.assign(三级类=topics["l3"], 主办条线=topics["line"], 受理时限=topics["accept_wd"])
    services = services.assign(办理时限=topics["finish_wd"], 季节性=np.where(topics["seasonal"], "是", "否"))
    firms = companies[["uscc", "name", "status", "founded", "industry", "insured", "capital", "legal_rep"]]
    firms = firms.assign(founded=firms["founded"].astype("datetime64[s]"))
    firms = firms.set_axis(
        [
            "统一社会信用代码",
            "名称",
            "登记状态",
            "成立日期",
            "行业",
            "参保人数",
            "实缴资本(元)",
            "法定代表人证件号",
        ],
        axis=1,
    )
    return {"区划": regions, "机构": orgs, "工作日历": days, "诉求事项": services, "市场主体": firms}
