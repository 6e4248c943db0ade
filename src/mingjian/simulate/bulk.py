"""The dispatchers' desk: lists worked off in bulk, as nobody sends out or urges one matter after the other."""

from __future__ import annotations

from typing import Any

from mingjian.domain.clock import CITY_TZ
from mingjian.domain.roles import Role
from mingjian.simulate.agenda import PAGE
from mingjian.simulate.city import CITY, account
from mingjian.simulate.clerk import Clerks
from mingjian.simulate.roads import road_of

ASSIGN_FIRST = 0.15  # of triaged matters: the unit is proposed before they are sent
URGE = 0.3  # of orders whose light is an alarm


def send_out(clerks: Clerks) -> None:
    """Every district's dispatcher proposes units for some triaged matters, and sends out all of them."""
    for who in _dispatchers(clerks):
        rows = clerks.client.get(who, "/warnings", status="triaged", limit=PAGE).body["warnings"]
        items = [_to_unit(clerks, row) for row in rows]
        some = [i for i in items if _assigned_first(clerks, i["warning_id"])]
        _post(clerks, who, "assign", some)
        _post(clerks, who, "dispatch", items)


def urge(clerks: Clerks) -> None:
    """Every dispatcher urges some of the orders that are overdue."""
    day = clerks.clock.now().date()
    for who in _dispatchers(clerks):
        orders = clerks.client.get(who, "/orders", light="alarm", limit=PAGE).body["orders"]
        ids = [o["warning_id"] for o in orders]
        some = [i for i in ids if clerks.scenario.drawn("urge", i, day).random() < URGE]
        _post(clerks, who, "urge", [{"warning_id": i} for i in some])


def _assigned_first(clerks: Clerks, warning_id: str) -> bool:
    wished = "assign" in road_of(clerks.scenario, warning_id).wishes
    return wished or clerks.scenario.drawn("assign", warning_id).random() < ASSIGN_FIRST


def _dispatchers(clerks: Clerks) -> list[str]:
    """By district, those of the city last: what no district sees."""
    offices = [clerks.city.office(code) for code in clerks.city.districts]
    return [account(office, Role.R3) for office in dict.fromkeys([*offices, CITY])]


def _to_unit(clerks: Clerks, row: dict[str, Any]) -> dict[str, Any]:
    """A unit of the matter's district: what people triage is spread over all of them."""
    near = [u for u in clerks.working if u.district == row["district_code"]] or clerks.working
    return {"warning_id": row["id"], "unit_id": clerks.scenario.drawn("unit", row["id"]).choice(near).id}


def _post(clerks: Clerks, who: str, action: str, items: list[dict[str, Any]]) -> None:
    if not items:
        return
    now = clerks.clock.now().astimezone(CITY_TZ)
    answer = clerks.client.post(who, f"/bulk/{action}", {"items": items}, f"{who}:{action}:{now:%Y%m%d%H}")
    clerks.tally.taken[Role.R3.value, action] += answer.body["done"]
    for item in answer.body["items"]:
        if item["outcome"] == "refused":
            clerks.tally.refused[action, item["problem"]["type"].rpartition(":")[2]] += 1
