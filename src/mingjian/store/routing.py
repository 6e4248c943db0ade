"""Finding the units that matters go to by the policy's routing rules: a batch at a time, whatever its size."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from mingjian.domain.routing import OWN_LINE, Matter, Routing, RoutingReason, RoutingRule
from mingjian.domain.sector import Owner
from mingjian.domain.unit import UnitLevel
from mingjian.store.tables import unit
from mingjian.store.units import DISTRICT_DIGITS, Lines, line_units, make_line_units

# A department's matter goes to no unit below these (catalogue §4.4.7, B45).
TAKES_MATTERS = (UnitLevel.CITY, UnitLevel.DISTRICT)


@dataclass(frozen=True)
class Routed:
    """The unit a matter goes to, how it was found, by which rule, and the units that handle it together with it.

    `passed` are rules that fitted but name a unit that does not stand; `unmanned` lines to handle it together that no
    unit of the register has.
    """

    unit_id: str
    reason: RoutingReason
    rule: str
    co_handlers: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    unmanned: tuple[str, ...] = ()


def route(
    conn: Connection, routing: Routing, matters: Sequence[Matter], lines: Mapping[str, Owner]
) -> list[Routed]:
    """Where each of these matters goes, in their order; every one gets a unit.

    `lines` are the manifests' owners by line. Two queries, however many matters; a third only where no unit has a line.
    """
    fitting = [routing.fitting(m) for m in matters]
    rules = {rule.name: rule for found in fitting for rule in found}.values()
    named = standing(conn, {rule.to.unit for rule in rules if rule.to.unit})
    wanted = {m.owner.line for m in matters} | {rule.to.line for rule in rules if rule.to.line}
    wanted |= {line for rule in rules for line in rule.co_handlers}
    known = line_units(conn, wanted - {OWN_LINE})
    chosen = [_chosen(found, named) for found in fitting]
    owners = {m.owner.line: m.owner for m in matters} | dict(lines)
    makes = {
        line
        for m, (rule, _passed) in zip(matters, chosen, strict=True)
        if not rule.to.unit and _of_line(known, line := _line(rule, m), rule, m) is None
    }
    made = make_line_units(conn, [owners[line] for line in sorted(makes)])
    return [_routed(m, rule, passed, known, made) for m, (rule, passed) in zip(matters, chosen, strict=True)]


def _chosen(fitting: Sequence[RoutingRule], named: Collection[str]) -> tuple[RoutingRule, tuple[str, ...]]:
    """The first rule whose unit stands, and those passed over on the way; the last one names none."""
    passed: list[str] = []
    for rule in fitting:
        if not rule.to.unit or rule.to.unit in named:
            return rule, tuple(passed)
        passed.append(rule.name)
    return fitting[-1], tuple(passed)


def _routed(
    m: Matter, rule: RoutingRule, passed: tuple[str, ...], known: Lines, made: Mapping[str, str]
) -> Routed:
    unit_id, reason = rule.to.unit, RoutingReason.NAMED
    if not unit_id:
        line = _line(rule, m)
        unit_id, reason = _of_line(known, line, rule, m) or (made[line], RoutingReason.MADE)
    beside = {line: _of_line(known, line, rule, m) for line in rule.co_handlers}
    together = [found[0] for found in beside.values() if found and found[0] != unit_id]
    unmanned = tuple(line for line, found in beside.items() if found is None)
    return Routed(unit_id, reason, rule.name, tuple(dict.fromkeys(together)), passed, unmanned)


def _line(rule: RoutingRule, m: Matter) -> str:
    return m.owner.line if rule.to.line == OWN_LINE else rule.to.line


def _of_line(known: Lines, line: str, rule: RoutingRule, m: Matter) -> tuple[str, RoutingReason] | None:
    """The line's unit of the matter's district, else of the city; a rule for the city asks there alone."""
    district = m.region[:DISTRICT_DIGITS]
    if rule.to.level == "district" and (line, district) in known.districts:
        return known.districts[line, district], RoutingReason.DISTRICT
    return (known.city[line], RoutingReason.CITY) if line in known.city else None


def standing(conn: Connection, ids: Collection[str]) -> set[str]:
    """Those of these ids that are units of city or district and not closed."""
    if not ids:
        return set()
    u = unit.c
    wanted = select(u.id).where(u.id.in_(sorted(ids)), u.level.in_(TAKES_MATTERS), u.closed_on.is_(None))
    return set(conn.scalars(wanted))
