"""The platform's own exports: steps as Parquet, return visits as a CSV with mixed forms of moments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mingjian.sample.context import City, Texts
from mingjian.sample.writers import write_csv, write_parquet

FORMS = ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y年%m月%d日 %H:%M"]
FORM_SHARES = [0.9, 0.06, 0.04]


def write_process(folder: Path, city: City, steps: pd.DataFrame, visits: pd.DataFrame) -> dict[str, int]:
    """Write both below `folder`; returns the rows of each."""
    table = pd.DataFrame({"步骤编号": "BZ" + pd.Series(np.arange(len(steps)) + 100_000_000).astype(str)})
    table = table.assign(
        工单号=steps["object"], 序号=steps["seq"], 动作=steps["action"], 发起单位=steps["by"]
    )
    table = table.assign(
        接收单位=steps["to"], 时间=steps["at"], 原因=steps["reason"], 新期限=steps["new_due"]
    )
    table["附件数"] = steps["files"]
    rng = city.rng("visit export")
    seen = pd.DataFrame({"回访编号": "HF" + pd.Series(np.arange(len(visits)) + 1_000_000).astype(str)})
    seen = seen.assign(工单号=visits["object"], 回访时间=_mixed(rng, visits["at"]), 回访方=visits["visitor"])
    seen = seen.assign(
        是否接通=visits["reached"], 是否联系过=visits["contacted"], 是否解决=visits["resolved"]
    )
    seen["满意度"] = [str(int(m)) if m == m else "" for m in visits["mark"]]
    seen = seen.assign(不满意原因=visits["reason"], 通话秒数=visits["seconds"])
    return {
        "steps": write_parquet(folder / "handling_steps.parquet", table),
        "visits": write_csv(folder / "return_visits.csv", seen),
    }


def _mixed(rng: np.random.Generator, moments: pd.Series) -> Texts:
    """Moments as texts in the forms that callers type."""
    texts = np.array([moments.dt.strftime(form).to_numpy() for form in FORMS], dtype=object)
    return texts[rng.choice(len(FORMS), len(moments), p=FORM_SHARES), np.arange(len(moments))]
