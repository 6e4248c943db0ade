"""The city of a simulation: its units in one tree, and the people who sit in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, insert

from mingjian.content import Content
from mingjian.domain.roles import Role
from mingjian.domain.sign_in import Scope
from mingjian.simulate.scenario import Scenario
from mingjian.store import tokens
from mingjian.store.tables import app_user, unit

CITY, CODE = "C", "159900"
DISTRICTS = ("明东区", "明西区", "清河区", "云台区", "石桥县", "白杨县", "青山县", "长川县", "北原旗")
# Supervisors and dispatchers sit in each district's office; those who act for the whole city in the city's.
DISTRICT_STAFF = (Role.R3, Role.R4, Role.R5, Role.R7)
CITY_STAFF = (*DISTRICT_STAFF, Role.R6, Role.R9, Role.R10, Role.R11, Role.R13)
UNIT_STAFF = (Role.R1, Role.R2)
SCOPES = (Scope.READ_WARNINGS, Scope.WRITE_WARNINGS)
ACTOR = "simulate"


@dataclass(frozen=True)
class Unit:
    """One unit; `line` is None for an office, `district` a six-digit code."""

    id: str
    parent: str | None
    path: str
    name: str
    level: str
    kind: str
    district: str
    line: str | None = None


@dataclass(frozen=True)
class City:
    """Units by id, in the order in which a city sets them up."""

    units: Mapping[str, Unit]
    districts: Sequence[str]

    @property
    def working(self) -> list[Unit]:
        """Units with a line of business: those that are given orders."""
        return [u for u in self.units.values() if u.line]

    def office(self, district: str | None) -> str:
        """The unit in which the supervisors of a district sit: the city's where it has none."""
        return f"D{district}" if f"D{district}" in self.units else CITY

    def staff(self, role: Role, unit_id: str | None, district: str | None) -> str:
        """The account that fills this role for a matter of this unit in this district."""
        if role in UNIT_STAFF:
            return account(unit_id or CITY, role)
        home = self.office(district) if role in DISTRICT_STAFF else CITY
        return account(home, role)


def account(unit_id: str, role: Role) -> str:
    """The id of the account of this role in this unit."""
    return f"{unit_id}.{role}"


def plan(scenario: Scenario, content: Content) -> City:
    """As many units as the scenario asks for: offices first, then a department for each line, then institutions."""
    lines = {o.line: o.zh for s in content.sectors.values() for o in s.owners.values()}
    found: dict[str, Unit] = {}
    many = max(2, min(len(DISTRICTS), scenario.units // (len(lines) + 2)))
    codes = [str(int(CODE) + n) for n in range(1, many + 1)]
    for made in _units(codes, lines):
        if len(found) >= scenario.units:
            break
        found[made.id] = made
    return City(found, codes)


def _units(codes: Sequence[str], lines: Mapping[str, str]) -> Iterator[Unit]:
    """Without end: behind the departments come their institutions, round after round."""
    city = f"/{CITY}/"
    yield Unit(CITY, None, city, "明和市人民政府", "city", "gov_office", CODE)
    names = dict(zip(codes, DISTRICTS, strict=False))
    for code in codes:
        yield Unit(
            f"D{code}", CITY, f"{city}D{code}/", f"{names[code]}人民政府", "district", "gov_office", code
        )
    for line, zh in lines.items():
        yield Unit(f"C-{line}", CITY, f"{city}C-{line}/", f"市{zh}", "city", "gov_dept", CODE, line)
    for code in codes:
        for line, zh in lines.items():
            yield _department(code, line, f"{names[code]}{zh}")
    number = 0
    while True:
        number += 1
        for code in codes:
            for line, zh in lines.items():
                above = _department(code, line, f"{names[code]}{zh}")
                id = f"{above.id}-{number}"
                name = f"{above.name}下属单位{number}"
                yield Unit(id, above.id, f"{above.path}{id}/", name, "district", "institution", code, line)


def _department(code: str, line: str, name: str) -> Unit:
    id = f"{code}-{line}"
    return Unit(id, f"D{code}", f"/{CITY}/D{code}/{id}/", name, "district", "gov_dept", code, line)


def settle(conn: Connection, city: City) -> None:
    """Write units and accounts into an empty store."""
    rows = [
        {
            "id": u.id,
            "parent_id": u.parent,
            "path": u.path,
            "name": u.name,
            "level": u.level,
            "unit_type": u.kind,
            "region_code": u.district,
            "line_code": u.line,
        }
        for u in city.units.values()
    ]
    conn.execute(insert(unit), rows)
    conn.execute(insert(app_user), [_user(u, role) for u, role in people(city)])


def people(city: City) -> Iterator[tuple[Unit, Role]]:
    """Everybody, by unit: handlers and leads where orders go, staff in the offices."""
    for u in city.units.values():
        yield from ((u, role) for role in _roles(u))


def _roles(u: Unit) -> Iterable[Role]:
    if u.id == CITY:
        return CITY_STAFF
    return UNIT_STAFF if u.line else DISTRICT_STAFF


def _user(u: Unit, role: Role) -> dict[str, object]:
    scope = "own_org" if role in UNIT_STAFF else "city" if u.id == CITY else "own_region"
    return {
        "id": account(u.id, role),
        "name": f"{u.name}{role.label}",
        "role": role.value,
        "unit_id": u.id,
        "data_scope": scope,
        "region_code": u.district,
        "line_code": u.line,
    }


def hand_out(conn: Connection, city: City, first: date, now: datetime) -> dict[str, str]:
    """An API token for everybody, as an administrator makes them; secrets by account."""
    days = int(tokens.LONGEST / timedelta(days=1))
    ids = [account(u.id, role) for u, role in people(city)]
    return {id: tokens.make(conn, now, id, f"simulate {first}", SCOPES, days, actor=ACTOR)[1] for id in ids}
