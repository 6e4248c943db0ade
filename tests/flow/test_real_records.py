"""What is known to be in the shipped real records is found, by counts made here in another way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select, text

from mingjian import flow
from mingjian.content import load_content
from mingjian.run import Run, open_run
from mingjian.store import db
from mingjian.store.tables import quarantine, warning

MEGABYTE = 1_000_000
OVERDUE, SURGE, REPEAT = "process.finish_overdue", "utility.surge_district", "utility.repeat_same_issue"
IDENTICAL = "subsidy.identical_reimbursement"
LAST_DAY = pd.Timestamp("2011-08-31")


@contextmanager
def walked(leg: str, sectors: list[str], place: Path, server_url: str, root: Path) -> Iterator[Run]:
    """The whole path over one folder of real records, in a home and a database of its own."""
    name = f"real_{uuid4().hex[:12]}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINGJIAN_HOME", str(place))
        patch.setenv("MINGJIAN_DATABASE_URL", db.create_database(server_url, name))
        patch.setenv("MINGJIAN_CONTENT", str(root))
        patch.setenv("MINGJIAN_HASH_KEY", "a key for tests only")
        run = open_run(root / "sources" / "real" / leg)
        assert [done.error for done in flow.walk(run, sectors) if done.error] == []
        yield run
        run.engine.dispose()
    engine = db.connect(server_url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    engine.dispose()


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory, server_url: str, repo_root: Path) -> Iterator[Run]:
    """Boston and Chicago on the last day of August 2011."""
    place = tmp_path_factory.mktemp("complaints")
    with walked("complaints", ["utility", "process"], place, server_url, repo_root) as run:
        yield run


@pytest.fixture(scope="module")
def payouts(tmp_path_factory: pytest.TempPathFactory, server_url: str, repo_root: Path) -> Iterator[Run]:
    """The Brazilian Senate on the last day of 2020."""
    place = tmp_path_factory.mktemp("payouts")
    with walked("payouts", ["subsidy"], place, server_url, repo_root) as run:
        yield run


@pytest.fixture(scope="module")
def boston(repo_root: Path) -> pd.DataFrame:
    """The raw Boston slice, its blank texts made missing."""
    rows = pd.read_parquet(repo_root / "sources/real/complaints/data/boston311_2011_08.parquet")
    return rows.assign(
        neighborhood=rows["neighborhood"].str.strip().replace("", pd.NA),
        called_in=~rows["source"].isin(["Employee Generated", "Maximo Integration"]),
    )


@pytest.fixture(scope="module")
def senate(repo_root: Path) -> pd.DataFrame:
    """The raw Senate slice."""
    return pd.read_parquet(repo_root / "sources/real/payouts/data/senate_2020.parquet")


def found(run: Run, model: str) -> pd.DataFrame:
    """The model's warnings: subject, period, level, measures and how many rows prove them."""
    columns = [warning.c[c] for c in ("subject_id", "period", "level", "measures", "evidence")]
    with run.engine.connect() as conn:
        rows = conn.execute(select(*columns).where(warning.c.model == model)).all()
    return pd.DataFrame(rows, columns=[c.name for c in columns]).set_index("subject_id")


def test_slices_are_small_and_their_licences_lie_beside_them(repo_root: Path) -> None:
    real = repo_root / "sources" / "real"
    slices = sorted(real.glob("*/data/*"))
    assert len(slices) == 3
    assert max(path.stat().st_size for path in slices) < MEGABYTE
    for path in slices:
        assert path.name in (path.parents[1] / "LICENCES.md").read_text(encoding="utf-8")


def test_no_private_tax_number_is_shipped(senate: pd.DataFrame) -> None:
    private = senate.loc[senate["CNPJ_CPF"].str.len() == len("***.112.364-**"), "CNPJ_CPF"]
    assert len(private) > 0
    assert private.str.fullmatch(r"\*{3}\.\d{3}\.\d{3}-\*{2}").all()


def test_nothing_after_the_cut_is_known(boston: pd.DataFrame) -> None:
    assert boston["closed_dt"].max() < LAST_DAY + pd.Timedelta(days=1)
    assert (boston["closed_dt"].isna() == (boston["case_status"] == "Open")).all()


def test_every_complaint_passes_the_gate(complaints: Run) -> None:
    with complaints.engine.connect() as conn:
        assert conn.execute(select(quarantine.c.id)).all() == []


def test_overdue_requests_are_those_open_past_their_target_day(complaints: Run, boston: pd.DataFrame) -> None:
    late = boston[boston["closed_dt"].isna() & (boston["target_dt"] < LAST_DAY)]
    working_days = np.busday_count(late["target_dt"].to_numpy().astype("datetime64[D]"), date(2011, 8, 31))
    expected = pd.cut(working_days, [0, 2, 10, np.inf], labels=["低", "中", "高"])
    overdue = found(complaints, OVERDUE)
    assert len(overdue) == 840
    assert overdue["level"].to_dict() == dict(zip(late["case_enquiry_id"].astype(str), expected, strict=True))


