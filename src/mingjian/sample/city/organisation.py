"""The register of a whole city's units and users, as a personnel office hands it over: two CSV files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

CITY = "150100"
DISTRICTS, TOWNS_EACH, OFFICES_EACH = 9, 30, 12
LINES = (
    *("civil_affairs", "finance", "housing", "education", "health", "agriculture", "social_security"),
    *("water", "power", "gas", "heating", "transport", "environment", "planning", "markets", "emergency"),
    *("culture", "statistics", "audit", "justice"),
)
_SURNAMES = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗")
_GIVEN = list("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文")
UNIT_HEAD = ("单位编码", "上级单位编码", "单位名称", "层级", "单位类型", "区划代码", "业务条线")
USER_HEAD = ("账号", "姓名", "单位编码", "角色", "数据范围", "分管")


@dataclass(frozen=True)
class Register:
    """Where the two files lie."""

    units: Path
    users: Path


def write_register(folder: Path, units: int = 20_000, users: int = 45_000, seed: int = 7) -> Register:
    """Write `units.csv` and `users.csv` of a made-up city below `folder`; the same for the same seed.

    City, districts, towns and their offices are always there (about 3,900 units); villages make up the number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    all_units = pd.concat([_upper_units(), _villages(units)], ignore_index=True).iloc[:units]
    made = Register(folder / "units.csv", folder / "users.csv")
    all_units.to_csv(made.units, index=False)
    _users(all_units, users, rng).to_csv(made.users, index=False)
    return made


def _upper_units() -> pd.DataFrame:
    """The city, its departments, the districts with theirs, the towns with their offices: parents first."""
    rows = [(CITY, "", "青城市人民政府", "市", "gov_office", CITY, "")]
    rows += [(f"{CITY}-{line}", CITY, f"市{line}局", "市", "gov_dept", CITY, line) for line in LINES]
    for d in range(1, DISTRICTS + 1):
        code = f"{int(CITY) + d}"
        rows.append((code, CITY, f"第{d}区人民政府", "区县", "gov_office", code, ""))
        rows += [
            (f"{code}-{line}", code, f"第{d}区{line}局", "区县", "gov_dept", code, line) for line in LINES
        ]
        for t in range(1, TOWNS_EACH + 1):
            town = f"{code}{t:03d}"
            rows.append((town, code, f"第{d}区{t}号街道办事处", "镇街", "town", town, ""))
            rows += [
                (f"{town}-{o:02d}", town, f"{t}号街道{o}科", "镇街", "town", town, LINES[o])
                for o in range(OFFICES_EACH)
            ]
    return pd.DataFrame(rows, columns=list(UNIT_HEAD))


def _villages(units: int) -> pd.DataFrame:
    n = np.arange(units)
    town = (n // TOWNS_EACH % DISTRICTS + int(CITY) + 1) * 1000 + n % TOWNS_EACH + 1
    number = n // (TOWNS_EACH * DISTRICTS) + 1
    code = pd.Series(town * 1000 + number).astype(str)
    name = "第" + pd.Series(number).astype(str) + "社区居民委员会"
    frame = pd.DataFrame({"code": code, "town": pd.Series(town).astype(str), "name": name})
    frame = frame.assign(level="村社", kind="village", region=code, line="")
    return frame.set_axis(list(UNIT_HEAD), axis=1)


def _users(units: pd.DataFrame, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Somebody in each unit first, a lead in each office, the rest where most is done; then the supervisors."""
    ids = units["单位编码"].to_numpy()
    seat = np.r_[np.arange(len(ids)), rng.integers(0, len(ids), max(count - len(ids), 0))][:count]
    first = ~pd.Series(seat).duplicated().to_numpy()
    second = pd.Series(seat).groupby(seat).cumcount().to_numpy() == 1
    role = np.where(first, "承办人", np.where(second, "R2", "R1")).astype(object)
    scope = np.full(count, "own_org", dtype=object)
    charge = np.full(count, "", dtype=object)
    upper = np.flatnonzero(~first & np.isin(units["层级"].to_numpy()[seat], ["市", "区县"]))
    for number, (kind, reach) in enumerate(
        (("R3", "全市"), ("R4", "line"), ("R5", "本区域"), ("R6", "city"), ("R7", "city"))
    ):
        chosen = upper[number::8]
        role[chosen], scope[chosen] = kind, reach
        if kind == "R7":
            charge[chosen] = "分管民政、住建"
    surname, given = rng.choice(_SURNAMES, count), rng.choice(_GIVEN, (2, count))
    name = surname.astype(object) + given[0] + given[1]
    account = "u" + pd.Series(np.arange(count)).astype(str).str.zfill(6)
    columns = (account, name, ids[seat], role, scope, charge)
    frame = pd.DataFrame(dict(zip(USER_HEAD, columns, strict=True)))
    lineless = frame["单位编码"].map(units.set_index("单位编码")["业务条线"]).eq("") & frame["数据范围"].eq(
        "line"
    )
    frame.loc[lineless, "数据范围"] = "city"
    return frame
