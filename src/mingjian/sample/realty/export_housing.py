"""The housing system's exports: Excel with titles and merged headers, CSV for the large lists, Parquet from the banks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.city import ids
from mingjian.sample.city.geography import CITY_CODE, Geography
from mingjian.sample.context import City, Texts
from mingjian.sample.realty.escrow import RETAIN, Escrow
from mingjian.sample.realty.projects import INVEST_PER_M2, UNIT_AREA, floor_area, reached
from mingjian.sample.writers import write_csv, write_excel, write_parquet

PERMIT_NAMES = {
    "land_cert": "不动产权证(土地)", "plan_land": "建设用地规划许可", "plan_works": "建设工程规划许可", "cd_design": "人防设计审查",
    "fire_design": "消防设计审查", "construction": "施工许可", "presale": "预售许可", "plan_verify": "规划核实", "cd_mid": "人防中间验收",
    "cd_equip": "人防防护设备验收", "fire_accept": "消防验收", "cd_accept": "人防验收", "completion_accept": "竣工验收",
    "completion_filing": "竣工备案", "joint_accept": "联合验收", "first_reg": "首次登记",
}  # fmt: skip
NODE_NAMES = {
    "start": "开工", "foundation": "基础完工", "half": "主体过半", "topped_out": "主体封顶", "facade": "外立面完工", "completed": "竣工",
    "handover": "交付", "suspend": "停工",
}  # fmt: skip
ITEM_NAMES = {"civil_defence": "人防", "plan": "规划", "fire": "消防", "quality": "质量", "elevator": "电梯"}
SERIAL_ZERO = np.datetime64("1899-12-30")


def mixed_dates(rng: np.random.Generator, when: pd.Series) -> pd.Series:
    """Spreadsheet dates: real ones, and by twos in a hundred bare serial numbers and written-out days."""
    out = when.astype(object).where(when.notna(), None)
    roll = rng.random(len(out))
    serial = (roll < 0.02) & when.notna().to_numpy()
    days = when.dt.normalize().to_numpy().astype("datetime64[D]")
    out[serial] = [int((d - SERIAL_ZERO).astype(int)) for d in days[serial]]
    written = (roll > 0.98) & when.notna().to_numpy()
    out[written] = [f"{d.year}年{d.month}月{d.day}日" for d in when[written]]
    return out


def write_housing(
    out: Path,
    city: City,
    geo: Geography,
    tables: dict[str, pd.DataFrame],
    escrow: Escrow,
    id_no: Texts,
) -> dict[str, int]:
    """Write projects, buildings, permits, milestones, acceptance (Excel), units and sales (CSV), escrow (Parquet)."""
    rng = city.rng("housing mess")
    counts = {
        "projects": _projects(out, rng, geo, tables),
        "buildings": _buildings(out, tables["projects"], tables["buildings"]),
        "permits": _permits(out, rng, tables["permits"]),
        "milestones": _milestones(out, rng, tables["milestones"]),
        "acceptance": _acceptance(out, rng, tables["acceptance"]),
        "units": _units(out, rng, tables["units"], tables["permits"], tables["buildings"], tables["sales"]),
        "sales": _sales(out, rng, tables["sales"], tables["units"], id_no),
        "escrow": write_parquet(out / "escrow_flows.parquet", _flows(escrow)),
        "escrow_accounts": write_csv(out / "escrow_accounts.csv", _accounts(escrow), "utf-8-sig"),
    }
    counts["escrow_rules"] = write_csv(out / "escrow_rules.csv", _rules(), "utf-8-sig")
    return counts


def _projects(out: Path, rng: np.random.Generator, geo: Geography, tables: dict[str, pd.DataFrame]) -> int:
    projects, buildings = tables["projects"], tables["buildings"]
    area = floor_area(projects, buildings)
    storeys = buildings.groupby("project")["floors"].mean().to_numpy()
    done = reached(projects["age"].to_numpy(), projects["part"].to_numpy())
    start, renewed = projects["start"], (projects["part"] == "renovation").to_numpy()
    names = [f"示例{'老旧小区改造' if renewed[i] else '家园'}{i + 1}期" for i in range(len(projects))]
    frame = pd.DataFrame(
        {
            "项目编码": projects["project_id"],
            "项目名称": names,
            "统一社会信用代码": projects["developer"],
            "区划": geo.district_texts()[projects["district"].to_numpy()],
            "项目类型": "商品房",
            "是否遗留": np.where(projects["part"] == "old_entry", "是", "否"),
            "总投资(万元)": mess.messy_numbers(rng, area * INVEST_PER_M2 / 10_000, 2),
            "总建筑面积": mess.messy_numbers(rng, area, 2),
            "计容面积": mess.messy_numbers(rng, area * 0.93, 2),
            "首层面积": mess.messy_numbers(rng, area / storeys, 2),
            "计划开工": mixed_dates(rng, start),
            "计划竣工": mixed_dates(rng, start + np.timedelta64(700, "D")),
            "状态": np.select(
                [done >= 850, (done < 0) & (projects["part"] != "idle_unreported")],
                ["已交付", "筹建"],
                "在建",
            ),
        }
    )
    frame = pd.concat([frame, _old_projects(rng, geo, tables["old_projects"])], ignore_index=True)
    return write_excel(
        out / "projects.xlsx", "房地产项目台账", [("基本信息", 6), ("规模", 4), ("计划", 3)], frame
    )


def _old_projects(rng: np.random.Generator, geo: Geography, old: pd.DataFrame) -> pd.DataFrame:
    """Projects of the legacy ledger, entered from paper: much is not known any more."""
    return pd.DataFrame(
        {
            "项目编码": old["project_id"],
            "项目名称": [f"示例旧苑{i + 1}号" for i in range(len(old))],
            "统一社会信用代码": old["developer"],
            "区划": geo.district_texts()[old["district"].to_numpy()],
            "项目类型": "商品房",
            "是否遗留": "是",
            "总建筑面积": mess.messy_numbers(rng, old["area"].to_numpy(), 2),
            "状态": "竣工",
        }
    )


def _buildings(out: Path, projects: pd.DataFrame, buildings: pd.DataFrame) -> int:
    frame = pd.DataFrame(
        {
            "楼栋编码": buildings["building_id"],
            "项目编码": projects["project_id"].to_numpy()[buildings["project"]],
            "楼号": buildings["number"].astype(str) + "号楼",
            "地上层数": buildings["floors"],
            "建筑面积": buildings["units"] * UNIT_AREA,
            "规划套数": buildings["units"],
        }
    )
    return write_excel(out / "buildings.xlsx", "楼栋台账", [("标识", 3), ("规模", 3)], frame)


def _permits(out: Path, rng: np.random.Generator, permits: pd.DataFrame) -> int:
    frame = pd.DataFrame(
        {
            "证件编号": permits["permit_id"],
            "项目编码": permits["project"],
            "楼栋编码": permits["building"],
            "名称": permits["kind"].map(PERMIT_NAMES),
            "文号": "明审〔"
            + permits["issue"].dt.year.astype(str)
            + "〕"
            + permits["permit_id"].str[-4:]
            + "号",
            "申请时间": permits["apply"],
            "发证时间": permits["issue"].where(
                (permits["part"] != "undated") | (permits["kind"] != "construction")
            ),
            "结果": permits["result"],
            "办理机构": permits["org"],
            "是否容缺": np.where(permits["tolerated"], "是", "否"),
        }
    )
    frame["申请时间"] = mixed_dates(rng, frame["申请时间"])
    return write_excel(out / "permits.xlsx", "许可与备案事项", [("证件", 5), ("时间", 2), ("办理", 3)], frame)


def _milestones(out: Path, rng: np.random.Generator, nodes: pd.DataFrame) -> int:
    frame = pd.DataFrame(
        {
            "节点编号": "JD" + pd.Series(np.arange(len(nodes)) + 100_000).astype(str),
            "项目编码": nodes["project"],
            "楼栋编码": nodes["building"],
            "节点": nodes["node"].map(NODE_NAMES),
            "计划": mixed_dates(rng, nodes["plan"]),
            "实际": mixed_dates(rng, nodes["actual"]),
            "形象进度(%)": nodes["pct"],
            "来源": nodes["source"],
        }
    )
    return write_excel(
        out / "milestones.xlsx", "工程形象进度", [("节点信息", 4), ("日期", 2), ("进度", 2)], frame
    )


def _acceptance(out: Path, rng: np.random.Generator, items: pd.DataFrame) -> int:
    frame = pd.DataFrame(
        {
            "编号": items["item_id"],
            "项目编码": items["project"],
            "楼栋编码": items["building"],
            "专项": items["kind"].map(ITEM_NAMES),
            "是否应做": items["required"],
            "应建": items["should"],
            "设计": items["design"],
            "实建": items["actual"],
            "应缴易地建设费": items["fee_due"],
            "实缴易地建设费": items["fee_paid"],
            "结果": items["result"],
            "验收日期": mixed_dates(rng, items["inspected"]),
            "主管机构": items["org"],
        }
    )
    return write_excel(
        out / "acceptance.xlsx",
        "专项验收台账",
        [("专项信息", 5), ("面积", 3), ("易地建设", 2), ("验收", 3)],
        frame,
    )


def _units(
    out: Path,
    rng: np.random.Generator,
    units: pd.DataFrame,
    permits: pd.DataFrame,
    buildings: pd.DataFrame,
    sales: pd.DataFrame,
) -> int:
    presale = permits[permits["kind"] == "presale"].set_index("building")["permit_id"]
    building = buildings["building_id"].to_numpy()[units["building"]]
    active = sales[sales["cancel"].isna()]
    filed, sold = active.loc[active["filing"].notna(), "unit"], active["unit"]
    position = np.arange(len(units))
    frame = pd.DataFrame(
        {
            "房源编码": units["unit_id"],
            "楼栋编码": building,
            "房号": units["no"],
            "用途": np.where(units["shop"], "商铺", "住宅"),
            "预测面积": mess.messy_numbers(rng, units["area"].to_numpy()),
            "预售许可": presale.reindex(building).to_numpy(),
            "状态": np.select(
                [np.isin(position, filed), np.isin(position, sold)], ["已备案", "已签约"], "可售"
            ),
            "备案价(万元)": mess.messy_numbers(rng, units["list"].to_numpy() / 10_000, 4),
        }
    )
    return write_csv(out / "units.csv", frame)


def _sales(
    out: Path, rng: np.random.Generator, sales: pd.DataFrame, units: pd.DataFrame, id_no: Texts
) -> int:
    frame = pd.DataFrame(
        {
            "合同编号": sales["sale_id"],
            "房源编码": units["unit_id"].to_numpy()[sales["unit"]],
            "买受人证件号": mess.messy_ids(rng, id_no[sales["buyer"]]),
            "签约日期": mess.messy_dates(rng, sales["sign"].to_numpy()),
            "备案日期": mess.messy_dates(rng, sales["filing"].to_numpy()),
            "撤销日期": mess.messy_dates(rng, sales["cancel"].to_numpy()),
            "合同价": mess.messy_numbers(rng, sales["price"].to_numpy()),
            "已付房款": mess.messy_numbers(rng, sales["paid"].to_numpy()),
            "按揭": mess.messy_numbers(rng, sales["loan"].to_numpy()),
            "约定交付": mess.messy_dates(rng, sales["due"].to_numpy()),
            "实际交付": mess.messy_dates(rng, sales["delivered"].to_numpy()),
        }
    )
    return write_csv(out / "sales.csv", frame)


def _accounts(escrow: Escrow) -> pd.DataFrame:
    held = escrow.accounts
    frame = pd.DataFrame(
        {"账户编码": held["escrow_id"], "项目编码": held["project_id"], "预售许可": held["permit"]}
    )
    frame = frame.assign(
        监管银行=held["bank"], 账号=held["account"], 开立日期=held["opened"].dt.strftime("%Y/%m/%d")
    )
    frame["重点监管额度(万元)"] = [f"{q / 10_000:.2f}" for q in held["quota"]]
    return frame


def _flows(escrow: Escrow) -> pd.DataFrame:
    flows = escrow.flows
    frame = pd.DataFrame(
        {
            "流水号": flows["txn_id"],
            "监管账户": flows["escrow"],
            "交易时间": flows["at"].astype("datetime64[us]"),
        }
    )
    frame = frame.assign(收支=flows["way"], 用途=flows["kind"], 收款单位=flows["payee"].replace("", None))
    frame["金额"] = flows["amount"].round(2)
    frame["合同编号"] = flows["sale"].replace("", None)
    frame["申请节点"] = flows["node"].map(NODE_NAMES)
    return frame


def _rules() -> pd.DataFrame:
    rows = [
        (f"LC{i:02d}", str(CITY_CODE), NODE_NAMES[n], pct, "2019-01-01")
        for i, (n, pct) in enumerate(RETAIN.items())
    ]
    return pd.DataFrame(rows, columns=["规则编号", "地区", "节点", "最低留存(%)", "起"])


def developer_codes(projects: pd.DataFrame) -> list[str]:
    """Developers and builders that the registers must know."""
    return sorted(set(projects["developer"])) + sorted(
        {ids.uscc(CITY_CODE + 1, n) for n in range(5000, 5040)}
    )