def test_the_hurricane_is_named_in_each_neighbourhood_that_it_hit(
    complaints: Run, boston: pd.DataFrame
) -> None:
    trees = boston[(boston["reason"] == "Trees") & boston["called_in"]]
    daily = trees.groupby(["neighborhood", trees["open_dt"].dt.normalize()]).size().unstack(fill_value=0)
    daily = daily.reindex(columns=pd.date_range("2011-07-25", LAST_DAY), fill_value=0)
    storm = daily[pd.Timestamp("2011-08-28")]
    before = daily.loc[:, "2011-08-19":"2011-08-25"]
    line = before.mean(axis=1) + 3 * before.std(axis=1).clip(lower=1)
    expected = {f"{name}|Trees" for name in daily.index[(storm >= 10) & (storm > line)]}
    surges = found(complaints, SURGE)
    named = surges[surges.index.str.endswith("|Trees")]
    assert len(expected) == 13
    assert set(named.index) == expected
    assert set(named["period"]) == {"2011-08-28"}
    assert set(named.index[named["level"] == "高"]) == {
        "Dorchester|Trees",
        "Jamaica Plain|Trees",
        "Roxbury|Trees",
        "West Roxbury|Trees",
    }


def test_a_signal_that_fails_again_and_again_is_a_repeat(complaints: Run) -> None:
    crossing = "INTERSECTION of American Legion Hwy & Blue Hill Ave  Dorchester  MA|Traffic Signal Repair"
    signal = found(complaints, REPEAT).loc[crossing]
    assert (signal["measures"]["requests"], signal["measures"]["times"], signal["level"]) == (11, 4, "中")
    assert len(signal["evidence"]) == 11


def test_an_address_with_six_returns_is_high(complaints: Run) -> None:
    carts = found(complaints, REPEAT).loc["4356 S WOOD ST|Overflowing carts"]
    assert (carts["measures"]["times"], carts["level"]) == (6, "高")


def test_a_chain_of_complaints_keeps_its_first_day_when_that_leaves_the_window(complaints: Run) -> None:
    assert found(complaints, REPEAT).loc["3228 N PLAINFIELD AVE|Other", "period"] == "2011-06-02"


def test_bookings_own_work_and_the_city_hall_are_no_repeats(complaints: Run) -> None:
    subjects = found(complaints, REPEAT).index.to_series()
    assert not subjects.str.contains(r"Bulk Item Pickup$|\(Internal\)$|City Hall").any()


def test_identical_reimbursements_are_those_that_a_group_by_finds(payouts: Run, senate: pd.DataFrame) -> None:
    params = load_content().model(IDENTICAL).params
    documents = senate["DOCUMENTO"].fillna("")
    plain = documents.str.upper().str.replace(" ", "", regex=False)
    usable = (
        (senate["DATA"] <= "2020-12-31")
        & ~plain.isin(params["generic_doc_numbers"].value)
        & (documents.str.strip().str.len() >= params["min_doc_chars"].value)
        & (documents.str.replace("0", "", regex=False) != "")
        & ~documents.str.upper().str.contains("E+", regex=False)
        & ~senate["TIPO_DESPESA"].isin(params["ticket_categories"].value)
    )
    voucher = ["SENADOR", "CNPJ_CPF", "DOCUMENTO", "DATA"]
    copies = senate[usable].groupby([*voucher, "VALOR_REEMBOLSADO"]).size().rename("n").reset_index()
    amount = copies["VALOR_REEMBOLSADO"]
    instalments = (copies["n"] >= params["instalment_copies"].value) & (
        amount <= params["instalment_amount"].value
    )
    doubled = copies[(copies["n"] >= 2) & ~instalments].assign(extra=amount * (copies["n"] - 1))
    extra = doubled.groupby(voucher)["extra"].sum()
    expected = extra[extra >= params["min_duplicated"].value].reset_index()
    named = found(payouts, IDENTICAL)
    seen = sorted(
        (row.measures["supplier_id"], row.measures["doc_no"], row.period) for row in named.itertuples()
    )
    days = expected["DATA"].dt.strftime("%Y-%m-%d")
    assert len(seen) == 44
    assert seen == sorted(zip(expected["CNPJ_CPF"], expected["DOCUMENTO"], days, strict=True))


def test_rows_without_key_or_with_a_date_after_the_year_wait_in_quarantine_with_their_reason(
    payouts: Run, senate: pd.DataFrame
) -> None:
    with payouts.engine.connect() as conn:
        held = pd.DataFrame(conn.execute(select(quarantine)).mappings().all())
    broken = held[held["stage"] == "pull"]
    assert broken["column_name"].tolist() == ["claim_id"]
    assert broken["row_no"].tolist() == [int(np.flatnonzero(senate["COD_DOCUMENTO"].isna())[0]) + 1]
    reasons = held[held["stage"] == "gate"].groupby("reason").size()
    late, missing = (senate["DATA"] > "2020-12-31").sum(), senate["DATA"].isna().sum()
    assert sorted(reasons) == [missing - 1, late]
    assert reasons.index.str.contains("凭证日期").all()


def test_no_senator_is_named_in_lake_or_store(payouts: Run, senate: pd.DataFrame) -> None:
    files = list(payouts.home.rglob("*.parquet"))
    names = [name.encode() for name in senate["SENADOR"].unique()]
    assert files
    assert not any(name in path.read_bytes() for path in files for name in names)
    assert not found(payouts, IDENTICAL).index.str.contains("|".join(senate["SENADOR"].unique())).any()
