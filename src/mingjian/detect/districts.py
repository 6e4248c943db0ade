"""A model under a city's own values: once for the whole city, and once more for each district that differs."""

from __future__ import annotations

from datetime import date

from mingjian.detect.engine import Engine
from mingjian.detect.evaluate import findings_of
from mingjian.detect.plan import Plan
from mingjian.domain.finding import Finding
from mingjian.domain.sector import Table

DISTRICT_DIGITS = 6


def findings_by_district(engine: Engine, plan: Plan, tables: dict[str, Table], as_of: date) -> list[Finding]:
    """The findings of each overriding district from the run with its values, all others from the city's run.

    A finding belongs to the district in the first six digits of its region; without a region, to the city.
    """
    own = {o.district: o.values for o in plan.overrides if o.district}
    base = findings_of(engine, plan.model, tables, as_of, plan.lake, plan.city)
    kept = {(f.subject_id, f.period): f for f in base if _district(f) not in own}
    for district, values in own.items():
        found = findings_of(engine, plan.model, tables, as_of, plan.lake, values)
        kept.update({(f.subject_id, f.period): f for f in found if _district(f) == district})
    return [kept[key] for key in sorted(kept)]


def _district(found: Finding) -> str:
    return (found.region_code or "")[:DISTRICT_DIGITS]
