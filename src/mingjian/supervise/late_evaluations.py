"""Who must act on an evaluation by a day and did not is reminded once for each deadline (catalogue §4.6).

Nothing else follows: neither the catalogue nor the policy says what becomes of a second contact that was not made, or
of a decision that was not taken, and closing or sending back stays an act of a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, Engine, RowMapping

from mingjian.domain.clock import Clock
from mingjian.domain.evaluation import DATED, Verdict
from mingjian.domain.policy import Policy
from mingjian.domain.roles import Role
from mingjian.domain.terms import Terms
from mingjian.store import late, offices, policies
from mingjian.supervise.evaluations import standing_of
from mingjian.supervise.notices import Notice, notice
from mingjian.supervise.terms import under

TEMPLATES = {
    Verdict.SECOND_CONTACT: "second_contact_late",
    Verdict.EXPLAIN_OR_REWORK: "evaluation_decision_late",
}
CALL_BACK = (Role.R13, Role.R3)
SENDS_BACK = Role.R4


def remind_late_evaluations(engine: Engine, clock: Clock, terms: Terms) -> int:
    """Remind of every second contact and every decision past its day; returns how many."""
    return notice(engine, clock.now(), late.claim_evaluations, partial(_find, terms=terms))


def _find(conn: Connection, now: datetime, orders: Sequence[RowMapping], terms: Terms) -> Iterator[Notice]:
    known = policies.known(conn)
    rounds = late.rounds_of(conn, [row["warning_id"] for row in orders])
    people = offices.people_of(conn, _wanted(orders, [terms.policy, *known.values()]))
    for order in orders:
        said, policy = rounds[order["warning_id"]], under(terms, order["policy_version"], known).policy
        verdict = standing_of(said, policy).verdict
        dues = [row["due"] for row in said if row["due"]]
        if verdict not in DATED or not dues or dues[-1] > now:
            continue
        in_office = {role: who for (role, code), who in people.items() if code == order["district_code"]}
        holder = in_office.get(policy.tiers[order["tier"]].offices[0], [])
        told = [(who, TEMPLATES[verdict]) for who in _must_act(verdict, in_office, holder, said)]
        yield Notice(order, late.EVALUATION_LATE, verdict, dues[-1], told, {})


def _must_act(
    verdict: Verdict, in_office: Mapping[str, list[str]], holder: list[str], said: Sequence[RowMapping]
) -> list[str]:
    """Who may contact the public again, or whoever sends back and closes; `holder` is the office of the order's tier."""
    if verdict is Verdict.EXPLAIN_OR_REWORK:
        return list(dict.fromkeys([*in_office.get(SENDS_BACK, []), *holder]))
    spoken = {who for row in said for who in (row["actor"], row["on_behalf_of"])}
    able = [who for role in CALL_BACK for who in in_office.get(role, []) if who not in spoken]
    return able or holder


def _wanted(orders: Sequence[RowMapping], known: Sequence[Policy]) -> list[tuple[str, str | None]]:
    """Every office that may have to act, in the districts of these orders."""
    holders = {tier.offices[0] for policy in known for tier in policy.tiers.values()}
    districts = {row["district_code"] for row in orders}
    return [(role, code) for role in {*CALL_BACK, SENDS_BACK, *holders} for code in districts]
