"""Files of the land office, the monthly reports, and the ledger of the legacy task force."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.context import City
from mingjian.sample.realty.export_housing import mixed_dates
from mingjian.sample.realty.invest import build_reports
from mingjian.sample.realty.land import build_grants, build_payments
from mingjian.sample.realty.projects import INVEST_PER_M2, floor_area
from mingjian.sample.writers import write_csv, write_excel, write_sqlite

PROBLEM_GROUPS = [("问题", 5), ("化解", 6)]


def write_land(
    out: Path,
    city: City,
    projects: pd.DataFrame,
    buildings: pd.DataFrame,
    permits: pd.DataFrame,
    cases: pd.DataFrame,
) -> dict[str, int]:
    """Grants and payments (SQLite), investment reports (CSV), legacy cases (Excel) below `out`; rows by kind."""
    rng = city.rng("land mess")
    area = floor_area(projects, buildings)
    grants = build_grants(city, projects, area)
    payments = build_payments(city, projects, grants)
    reports = build_reports(city, projects, permits, area * INVEST_PER_M2)
    tables = {"土地供应": _grants(grants, payments), "价款缴纳": _payments(payments)}
    return {
        "land": write_sqlite(out / "land/land.sqlite", tables),
        "invest_reports": write_csv(out / "housing/invest_reports.csv", _reports(rng, reports)),
        "legacy_cases": write_excel(
            out / "housing/legacy_cases.xlsx", "遗留问题化解台账", PROBLEM_GROUPS, _cases(rng, cases)
        ),
    }


def _grants(grants: pd.DataFrame, payments: pd.DataFrame) -> pd.DataFrame:
    earliest = grants["grant_id"].map(payments.groupby("grant")["due"].min()) - np.timedelta64(30, "D")
    return pd.DataFrame(
        {
            "供地编号": grants["grant_id"],
            "项目编码": grants["project_id"],
            "受让人": grants["grantee"],
            "供地方式": grants["mode"],
            "合同日期": grants["contract"]
            .where(grants["contract"] < earliest, earliest)
            .astype("datetime64[s]"),
            "交地日期": grants["deliver"].astype("datetime64[s]"),
            "面积": grants["area"],
            "价款": grants["price"],
            "用途": "住宅",
            "约定开工": grants["start_by"].astype("datetime64[s]"),
            "政府原因": grants["gov_cause"],
        }
    )


def _payments(payments: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "缴款编号": "JK" + pd.Series(np.arange(len(payments)) + 10_000).astype(str),
            "供地编号": payments["grant"],
            "应缴日": payments["due"].astype("datetime64[s]"),
            "批准缓缴至": payments["deferred"].astype("datetime64[s]"),
            "应缴额": payments["owed"],
            "实缴日": payments["paid_on"].astype("datetime64[s]"),
            "实缴额": payments["paid"],
        }
    )


def _reports(rng: np.random.Generator, reports: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "月报编号": reports["report_id"],
            "项目编码": reports["project_id"],
            "月份": reports["month"].dt.strftime("%Y-%m"),
            "累计完成投资(万元)": mess.messy_numbers(rng, reports["invested"].to_numpy() / 10_000, 6),
            "在场工人": reports["workers"],
        }
    )


def _cases(rng: np.random.Generator, cases: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "编号": cases["legacy_id"],
            "项目编码": cases["project_id"],
            "问题类型": cases["problem"],
            "涉及户数": cases["households"],
            "认定日期": mixed_dates(rng, cases["identified"]),
            "计划化解日": mixed_dates(rng, cases["plan"]),
            "牵头单位": cases["org"],
            "包联领导": [f"LD{i % 12 + 1:02d}" for i in range(len(cases))],
            "状态": cases["status"],
            "销号日期": mixed_dates(rng, cases["solved"]),
            "备注": cases["note"],
        }
    )
