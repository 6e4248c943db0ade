"""What a built city promises: the same bytes again, readable sources, known cases, no look at the detectors."""

from __future__ import annotations

import ast
from datetime import date
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
import yaml

import mingjian.sample
from mingjian.content import load_content, load_sources
from mingjian.domain.errors import MingjianError
from mingjian.pull.plan import make_plan
from mingjian.sample import build_city

AS_OF = date(2026, 6, 30)
KINDS = {
    "subsidy.deceased_payee": "person",
    "subsidy.duplicate_same_programme": "person",
    "subsidy.exclusive_programmes": "person",
    "subsidy.cross_region_duplicate": "person",
    "subsidy.farmland_over_contract": "person",
    "subsidy.payee_combo_outlier": "person",
    "subsidy.custody_payee": "person",
    "subsidy.public_employee_need_based": "person",
    "subsidy.age_ineligible": "person",
    "subsidy.disability_cert_mismatch": "person",
    "subsidy.account_name_mismatch": "person",
    "subsidy.returned_not_repaid": "person",
    "subsidy.dibao_vehicle": "household",
    "subsidy.dibao_multi_property": "household",
    "subsidy.dibao_company_owner": "household",
    "subsidy.review_overdue": "eligibility",
    "subsidy.farmland_parcel_double": "parcel",
    "subsidy.funds_idle": "batch",
    "subsidy.shared_account": "account",
    "subsidy.account_switch_before_pay": "village",
    "realty.lifecycle_disorder": "project",
    "realty.delivery_overdue": "project",
    "realty.double_sale": "unit",
    "realty.price_outlier": "unit",
    "realty.escrow_below_quota": "escrow",
    "realty.deliver_before_acceptance": "building",
    "realty.cd_accept_risk": "building",
    "realty.land_payment_overdue": "project",
    "realty.idle_land": "project",
    "realty.build_before_permit": "project",
    "realty.presale_unqualified": "permit",
    "realty.escrow_underdeposit": "permit",
    "realty.cd_missing": "project",
    "realty.legacy_overdue": "legacy_case",
    "utility.resale_markup": "company",
    "utility.gas_prepay_forced": "company",
    "utility.common_problem": "topic",
    "utility.repeat_same_issue": "complaint_group",
    "utility.bill_outlier": "utility_account",
    "utility.surge_district": "series",
    "utility.outage_repeat": "grid",
    "utility.outage_notice": "outage",
    "utility.water_quality_fail": "water_zone",
    "utility.mass_complaint": "complaint_subject",
    "utility.extra_fee_name": "company_fee",
    "process.finish_overdue": "complaint",
    "network.shared_account_cluster": "account",
    "network.official_kin_benefit": "person",
    "network.bid_same_fingerprint": "tender",
    "process.not_signed": "complaint",
    "process.accept_overdue": "complaint",
    "process.finish_near_due": "complaint",
    "process.first_duty_refusal": "org",
    "process.ping_pong": "complaint",
    "process.false_closing": "complaint",
    "process.reoccur_after_close": "place",
    "process.low_satisfaction_unit": "org",
}
# Whose account it is, and whose relative, are matters of their own: they go together with any other.
MEANT_TO_MEET = {"subsidy.account_name_mismatch", "network.official_kin_benefit"}
BANNED = ("pull", "gate", "detect", "warn", "content", "supervise", "run", "store", "lake")


def files_of(city: Path) -> dict[str, str]:
    return {
        str(path.relative_to(city)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(city.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(city: Path, tmp_path: Path) -> None:
    build_city(tmp_path, 20_000, 7, AS_OF)
    assert files_of(tmp_path) == files_of(city)


def test_another_seed_gives_other_cases(truth: pd.DataFrame, tmp_path: Path) -> None:
    build_city(tmp_path, 10_000, 8, AS_OF)
    other = pd.read_csv(tmp_path / "truth.csv", dtype=str)
    people = truth["subject_kind"] == "person"
    assert set(other["model"]) == set(truth["model"])
    assert len(set(other["subject_id"]) & set(truth.loc[people, "subject_id"])) < people.sum() / 4


def test_a_city_too_small_for_its_cases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MingjianError) as refused:
        build_city(tmp_path, 500, 1, AS_OF)
    assert refused.value.hint


def test_every_source_file_fills_a_known_table(city: Path, repo: Path) -> None:
    content = load_content(repo)
    sources = load_sources(city)
    for source in sources.values():
        make_plan(source, content.tables)
    assert {s.kind.value for s in sources.values()} == {"csv", "excel", "parquet", "sql", "open311"}
    read = {
        table for sector in ("subsidy", "realty", "utility", "network") for table in content.tables_of(sector)
    }
    assert read - {s.table for s in sources.values()} <= {"reimbursement", "warning"}


@pytest.mark.parametrize(("model", "kind"), KINDS.items())
def test_every_model_has_planted_cases(truth: pd.DataFrame, model: str, kind: str) -> None:
    mine = truth[truth["model"] == model]
    assert set(mine["subject_kind"]) == {kind}
    assert len(mine) >= 6


def test_truth_names_each_case_once_and_leaves_the_period_open(truth: pd.DataFrame) -> None:
    assert list(truth.columns) == ["model", "subject_kind", "subject_id", "period", "note"]
    assert not truth.duplicated(["model", "subject_id"]).any()
    assert set(truth["period"]) == {""}


def test_nobody_plays_two_parts_by_accident(truth: pd.DataFrame) -> None:
    people = truth[truth["subject_kind"] == "person"]
    parts = people.groupby("subject_id")["model"].agg(set)
    twice = parts[parts.map(len) > 1]
    assert len(twice)
    assert all(len(models) == 2 and models & MEANT_TO_MEET for models in twice)


def test_the_city_says_what_it_is(city: Path) -> None:
    described = yaml.safe_load((city / "city.yaml").read_text(encoding="utf-8"))
    assert (described["people"], described["seed"], described["as_of"]) == (20_000, 7, "2026-06-30")
    assert (city / described["complaint_db"]).exists()


def test_the_generator_never_looks_at_the_detectors() -> None:
    for path in Path(mingjian.sample.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [a.name for a in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.startswith(f"mingjian.{room}") for name in names for room in BANNED), (
                path.name
            )
