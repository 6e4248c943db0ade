"""What surrounds assistance: grants and batches as files, and the registers in which families' means are looked up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mingjian.sample.city.geography import Geography
from mingjian.sample.subsidy.assistance_cases import Aided, household_ids
from mingjian.sample.subsidy.batches import build_batches
from mingjian.sample.subsidy.grants import active_households, build_grants, grant_table
from mingjian.sample.subsidy.household_firms import Firms, household_firms
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.property import property_tables
from mingjian.sample.subsidy.vehicles import vehicle_table
from mingjian.sample.writers import write_csv


def write_assistance(
    folder: Path,
    geo: Geography,
    ledger: Ledger,
    rows: pd.DataFrame,
    aided: Aided,
    tables: dict[str, pd.DataFrame],
) -> tuple[Firms, pd.DataFrame]:
    """Write grants.csv and batches.csv to `folder`; add vehicles, property and those who left to the register's tables.

    Returns the companies of families, for the register of companies, and the grants.
    """
    found = build_grants(ledger, aided)
    active = active_households(ledger, found)
    write_csv(folder / "grants.csv", grant_table(geo, ledger, found))
    write_csv(folder / "batches.csv", build_batches(ledger.city, rows, geo.district_texts()))
    tables["机动车"] = vehicle_table(ledger, aided, active)
    tables.update(property_tables(geo, ledger, aided, active))
    tables["家庭成员"] = _with_those_who_left(ledger, aided, tables["家庭成员"])
    return household_firms(ledger, aided, active), found


def _with_those_who_left(ledger: Ledger, aided: Aided, member: pd.DataFrame) -> pd.DataFrame:
    """Grown-up children who belonged to a family until three years ago."""
    family, person = (np.array(part, dtype=int) for part in zip(*aided.former, strict=True))
    left = pd.DataFrame({"户号": household_ids(ledger, family)})
    left["公民身份号码"] = ledger.people["id_no"].to_numpy()[person]
    left = left.assign(与户主关系="子女", 起=np.datetime64("2015-01-01", "s"))
    left["止"] = (ledger.city.today - 3 * 365).astype("datetime64[s]")
    return pd.concat([member, left], ignore_index=True)
