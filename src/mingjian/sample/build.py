"""Build one city: people first, then each sector with its planted cases, then the systems' files and the truth."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import yaml

from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.sample import (
    account_cases,
    combos,
    complaint_cases,
    complaints,
    escrow,
    export_housing,
    export_subsidy,
    projects,
    registers,
    sale_cases,
    sales,
    subsidy_cases,
)
from mingjian.sample.acceptance import build_acceptance
from mingjian.sample.benefits import build_benefits
from mingjian.sample.companies import build_companies
from mingjian.sample.context import City
from mingjian.sample.export_complaints import write_complaints
from mingjian.sample.farmland import build_farmland
from mingjian.sample.geography import Geography, build_geography
from mingjian.sample.ledger import Ledger
from mingjian.sample.people import build_deaths, build_people
from mingjian.sample.permits import build_permits
from mingjian.sample.topics import build_topics
from mingjian.sample.utilities import Utilities, build_utilities
from mingjian.sample.workdays import build_workdays
from mingjian.sample.writers import write_sqlite

COMPLAINT_DB = "systems/complaints.sqlite"
SMALLEST = 10_000


def build_city(
    out: Path, people: int, seed: int, as_of: date, say: Callable[[str], None] = lambda _text: None
) -> dict[str, int]:
    """Write a whole city below `out`: city.yaml, systems/, sources/, truth.csv. The same arguments give the same bytes.

    Returns rows written by kind and the number of planted `cases`. Raises MingjianError for fewer than 10,000 people,
    who cannot fill every part.
    """
    if people < SMALLEST:
        raise MingjianError(
            _("示例城市至少要有 {n} 人", n=SMALLEST), hint=_("用 --people {n} 或更大的数", n=SMALLEST)
        )
    city = City(people, seed, as_of)
    geo = build_geography(city)
    say(_("生成 {n} 人的示例城市", n=people))
    persons = build_people(city, geo)
    counts = _subsidy(out, city, geo, persons, say)
    housing, units, sold = _housing(out, city, geo, persons)
    counts.update(housing)
    say(_("房地产项目、房源与监管账户已写出"))
    utilities = build_utilities(city, geo, persons, units, sold)
    counts["complaints"] = _hotline(out, city, geo, persons, utilities)
    counts["registers"] += _write_units(out, city, geo, persons, utilities)
    say(_("公用事业与诉求已写出"))
    truth = city.truth()
    truth.to_csv(out / "truth.csv", index=False)
    _describe(out, city)
    return counts | {"cases": len(truth)}


def _subsidy(
    out: Path, city: City, geo: Geography, persons: pd.DataFrame, say: Callable[[str], None]
) -> dict[str, int]:
    deaths = build_deaths(city, persons)
    ledger = Ledger(city, persons, build_benefits(city, persons, deaths))
    account_cases.plant_switches(ledger, geo)
    subsidy_cases.plant_person_cases(ledger)
    account_cases.plant_shared(ledger)
    account_cases.plant_shared_lookalikes(ledger)
    combos.plant_combos(ledger)
    parcels, claims = build_farmland(ledger, geo)
    rows = export_subsidy.all_payouts(ledger, geo.district_texts())
    counts = export_subsidy.write_subsidy(out / "systems/subsidy", city, geo, ledger, rows, parcels, claims)
    say(_("补贴发放明细 {n} 行已写出", n=counts["payouts"]))
    tables = registers.people_tables(city, geo, ledger, deaths)
    tables["账户"] = registers.account_table(city, ledger, rows["account"].to_numpy())
    counts["registers"] = write_sqlite(out / "systems/registers.sqlite", tables)
    return counts


def _housing(
    out: Path, city: City, geo: Geography, persons: pd.DataFrame
) -> tuple[dict[str, int], pd.DataFrame, pd.DataFrame]:
    planned = projects.build_projects(city, geo)
    buildings = projects.build_buildings(city, planned)
    permits = build_permits(city, geo, planned, buildings)
    units = sales.build_units(city, planned, buildings)
    sold = sale_cases.plant_sales(city, units, sales.build_sales(city, units, persons), persons)
    tables = {
        "projects": planned,
        "buildings": buildings,
        "permits": permits,
        "milestones": projects.milestones(city, planned, buildings),
        "acceptance": build_acceptance(city, geo, planned, buildings),
        "units": units,
        "sales": sold,
    }
    held = escrow.build_escrow(city, planned, permits, units, sold)
    counts = export_housing.write_housing(
        out / "systems/housing", city, geo, tables, held, persons["id_no"].to_numpy()
    )
    return counts, units, sold


def _hotline(out: Path, city: City, geo: Geography, persons: pd.DataFrame, utilities: Utilities) -> int:
    topics = build_topics()
    workdays, _calendar = build_workdays(city)
    planter = complaint_cases.Planter(city, geo, persons, topics)
    planted = complaint_cases.plant_complaints(planter, utilities.gas)
    everything = pd.concat([complaints.background(city, persons, topics), planted], ignore_index=True)
    found = complaints.handle(city, geo, workdays, everything, topics)
    complaint_cases.plant_overdue(city, found)
    return write_complaints(out / COMPLAINT_DB, city, found, topics, persons["phone"].to_numpy())


def _write_units(out: Path, city: City, geo: Geography, persons: pd.DataFrame, utilities: Utilities) -> int:
    planned = projects.build_projects(city, geo)
    companies = build_companies(
        city, geo, planned, utilities.resellers, utilities.tenants, account_cases.HOMES
    )
    _days, calendar = build_workdays(city)
    tables = registers.unit_tables(geo, calendar, build_topics(), companies)
    tables |= registers.utility_tables(city, utilities, persons)
    return write_sqlite(out / "systems/registers.sqlite", tables, fresh=False)


def source_files() -> Path:
    """The folder of the sample city's source files: below MINGJIAN_CONTENT, the working folder, or the checkout."""
    named = os.environ.get("MINGJIAN_CONTENT")
    for root in [Path(named)] if named else [Path.cwd(), Path(__file__).parents[3]]:
        if (root / "sources" / "sample").is_dir():
            return root / "sources" / "sample"
    raise MingjianError(_("找不到 sources/sample 目录"), hint=_("在项目目录中运行,或设置 MINGJIAN_CONTENT"))


def _describe(out: Path, city: City) -> None:
    (out / "sources").mkdir(exist_ok=True)
    for path in sorted(source_files().glob("*.yaml")):
        shutil.copyfile(path, out / "sources" / path.name)
    described = {
        "name": "明川市",
        "people": city.people,
        "seed": city.seed,
        "as_of": city.as_of.isoformat(),
        "complaint_db": COMPLAINT_DB,
    }
    (out / "city.yaml").write_text(
        yaml.safe_dump(described, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
