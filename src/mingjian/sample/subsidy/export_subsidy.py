"""The subsidy systems' own files: payments by district in two dialects, catalogue, land, registers of people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mingjian.sample import mess
from mingjian.sample.city import ids
from mingjian.sample.city.geography import Geography, village_org
from mingjian.sample.city.registers import names
from mingjian.sample.context import City, Flags, Texts
from mingjian.sample.subsidy import payouts
from mingjian.sample.subsidy.identity_cases import numbers_shown
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.programmes import (
    NUMBER,
    PROGRAMMES,
    catalogue_table,
    conflicts_table,
    standards_table,
)
from mingjian.sample.writers import write_csv

IN_TEN_THOUSANDS = {3, 5, 7}
UNREADABLE_AMOUNTS = ["见附件", "#REF!", "¥¥", "待核"]
UNREADABLE_IDS = ["身份证遗失", "1599*******0012", "待补"]


def all_payouts(ledger: Ledger, districts: Texts) -> pd.DataFrame:
    """Every payment row: spans expanded, single rows added, some returned, numbered."""
    rows = pd.concat([payouts.expand(ledger.city, ledger.spans), *ledger.rows], ignore_index=True)
    return payouts.finish(ledger.city, payouts.return_some(ledger.city, rows), districts)


def account_text(ledger: Ledger, position: np.ndarray) -> Texts:
    """Raw account numbers by position."""
    every = ids.account_numbers(0, len(ledger.people) + len(ledger.accounts))
    return every[position]


def write_subsidy(
    out: Path,
    city: City,
    geo: Geography,
    ledger: Ledger,
    rows: pd.DataFrame,
    parcels: pd.DataFrame,
    claims: pd.DataFrame,
) -> dict[str, int]:
    """Write all subsidy files below `out`, with `rows` from `all_payouts`; returns rows by file kind."""
    table, background = _table(city, geo, ledger, rows)
    counts = {"payouts": _write_districts(out, city, rows, table, background)}
    counts["catalogue"] = write_csv(out / "catalogue.csv", catalogue_table())
    counts["standards"] = write_csv(out / "standards.csv", standards_table(city, geo))
    counts["conflicts"] = write_csv(out / "conflicts.csv", conflicts_table(city))
    counts["parcels"] = write_csv(out / "parcels.csv", _parcels(city, parcels))
    counts["claims"] = write_csv(out / "claims.csv", _claims(city, ledger, rows, claims))
    return counts


def _table(city: City, geo: Geography, ledger: Ledger, rows: pd.DataFrame) -> tuple[pd.DataFrame, Flags]:
    rng = city.rng("payout mess")
    people = ledger.people
    who = rows["person"].to_numpy()
    village = village_org(geo.villages["code"]).to_numpy()[people["village"].to_numpy()[who]]
    background = ~city.taken[who]
    id_no = mess.messy_ids(rng, people["id_no"].to_numpy()[who])
    month = city.months[rows["month"].to_numpy()].astype("datetime64[M]").astype(str).astype(object)
    table = pd.DataFrame(
        {
            "流水号": rows["payout_id"],
            "项目编码": np.array([p.code for p in PROGRAMMES], dtype=object)[rows["programme"].to_numpy()],
            "批次号": rows["batch"],
            "身份证号": mess.spoil(rng, pd.Series(id_no), background, UNREADABLE_IDS),
            "姓名": names(len(people), ledger.facts.registered | ledger.facts.listed)[who],
            "家庭编号": "H" + pd.Series(people["household"].to_numpy()[who]).astype(str).str.zfill(7),
            "区划": geo.district_texts()[rows["district"].to_numpy()],
            "村社编码": village,
            "档次": rows["tier"],
            "所属月份": month,
            "到账日期": mess.messy_dates(rng, rows["pay_date"].to_numpy()),
            "amount": rows["amount"],
            "数量": rows["quantity"],
            "收款账号": account_text(ledger, rows["account"].to_numpy()),
            "发放渠道": _channel(ledger, rows["account"].to_numpy()),
            "状态": rows["status"],
            "退票原因": rows["reason"],
            "代领人证件号": rows["person"].map(
                {p: people["id_no"][a] for p, a in ledger.facts.agents.items()}
            ),
            "经办人证件号": people["id_no"].to_numpy()[ledger.facts.operators[rows["district"].to_numpy()]],
        }
    )
    table["身份证号"] = numbers_shown(ledger, rows, table["身份证号"])
    _break_gates(city, rng, table, background)
    return table, background


def _channel(ledger: Ledger, position: np.ndarray) -> Texts:
    """Personal accounts that are no social-security cards are 其他卡; a home's account is 代发."""
    kinds = np.r_[np.full(len(ledger.people), "社保卡", dtype=object), ledger.accounts["kind"].to_numpy()]
    names = {"社保卡": "社保卡", "个人": "其他卡", "单位": "代发"}
    return np.array([names[k] for k in kinds], dtype=object)[position]


