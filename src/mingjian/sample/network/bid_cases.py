"""Bids from one source: planted cases, honest look-alikes, and the trading platform's files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.city import ids
from mingjian.sample.context import City, Numbers, levels
from mingjian.sample.network.bids import FIRST_DEPOSIT, HALL_IP, TEMPLATE, Trading, card
from mingjian.sample.writers import write_csv

MODEL = "network.bid_same_fingerprint"
SHARE = 1 / 2500
LOOKALIKES = 4
SHARED = {"高": ["deposit", "card", "manager"], "中": ["author", "simhash"], "低": ["ip"]}
TOLD = {
    "deposit": "保证金账户", "card": "网卡", "manager": "项目负责人", "author": "文件作者", "simhash": "标书文字", "ip": "办公网络地址",
}  # fmt: skip


def plant_bids(city: City, trading: Trading) -> None:
    """Two or three bidders of a tender share one detail, each branch in turn; look-alikes share what is public."""
    rng, bids = city.rng("bid cases"), trading.bids
    count = city.cases_for(SHARE)
    chosen = rng.choice(len(trading.tenders), count + 4 * LOOKALIKES, replace=False)
    for i, (tender, name) in enumerate(zip(chosen, levels(count), strict=False)):
        detail = SHARED[name][i // 3 % len(SHARED[name])]
        rows = np.flatnonzero(bids["tender"] == tender)[: 2 + i % 2]
        _share(rng, bids, rows, detail, i)
        subject = str(trading.tenders["tender_id"][tender])
        city.plant(MODEL, "tender", subject, f"{name}: {len(rows)} 家投标人{TOLD[detail]}相同或接近")
    hall, template, near, far = np.split(chosen[count:], 4)
    for tender in hall:
        _set(bids, tender, ip=HALL_IP, card=card(9_000_000))
    for tender in template:
        _set(bids, tender, author=TEMPLATE)
    for tender in near:
        _set(bids, tender, author=TEMPLATE, simhash=int(rng.integers(-(2**63), 2**63 - 1)))
    for tender in far:
        _alike(rng, bids, np.flatnonzero(bids["tender"] == tender)[:2], 8)


def _share(rng: np.random.Generator, bids: pd.DataFrame, rows: Numbers, detail: str, number: int) -> None:
    if detail == "simhash":
        bids.loc[rows, "author"] = [f"编制员{90_000 + number * 10 + i}" for i in range(len(rows))]
        _alike(rng, bids, rows, 4)
        return
    shared = {
        "deposit": FIRST_DEPOSIT + 1_000_000 + number,
        "card": card(8_000_000 + number),
        "manager": bids["manager"][rows[0]],
        "author": f"编制员{80_000 + number}",
        "ip": f"36.240.{number // 250}.{number % 250 + 1}",
    }
    bids.loc[rows, detail] = shared[detail]


def _alike(rng: np.random.Generator, bids: pd.DataFrame, rows: Numbers, bits: int) -> None:
    """The second and third document differ from the first in so many bits, from each other in at most as many."""
    base = int(bids["simhash"][rows[0]])
    where = rng.choice(62, bits, replace=False)
    mask = sum(1 << int(bit) for bit in where)
    bids.loc[rows[1:], "simhash"] = [base ^ mask for _row in rows[1:]]


def _set(bids: pd.DataFrame, tender: int, **details: str | int) -> None:
    rows = np.flatnonzero(bids["tender"] == tender)[:2]
    for name, value in details.items():
        bids.loc[rows, name] = value


def write_trading(folder: Path, city: City, trading: Trading, id_no: np.ndarray) -> dict[str, int]:
    """tenders.csv and bids.csv as the trading platform exports them; network cards are written in three ways."""
    rng, tenders, bids = city.rng("bid mess"), trading.tenders, trading.bids
    best = bids.sort_values(["tender", "amount"]).drop_duplicates("tender").set_index("tender").sort_index()
    head = pd.DataFrame(
        {"招标编号": tenders["tender_id"], "招标人": tenders["buyer"], "项目名称": tenders["title"]}
    )
    head = head.assign(招标方式="公开招标", 品目=tenders["category"], 评标办法="综合评分法")
    head["公告时间"] = tenders["publish"].dt.strftime("%Y-%m-%d %H:%M")
    head["投标截止时间"] = tenders["deadline"].dt.strftime("%Y/%m/%d %H:%M")
    head["控制价(万元)"] = mess.messy_numbers(rng, tenders["budget"].to_numpy() / 10_000, 4)
    head["中标价(万元)"] = mess.messy_numbers(rng, best["amount"].to_numpy() / 10_000, 4)
    head["中标人"] = trading.codes[best["company"].to_numpy()]
    head["中标日期"] = mess.messy_dates(rng, tenders["award"].to_numpy().astype("datetime64[D]"))
    table = pd.DataFrame({"投标编号": [f"TB{i + 1:07d}" for i in range(len(bids))]})
    table["招标编号"] = tenders["tender_id"].to_numpy()[bids["tender"].to_numpy()]
    table["统一社会信用代码"] = trading.codes[bids["company"].to_numpy()]
    table["报价(元)"] = mess.messy_numbers(rng, bids["amount"].to_numpy())
    table["递交时间"] = bids["submit"].dt.strftime("%Y-%m-%d %H:%M:%S")
    table["上传IP"] = bids["ip"]
    table["网卡MAC"] = _written(rng, bids["card"].to_numpy())
    table["文件作者"] = bids["author"]
    table["标书指纹"] = bids["simhash"].astype(str)
    deposits = bids["deposit"].to_numpy()
    table["保证金账号"] = [ids.account_numbers(int(number), 1)[0] for number in deposits]
    table["联系电话"] = ids.phones(80_000_000, len(trading.codes))[bids["company"].to_numpy()]
    table["项目负责人身份证号"] = mess.messy_ids(rng, id_no[bids["manager"].to_numpy()])
    won = bids.index.isin(bids.sort_values(["tender", "amount"]).drop_duplicates("tender").index)
    table = table.assign(是否有效="是", 是否中标=np.where(won, "是", "否"))
    return {
        "tenders": write_csv(folder / "tenders.csv", head),
        "bids": write_csv(folder / "bids.csv", table),
    }


def _written(rng: np.random.Generator, cards: np.ndarray) -> np.ndarray:
    """00-1A-2B…, 00:1a:2b… or 001a.2b3c…, as the terminals write them."""
    way = rng.integers(0, 3, len(cards))
    plain = [text.replace("-", "") for text in cards]
    dotted = [".".join((text[:4], text[4:8], text[8:])) for text in plain]
    colons = [text.replace("-", ":") for text in cards]
    upper = [text.upper() for text in cards]
    return np.array([upper, colons, dotted], dtype=object)[way, np.arange(len(cards))]
