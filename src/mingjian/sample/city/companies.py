"""Companies of the city, by the part they play; numbers are their places in the register."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mingjian.sample.city import ids
from mingjian.sample.city.geography import CITY_CODE, DISTRICTS, Geography
from mingjian.sample.context import City, Texts
from mingjian.sample.network.bids import bidder_codes
from mingjian.sample.network.cluster_cases import COOP, COOPS
from mingjian.sample.realty.export_housing import developer_codes
from mingjian.sample.subsidy.account_cases import WELFARE_HOME

GAS, WATER, POWER, RESELLER, TENANT = 100, 10, 20, 1000, 20_000
COURIER, COURIERS = 300, 9
GAS_SUPPLIERS = 18
INDUSTRY = {
    "gas": "D4512",
    "water": "D4610",
    "power": "D4420",
    "courier": "G6010",
    "reseller": "K7020",
    "tenant": "F5211",
    "builder": "E4710",
    "home": "Q8514",
    "coop": "A0519",
    "bidder": "E4813",
}


def codes_of(geo: Geography, first: int, count: int) -> Texts:
    """Codes of `count` companies numbered from `first`, spread over the districts."""
    return np.array(
        [ids.uscc(int(geo.district_codes[i % DISTRICTS]), first + i) for i in range(count)], dtype=object
    )


def build_companies(
    city: City, geo: Geography, projects: pd.DataFrame, resellers: Texts, tenants: Texts, homes: int
) -> pd.DataFrame:
    """The register: uscc, name, status, founded, industry, insured people."""
    rng = city.rng("companies")
    parts = {
        "gas": codes_of(geo, GAS, GAS_SUPPLIERS),
        "water": codes_of(geo, WATER, 1),
        "power": codes_of(geo, POWER, 1),
        "courier": codes_of(geo, COURIER, COURIERS),
        "reseller": resellers,
        "tenant": tenants,
        "builder": np.array(developer_codes(projects), dtype=object),
        "home": np.array([ids.uscc(CITY_CODE + 1, WELFARE_HOME + n) for n in range(homes)], dtype=object),
        "coop": np.array([ids.uscc(CITY_CODE + 1, COOP + n, "93") for n in range(COOPS)], dtype=object),
        "bidder": bidder_codes(city, geo),
    }
    names = {
        "gas": "燃气公司",
        "water": "自来水公司",
        "power": "供电公司",
        "courier": "快递服务公司",
        "reseller": "商业管理公司",
        "tenant": "商户",
        "builder": "建设公司",
        "home": "福利院",
        "coop": "种植专业合作社",
        "bidder": "工程服务公司",
    }
    frames = [
        pd.DataFrame(
            {
                "uscc": codes,
                "name": [f"示例{names[part]}{i + 1:04d}" for i in range(len(codes))],
                "industry": INDUSTRY[part],
            }
        )
        for part, codes in parts.items()
    ]
    frame = pd.concat(frames, ignore_index=True)
    frame["status"] = "存续"
    frame["founded"] = np.datetime64("2004-01-01") + rng.integers(0, 6000, len(frame)).astype(
        "timedelta64[D]"
    )
    frame["insured"] = rng.integers(2, 80, len(frame))
    return frame
