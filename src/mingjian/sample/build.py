"""Build one city: people first, then each sector with its planted cases, then the systems' files and the truth."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from mingjian.domain.errors import MingjianError
from mingjian.domain.i18n import _
from mingjian.sample.city import registers
from mingjian.sample.city.companies import build_companies
from mingjian.sample.city.geography import Geography, build_geography
from mingjian.sample.city.people import build_deaths, build_people
from mingjian.sample.city.workdays import build_workdays
from mingjian.sample.context import City
from mingjian.sample.hotline import complaint_cases, complaints, mass_cases
from mingjian.sample.hotline.export_complaints import write_complaints
from mingjian.sample.hotline.topics import build_topics
from mingjian.sample.network import cluster_cases, compensation, export_network
from mingjian.sample.process.closing_rows import plant_closings
from mingjian.sample.process.process_rows import plant_process
from mingjian.sample.process.record import record_process
from mingjian.sample.realty import (
    escrow,
    export_housing,
    export_land,
    legacy,
    projects,
    sale_cases,
    sales,
    underdeposit,
    works_cases,
)
from mingjian.sample.realty.acceptance import build_acceptance
from mingjian.sample.realty.permits import build_permits
from mingjian.sample.subsidy import account_cases, combos, export_subsidy, subsidy_cases
from mingjian.sample.subsidy.assistance import write_assistance
from mingjian.sample.subsidy.assistance_cases import plant_aided
from mingjian.sample.subsidy.batches import pay_settlers
from mingjian.sample.subsidy.benefits import build_benefits
from mingjian.sample.subsidy.farmland import build_farmland
from mingjian.sample.subsidy.holder_cases import plant_shared_holders
from mingjian.sample.subsidy.household_firms import Firms, staffed
from mingjian.sample.subsidy.identity_cases import plant_unnumbered
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.person_cases import person_tables, plant_people
from mingjian.sample.utility import export_services, fees
from mingjian.sample.utility.utilities import Utilities, build_utilities
from mingjian.sample.writers import write_sqlite

COMPLAINT_DB = "systems/complaints.sqlite"
CITY_FILES = ("authority.yaml", "events.yaml")  # about the city itself
SMALLEST = 10_000


def build_city(
    out: Path, people: int, seed: int, as_of: date, say: Callable[[str], None] = lambda _text: None
) -> dict[str, int]:
    """Write a whole city below `out`; the same arguments give the same bytes.

    It is city.yaml, authority.yaml, events.yaml, systems/, sources/ and truth.csv. Returns rows written by kind and the number of
    planted `cases`. Raises MingjianError for fewer than 10,000 people, who cannot fill every part.
    """
    if people < SMALLEST:
        raise MingjianError(
            _("示例城市至少要有 {n} 人", n=SMALLEST), hint=_("用 --people {n} 或更大的数", n=SMALLEST)
        )
    city = City(people, seed, as_of)
    geo = build_geography(city)
    say(_("生成 {n} 人的示例城市", n=people))
    persons = build_people(city, geo)
    counts, firms = _subsidy(out, city, geo, persons, say)
    housing, units, sold = _housing(out, city, geo, persons)
    counts.update(housing)
    say(_("房地产项目、房源与监管账户已写出"))
    utilities = build_utilities(city, geo, persons, units, sold)
    counts["complaints"] = _hotline(out, city, geo, persons, utilities)
    counts["registers"] += _write_units(out, city, geo, persons, utilities, firms)
    counts.update(export_services.write_services(out / "systems/utility", city, geo))
    counts.update(export_network.write_tenders(out / "systems/trading", city, geo, persons))
    say(_("公用事业与诉求已写出"))
    truth = city.truth()
    truth.to_csv(out / "truth.csv", index=False)
    _describe(out, city)
    return counts | {"cases": len(truth)}


def _subsidy(
    out: Path, city: City, geo: Geography, persons: pd.DataFrame, say: Callable[[str], None]
) -> tuple[dict[str, int], Firms]:
    deaths = build_deaths(city, persons)
    ledger = Ledger(city, persons, build_benefits(city, persons, deaths))
    account_cases.plant_switches(ledger, geo)
    subsidy_cases.plant_person_cases(ledger)
    account_cases.plant_shared(ledger)
    account_cases.plant_shared_lookalikes(ledger)
    combos.plant_combos(ledger)
    plant_people(ledger)
    aided = plant_aided(ledger)
    kin = export_network.plant_network(ledger)
    pay_settlers(ledger)
    parcels, claims = build_farmland(ledger, geo)
    cluster_cases.plant_gathered(ledger, kin.links)
    paid_out = compensation.build_compensation(ledger)
    plant_shared_holders(ledger)
    rows = export_subsidy.all_payouts(ledger, geo.district_texts())
    counts = export_subsidy.write_subsidy(out / "systems/subsidy", city, geo, ledger, rows, parcels, claims)
    say(_("补贴发放明细 {n} 行已写出", n=counts["payouts"]))
    plant_unnumbered(ledger, rows)
    tables = registers.people_tables(city, geo, ledger, deaths) | person_tables(ledger)
    used = np.r_[rows["account"].to_numpy(), compensation.accounts_of(paid_out)]
    tables["账户"] = registers.account_table(city, ledger, used)
    firms, grants = write_assistance(out / "systems/subsidy", geo, ledger, rows, aided, tables)
    counts |= export_network.write_network(out / "systems", geo, ledger, kin, grants, paid_out, tables)
    counts["registers"] = write_sqlite(out / "systems/registers.sqlite", tables)
    return counts, firms


def _housing(
    out: Path, city: City, geo: Geography, persons: pd.DataFrame
) -> tuple[dict[str, int], pd.DataFrame, pd.DataFrame]:
    planned = projects.build_projects(city, geo)
    buildings = projects.build_buildings(city, planned)
    permits = build_permits(city, geo, planned, buildings)
    units = sales.build_units(city, planned, buildings)
    contracts = underdeposit.arrange(city, units, sales.build_sales(city, units, persons))
    sold = sale_cases.plant_sales(city, units, contracts, persons)
    works_cases.plant_works(city, planned, buildings)
    underdeposit.plant(city, permits)
    old_projects, old_cases = legacy.build_legacy(city, geo, planned["developer"])
    tables = {
        "projects": planned,
        "buildings": buildings,
        "permits": permits,
        "milestones": works_cases.work_nodes(
            city, planned, buildings, projects.milestones(city, planned, buildings)
        ),
        "acceptance": build_acceptance(city, geo, planned, buildings),
        "units": units,
        "sales": sold,
        "old_projects": old_projects,
    }
    held = escrow.build_escrow(city, planned, permits, units, sold)
    counts = export_housing.write_housing(
        out / "systems/housing", city, geo, tables, held, persons["id_no"].to_numpy()
    )
    counts |= export_land.write_land(out / "systems", city, planned, buildings, permits, old_cases)
    return counts, units, sold


def _hotline(out: Path, city: City, geo: Geography, persons: pd.DataFrame, utilities: Utilities) -> int:
    topics = build_topics()
    workdays, _calendar = build_workdays(city)
    planter = complaint_cases.Planter(city, geo, persons, topics)
    planted = [
        complaint_cases.plant_complaints(planter, utilities.gas),
        mass_cases.plant_mass(planter, utilities.tenants),
        fees.plant_said(planter, utilities.resellers, utilities.gas),
    ]
    planted += [plant_process(planter, workdays), plant_closings(planter, workdays, utilities.gas[9:15])]
    everything = pd.concat([complaints.background(city, persons, topics), *planted], ignore_index=True)
    found = complaints.handle(city, geo, workdays, everything, topics)
    complaint_cases.plant_overdue(city, found)
    record_process(out / "systems/hotline", city, workdays, found, topics)
    return write_complaints(out / COMPLAINT_DB, city, found, topics, persons["phone"].to_numpy())


def _write_units(
    out: Path, city: City, geo: Geography, persons: pd.DataFrame, utilities: Utilities, firms: Firms
) -> int:
    planned = projects.build_projects(city, geo)
    companies = build_companies(
        city, geo, planned, utilities.resellers, utilities.tenants, account_cases.HOMES
    )
    companies, roles = staffed(city, persons, companies, firms)
    _days, calendar = build_workdays(city)
    tables = registers.unit_tables(geo, calendar, build_topics(), companies)
    tables |= registers.utility_tables(city, utilities, persons) | {"股东任职": roles}
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
        about_city = path.name in CITY_FILES
        shutil.copyfile(path, out / path.name if about_city else out / "sources" / path.name)
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
