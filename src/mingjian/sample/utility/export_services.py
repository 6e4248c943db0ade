"""What the supply companies and the water laboratory hand in: outages and water samples, as CSV."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.city.geography import Geography
from mingjian.sample.context import City, Texts
from mingjian.sample.utility.outages import KINDS, build_outages
from mingjian.sample.utility.water import build_samples
from mingjian.sample.writers import write_csv

MOMENTS = ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y年%m月%d日 %H:%M"]
MOMENT_SHARES = [0.9, 0.07, 0.03]
INDICATORS = {"turbidity": "浑浊度", "free_cl": "游离余氯", "coliform": "总大肠菌群"}
SOURCES = {"utility": "企业自检", "regulator": "监督抽检", "citizen": "居民送检"}


def write_services(folder: Path, city: City, geo: Geography) -> dict[str, int]:
    """Both files below `folder`; rows by kind."""
    return {
        "outages": write_outages(folder / "outages.csv", city, build_outages(city, geo)),
        "water_samples": write_samples(folder / "water_samples.csv", city, build_samples(city, geo)),
    }


def write_outages(path: Path, city: City, found: pd.DataFrame) -> int:
    """停供事件: one row an outage; moments in mixed forms."""
    rng = city.rng("outage export")
    table = pd.DataFrame(
        {"停供编号": found["id"], "类别": found["kind"].map(KINDS), "企业代码": found["supplier"]}
    )
    table = table.assign(
        区划=found["region"], 网格编码=found["grid"], 是否计划=np.where(found["planned"], "是", "否")
    )
    for name, column in {"公告时间": "notice", "开始时间": "start", "恢复时间": "end"}.items():
        table[name] = _moments(rng, found[column])
    table = table.assign(影响户数=found["users"], 停供原因=found["cause"])
    return write_csv(path, table)


def write_samples(path: Path, city: City, found: pd.DataFrame) -> int:
    """水质检测: one row a sample and indicator; numbers in mixed forms."""
    rng = city.rng("water export")
    table = pd.DataFrame(
        {"样品编号": found["id"], "供水单位代码": found["supplier"], "区划": found["region"]}
    )
    table = table.assign(采样网格=found["grid"], 检测项目=found["indicator"].map(INDICATORS))
    table["检测值"] = mess.messy_numbers(rng, found["value"].to_numpy(), 2)
    table["单位"] = found["unit"]
    table["上限"] = found["high"].map(lambda v: "" if pd.isna(v) else f"{v:g}")
    return write_csv(
        path, table.assign(采样时间=_moments(rng, found["at"]), 来源=found["source"].map(SOURCES))
    )


def _moments(rng: np.random.Generator, when: pd.Series) -> Texts:
    """Moments as texts in the forms that offices use; a missing one is an empty cell."""
    texts = np.array([when.dt.strftime(form).fillna("") for form in MOMENTS], dtype=object)
    return texts[rng.choice(len(MOMENTS), len(when), p=MOMENT_SHARES), np.arange(len(when))]