def _break_gates(city: City, rng: np.random.Generator, table: pd.DataFrame, background: Flags) -> None:
    """Negative amounts and months that have not come yet, in 0.05 % of background rows."""
    roll = rng.random(len(table))
    negative = (roll < mess.BREAKS_GATE / 2) & background
    future = (roll >= mess.BREAKS_GATE / 2) & (roll < mess.BREAKS_GATE) & background
    table.loc[negative, "amount"] = -table.loc[negative, "amount"]
    table.loc[future, "所属月份"] = str(city.today.astype("datetime64[M]") + 14)


def _write_districts(
    out: Path, city: City, rows: pd.DataFrame, table: pd.DataFrame, background: Flags
) -> int:
    """One file a district; three districts keep their books in 万元 under other column names."""
    rng = city.rng("payout files")
    amount = table.pop("amount").to_numpy()
    free = pd.Series(background)
    yuan = mess.spoil(rng, pd.Series(mess.messy_numbers(rng, amount)), background, UNREADABLE_AMOUNTS)
    big = pd.Series(mess.messy_numbers(rng, amount / 10_000, 6))
    total = 0
    for d, code in enumerate(sorted(table["区划"].unique())):
        mine = (rows["district"] == d).to_numpy()
        frame = table[mine].copy()
        if d in IN_TEN_THOUSANDS:
            frame.insert(11, "发放金额(万元)", big[mine])
            frame = frame.rename(
                columns={"流水号": "交易序号", "身份证号": "证件号码", "到账日期": "入账时间"}
            )
            name = f"ykt_{code}.csv"
        else:
            frame.insert(11, "金额(元)", yuan[mine])
            name = f"payouts_{code}.csv"
        frame = mess.repeat_rows(rng, frame.reset_index(drop=True), free[mine].to_numpy())
        total += write_csv(out / name, frame)
    return total


def _parcels(city: City, parcels: pd.DataFrame) -> pd.DataFrame:
    rng = city.rng("parcel mess")
    frame = pd.DataFrame({"地块编码": parcels["parcel_id"], "村社编码": parcels["village"]})
    frame["承包人身份证"] = parcels["contractor"]
    frame["确权面积(亩)"] = mess.messy_numbers(rng, parcels["area"].to_numpy())
    frame["地类"] = parcels["land"]
    frame["认定日期"] = mess.messy_dates(rng, np.full(len(parcels), np.datetime64("2021-08-31")))
    frame["受让人身份证"] = parcels["transferee"]
    return frame


def _claims(city: City, ledger: Ledger, rows: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    rng = city.rng("claim mess")
    paid = rows[rows["programme"] == NUMBER["GDDL"]].sort_values("status").drop_duplicates("person")
    land = paid.set_index("person")["payout_id"]
    who = claims["person"].to_numpy()
    frame = pd.DataFrame({"申报编号": claims["claim_id"], "地块编码": claims["parcel_id"]})
    frame["申报人身份证"] = mess.messy_ids(rng, ledger.people["id_no"].to_numpy()[who])
    year = claims["year"].astype(str)
    frame["年度"] = year.where(rng.random(len(frame)) < 0.9, year + "年")
    frame["申报面积(亩)"] = mess.messy_numbers(rng, claims["area"].to_numpy())
    frame["发放流水号"] = land.reindex(who).to_numpy()
    return frame
