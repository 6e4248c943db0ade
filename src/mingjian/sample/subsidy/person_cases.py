"""Cast the rules that compare payments with registers of persons, and write the registers they need."""

from __future__ import annotations

import pandas as pd

from mingjian.sample.subsidy.age_cases import plant_ages
from mingjian.sample.subsidy.certificate_cases import certificate_table, plant_certificates
from mingjian.sample.subsidy.custody_cases import custody_table, plant_custody
from mingjian.sample.subsidy.employee_cases import appoint_operators, plant_employees
from mingjian.sample.subsidy.holder_cases import plant_holders
from mingjian.sample.subsidy.identity_cases import plant_identities
from mingjian.sample.subsidy.ledger import Ledger
from mingjian.sample.subsidy.return_cases import plant_returns


def plant_people(ledger: Ledger) -> None:
    """Everybody with a part in these rules; after the families on assistance, before the farmers."""
    appoint_operators(ledger)
    plant_employees(ledger)
    plant_custody(ledger)
    plant_ages(ledger)
    plant_identities(ledger)
    plant_returns(ledger)
    plant_certificates(ledger)
    plant_holders(ledger)


def person_tables(ledger: Ledger) -> dict[str, pd.DataFrame]:
    """羁押服刑 and 残疾人证."""
    return {"羁押服刑": custody_table(ledger), "残疾人证": certificate_table(ledger)}
