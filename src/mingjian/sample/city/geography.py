"""Districts, towns and villages, and the units that stand in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mingjian.sample.context import City, Floats, Numbers, Texts

CITY_CODE = 159900
DISTRICTS = 9
DISTRICT_NAMES = ["明东区", "明西区", "清河区", "云台区", "石桥县", "白杨县", "青山县", "长川县", "北原旗"]
LINES = {
    "civil_affairs": "民政局",
    "agriculture": "农业农村局",
    "finance": "财政局",
    "housing": "住房和城乡建设局",
    "approval": "行政审批局",
    "civil_defence": "人民防空办公室",
    "price": "发展和改革局",
    "market": "市场监督管理局",
    "gas": "燃气管理办公室",
    "hotline": "12345热线办",
    "water": "水务局",
    "heat": "供热管理办公室",
    "power": "电力管理办公室",
    "urban": "城市管理局",
    "transport": "交通运输局",
    "human_resources": "人力资源和社会保障局",
    "education": "教育局",
    "health": "卫生健康委员会",
    "petition": "信访局",
    "trading": "公共资源交易监督管理局",
    "natural_resources": "自然资源局",
    "legacy": "房地产遗留问题工作专班",
    "supervision": "政府督查室",
    "data": "数据管理局",
}


@dataclass(frozen=True)
class Geography:
    """`villages` has one row a village: code (12 digits), town, district (index), rural, weight (share of people)."""

    villages: pd.DataFrame
    regions: pd.DataFrame
    orgs: pd.DataFrame
    district_codes: Numbers

    @property
    def village_weights(self) -> Floats:
        return self.villages["weight"].to_numpy()

    def district_texts(self) -> Texts:
        """Six-digit codes as texts, by district index."""
        return self.district_codes.astype(str).astype(object)


def village_org(codes: pd.Series) -> pd.Series:
    """The unit id of a village committee."""
    return "V" + codes


def line_org(district: str, line: str) -> str:
    """The unit id of the office that owns a line in a district (or the city)."""
    return f"D{district}-{line}"


def build_geography(city: City) -> Geography:
    """Nine districts always; towns and villages grow with the city."""
    rng = city.rng("geography")
    towns_each = int(np.clip(round(3 + city.people / 50_000), 3, 10))
    villages_each = int(np.clip(round(4 + city.people / 60_000), 4, 10))
    codes = np.arange(CITY_CODE + 1, CITY_CODE + 1 + DISTRICTS)
    grid = np.array(np.meshgrid(range(DISTRICTS), range(towns_each), range(villages_each), indexing="ij"))
    district, town, village = grid.reshape(3, -1)
    district_text = codes[district].astype(str).astype(object)
    town_code = district_text + np.array([f"{t + 1:03d}" for t in town], dtype=object)
    weight = rng.lognormal(0, 0.45, len(district))
    villages = pd.DataFrame(
        {
            "code": town_code + np.array([f"{200 + v + 1:03d}" for v in village], dtype=object),
            "town": town_code,
            "district": district,
            "rural": (district >= 2) | (town == towns_each - 1),
            "weight": weight / weight.sum(),
        }
    )
    return Geography(villages, _regions(city, villages, codes), _orgs(villages, codes), codes)


def _regions(city: City, villages: pd.DataFrame, codes: Numbers) -> pd.DataFrame:
    towns = villages.drop_duplicates("town")["town"]
    rows = [(str(CITY_CODE), "", "明川市", "city", 1.0)]
    shares = villages.groupby("district")["weight"].sum()
    rows += [(str(c), str(CITY_CODE), DISTRICT_NAMES[i], "district", shares[i]) for i, c in enumerate(codes)]
    by_town = villages.groupby("town")["weight"].sum()
    rows += [(t, t[:6], f"{int(t[6:])}号镇", "town", by_town[t]) for t in towns]
    rows += [
        (c, c[:9], f"{int(c[9:]) - 200}村", "village", w)
        for c, w in zip(villages["code"], villages["weight"], strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["code", "parent", "name", "level", "share"])
    frame["population"] = (frame.pop("share") * city.people).round().astype(int)
    frame["households"] = (frame["population"] / 2.9).round().astype(int)
    return frame


def _orgs(villages: pd.DataFrame, codes: Numbers) -> pd.DataFrame:
    """One office a line in the city and in each district, below them towns and village committees."""
    rows = [(f"D{CITY_CODE}", "", "明川市人民政府", "city", "gov_dept", str(CITY_CODE), "")]
    for line, name in LINES.items():
        city_id = line_org(str(CITY_CODE), line)
        kind = "hotline" if line == "hotline" else "gov_dept"
        rows.append((city_id, f"D{CITY_CODE}", f"明川市{name}", "city", kind, str(CITY_CODE), line))
        rows += [
            (line_org(str(c), line), city_id, f"{DISTRICT_NAMES[i]}{name}", "district", kind, str(c), line)
            for i, c in enumerate(codes)
        ]
    towns = villages.drop_duplicates("town")["town"]
    rows += [(f"T{t}", line_org(t[:6], "civil_affairs"), f"{t}镇政府", "town", "town", t, "") for t in towns]
    rows += [(f"V{c}", f"T{c[:9]}", f"{c}村委会", "village", "village", c, "") for c in villages["code"]]
    columns = ["org_id", "parent", "name", "level", "org_type", "region", "line"]
    return pd.DataFrame(rows, columns=columns)
