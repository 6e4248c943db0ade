"""Public tenders and the bids for them: bidders with their own offices, computers, authors and managers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mingjian.sample.city import ids
from mingjian.sample.city.geography import DISTRICTS, Geography, line_org
from mingjian.sample.context import City, Texts, days

BIDDER = 700_000
MANAGERS, CARDS = 4, 3
FIRST_DEPOSIT = 500_000_000
HALL_IP, HALL_CARDS, TEMPLATE = "10.8.0.5", 4, "通用计价软件"
AT_THE_HALL, BY_TEMPLATE = 0.15, 0.2
LINES = ["housing", "transport", "water", "education", "health", "urban"]
KINDS = [
    ("道路维修工程", "施工", 2_600_000),
    ("校舍修缮", "施工", 1_500_000),
    ("设备采购", "货物", 600_000),
    ("物业服务", "服务", 400_000),
]


@dataclass
class Trading:
    """`tenders` one row a tender, `bids` one row a bid; companies by position, `codes` their codes."""

    codes: Texts
    tenders: pd.DataFrame
    bids: pd.DataFrame


def bidder_count(city: City) -> int:
    """How many companies bid in a city of this size."""
    return 80 + city.people // 2_000


def bidder_codes(city: City, geo: Geography) -> Texts:
    """Codes of the bidders, spread over the districts."""
    return np.array(
        [ids.uscc(int(geo.district_codes[i % DISTRICTS]), BIDDER + i) for i in range(bidder_count(city))],
        dtype=object,
    )


def build_trading(city: City, geo: Geography, people: pd.DataFrame) -> Trading:
    """Tenders of the last two years with three to seven bids each; nothing shared but the hall and a template."""
    rng = city.rng("tenders")
    codes = bidder_codes(city, geo)
    tenders = _tenders(city, rng, geo)
    size = rng.integers(3, 8, len(tenders))
    chosen = [rng.choice(len(codes), n, replace=False) for n in size]
    bids = pd.DataFrame(
        {"tender": np.repeat(np.arange(len(tenders)), size), "company": np.concatenate(chosen)}
    )
    count = len(bids)
    company = bids["company"].to_numpy()
    bids["amount"] = (tenders["budget"].to_numpy()[bids["tender"]] * rng.uniform(0.86, 0.99, count)).round(-2)
    bids["submit"] = tenders["deadline"].to_numpy()[bids["tender"]] - rng.integers(
        600, 200_000, count
    ).astype("timedelta64[s]")
    bids["ip"] = [
        f"36.{112 + c // 200}.{c % 200}.{int(n)}"
        for c, n in zip(company, rng.integers(1, 4, count), strict=True)
    ]
    bids["card"] = [
        card(int(c) * CARDS + int(n)) for c, n in zip(company, rng.integers(0, CARDS, count), strict=True)
    ]
    bids["author"] = [
        f"编制员{int(c) * 2 + int(n):05d}" for c, n in zip(company, rng.integers(0, 2, count), strict=True)
    ]
    bids["simhash"] = rng.integers(-(2**63), 2**63 - 1, count, dtype=np.int64)
    bids["deposit"] = FIRST_DEPOSIT + company
    grown = np.flatnonzero(people["age"].between(28, 60).to_numpy())
    managers = rng.choice(grown, (len(codes), MANAGERS), replace=False)
    bids["manager"] = managers[company, rng.integers(0, MANAGERS, count)]
    hall = rng.random(count) < AT_THE_HALL
    bids.loc[hall, "ip"] = HALL_IP
    bids.loc[hall, "card"] = [card(9_000_000 + int(n)) for n in rng.integers(0, HALL_CARDS, hall.sum())]
    bids.loc[rng.random(count) < BY_TEMPLATE, "author"] = TEMPLATE
    return Trading(codes, tenders, bids)


def card(number: int) -> str:
    """A network card's address."""
    digits = f"{0x0250_0000_0000 + number:012x}"
    return "-".join(digits[i : i + 2] for i in range(0, 12, 2))


def _tenders(city: City, rng: np.random.Generator, geo: Geography) -> pd.DataFrame:
    count = 150 + city.people // 1_000
    kind = rng.integers(0, len(KINDS), count)
    district = geo.district_texts()[rng.integers(0, DISTRICTS, count)]
    line = rng.choice(LINES, count)
    day = city.today - days(rng, 30, 700, count)
    frame = pd.DataFrame({"tender_id": [f"ZB{i + 1:06d}" for i in range(count)]})
    frame["buyer"] = [line_org(d, part) for d, part in zip(district, line, strict=True)]
    frame["title"] = [f"{KINDS[k][0]}（{i + 1:04d}号）" for i, k in enumerate(kind)]
    frame["category"] = [KINDS[k][1] for k in kind]
    frame["budget"] = (np.array([KINDS[k][2] for k in kind]) * rng.uniform(0.6, 1.8, count)).round(-3)
    frame["deadline"] = (day + np.timedelta64(0, "D")).astype("datetime64[s]") + np.timedelta64(9 * 3600, "s")
    frame["publish"] = frame["deadline"] - pd.to_timedelta(rng.integers(20, 26, count), unit="D")
    frame["award"] = day + days(rng, 3, 9, count)
    return frame
