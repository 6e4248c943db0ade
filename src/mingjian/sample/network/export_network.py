"""What the network models read beyond the sectors: applications, the register of kin, compensation, tenders and bids."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mingjian.sample.city.geography import Geography
from mingjian.sample.context import City
from mingjian.sample.network.applications import application_table, build_applications, kinship_table
from mingjian.sample.network.bid_cases import plant_bids, write_trading
from mingjian.sample.network.bids import build_trading
from mingjian.sample.network.cluster_cases import plant_clusters
from mingjian.sample.network.compensation import write_compensation
from mingjian.sample.network.kin_cases import Kin, cast_kin
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.writers import write_csv


def plant_network(ledger: Ledger) -> Kin:
    """Cast clusters of accounts and relatives of officials, when all other people are cast."""
    links = plant_clusters(ledger)
    kin = cast_kin(ledger)
    kin.links += links
    return kin


def write_network(
    systems: Path,
    geo: Geography,
    ledger: Ledger,
    kin: Kin,
    grants: pd.DataFrame,
    paid_out: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
) -> dict[str, int]:
    """Write applications and compensation below `systems`; add the register of kin to the register's tables."""
    employees = tables["财政供养人员"]["公民身份号码"].to_numpy()
    found = build_applications(ledger, kin, grants, employees)
    tables["亲属关系"] = kinship_table(ledger, kin, found["person"], employees)
    return {
        "applications": write_csv(
            systems / "subsidy/applications.csv", application_table(geo, ledger, found)
        ),
        "compensation": write_compensation(systems / "land/compensation.xlsx", ledger, paid_out),
    }


def write_tenders(folder: Path, city: City, geo: Geography, people: pd.DataFrame) -> dict[str, int]:
    """Plant bids from one source and write the trading platform's files."""
    trading = build_trading(city, geo, people)
    plant_bids(city, trading)
    return write_trading(folder, city, trading, people["id_no"].to_numpy())
