"""Cut the shipped slices of real public records from the full downloads.

    python sources/real/make_slices.py FOLDER_WITH_ORIGINALS

Rows and column names are the origin's. What is changed is said in each LICENCES.md: columns that no model reads
are left out, what happened after the cut is blanked (the city did not know it yet), and the personal tax numbers
of private suppliers are masked. The same originals always give the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
CUT = pd.Timestamp("2011-09-01")  # the first moment that the city of the slices has not seen
BOSTON_COLUMNS = [
    "case_enquiry_id",
    "open_dt",
    "target_dt",
    "closed_dt",
    "case_status",
    "reason",
    "type",
    "department",
    "location",
    "neighborhood",
    "source",
]
CHICAGO_COLUMNS = [
    "Creation_Date",
    "Status",
    "Completion_Date",
    "Service_Request_Number",
    "Type_of_Service_Request",
    "What_is_the_Nature_of_this_Code_Violation",
    "Street_Address",
    "Ward",
]
SENATE_COLUMNS = [
    "ANO",
    "MES",
    "SENADOR",
    "TIPO_DESPESA",
    "CNPJ_CPF",
    "DOCUMENTO",
    "DATA",
    "VALOR_REEMBOLSADO",
    "COD_DOCUMENTO",
]


def boston(originals: Path) -> pd.DataFrame:
    """Requests opened from 2011-07-25 to 2011-08-31, as they stood that night."""
    rows = pd.read_parquet(originals / "complaints_boston311_2011q3.parquet", columns=BOSTON_COLUMNS)
    rows = rows[rows["open_dt"].between("2011-07-25", CUT, inclusive="left")]
    rows = _as_it_stood(rows, "closed_dt", "case_status", "Open")
    return rows.sort_values(["open_dt", "case_enquiry_id"])


def chicago(originals: Path) -> pd.DataFrame:
    """Sanitation complaints made from June to August 2011, as they stood on the last evening."""
    rows = pd.read_parquet(originals / "complaints_chicago311_2011_2013.parquet", columns=CHICAGO_COLUMNS)
    rows = rows[rows["Creation_Date"].between("2011-06-01", CUT, inclusive="left")]
    rows = _as_it_stood(rows, "Completion_Date", "Status", "Open").astype({"Ward": "Int64"})
    return rows.sort_values(["Creation_Date", "Service_Request_Number"])


def senate(originals: Path) -> pd.DataFrame:
    """Every reimbursement of 2020, in the register's own order."""
    rows = pd.read_parquet(originals / "payouts_br_senate_2020.parquet", columns=SENATE_COLUMNS)
    personal = r"^\d{3}\.(\d{3}\.\d{3})-\d{2}$"  # CPF, a private person's; a company's CNPJ stays
    return rows.assign(CNPJ_CPF=rows["CNPJ_CPF"].str.replace(personal, r"***.\1-**", regex=True))


def _as_it_stood(rows: pd.DataFrame, closed: str, status: str, still_open: str) -> pd.DataFrame:
    """Blank closings at or after the cut; a status that only a later closing explains is open again."""
    seen = rows[closed] < CUT
    return rows.assign(
        **{closed: rows[closed].where(seen), status: rows[status].where(seen, still_open)},
    )


def _write_parquet(rows: pd.DataFrame, path: Path) -> None:
    table = pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd", compression_level=19)


def main(originals: Path) -> None:
    """Write the three slices beside their source files."""
    data = {name: HERE / name / "data" for name in ("complaints", "payouts")}
    for folder in data.values():
        folder.mkdir(parents=True, exist_ok=True)
    _write_parquet(boston(originals), data["complaints"] / "boston311_2011_08.parquet")
    chicago(originals).to_csv(data["complaints"] / "chicago311_2011_summer.csv", index=False)
    _write_parquet(senate(originals), data["payouts"] / "senate_2020.parquet")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
