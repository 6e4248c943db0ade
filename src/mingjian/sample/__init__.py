"""The sample city: source systems of a city that does not exist, with known cases to find.

`build_city` writes a folder, `complaint_service` serves its complaints. Nothing here knows the detectors: what is
planted follows the catalogue's cards, and its truth goes to `truth.csv`, which only `mingjian evaluate` reads.

| System | Form | Holds |
|---|---|---|
| systems/subsidy/payouts_*.csv | GB18030, yuan | payments of six districts |
| systems/subsidy/ykt_*.csv | GB18030, 万元, other headers | payments of three districts |
| systems/subsidy/*.csv | GB18030 | catalogue, standards, conflict rules, parcels, claims |
| systems/housing/*.xlsx | title row, two header rows | projects, buildings, permits, milestones, acceptance |
| systems/housing/*.csv, *.parquet | GB18030, UTF-8 with BOM, Parquet | units, sales, escrow accounts, rules, flows |
| systems/registers.sqlite | SQL | people, deaths, accounts, companies, units, calendar, utilities |
| systems/complaints.sqlite | served as Open311 | a year of complaints |
| systems/utility/*.csv | GB18030, moments in mixed forms | outages, water samples |

Mess: see `mess` (2 % repairable amounts and dates in mixed forms, 0.2 % unreadable cells and 0.1 % exact duplicates in
background rows, 0.05 % rows that break a gate). Rows of planted cases get repairable mess only.

Planted per model: 0.05 to 0.15 % of people for person rules (about 0.5 % of payees), never fewer than nine; six to
sixteen projects, buildings and accounts; six villages; nine resellers and suppliers; six topics; ten surges. Every
model's level branches that can occur are present, and at least three look-alikes of each exclusion.
"""

from mingjian.sample.build import build_city
from mingjian.sample.service import complaint_service

__all__ = ["build_city", "complaint_service"]
