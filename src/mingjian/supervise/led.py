"""A leader who has taken over takes one step a week (catalogue §4.5); each week without one is noticed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, Engine, RowMapping

from mingjian.domain.clock import Clock
from mingjian.domain.policy import Policy
from mingjian.domain.roles import Role
from mingjian.domain.terms import Terms
from mingjian.store import leaders, offices, policies
from mingjian.supervise.issue import said
from mingjian.supervise.notices import Notice, notice
from mingjian.supervise.terms import under


def notice_idle(engine: Engine, clock: Clock, terms: Terms) -> int:
    """Write down every week in which a leader took no step, and remind the leader and R5; returns how many weeks.

    The weeks written stand in the order's history, so none is noticed twice.
    """
    return notice(engine, clock.now(), _led, partial(_find, terms=terms))


def _led(conn: Connection, _now: datetime, after: str, limit: int) -> Sequence[RowMapping]:
    return leaders.led(conn, after, limit)


def _find(conn: Connection, now: datetime, orders: Sequence[RowMapping], terms: Terms) -> Iterator[Notice]:
    known = policies.known(conn)
    missed = [(row, week, due) for row in orders for week, due in _weeks_missed(row, now, terms, known)]
    if not missed:
        return
    people = leaders.of_units(conn, {row["unit_id"] for row, _week, _due in missed})
    deputies = offices.people_of(conn, [(Role.R5, row["district_code"]) for row, _week, _due in missed])
    for row, week, due in missed:
        asked = [people.get(row["unit_id"]), *deputies.get((Role.R5, row["district_code"]), [])]
        told = [(one, leaders.LEADER_IDLE) for one in dict.fromkeys(asked) if one]
        more = {"week": week, "finish_due": said(row["finish_due"])}
        yield Notice(row, leaders.LEADER_IDLE, str(week), due, told, more)


def _weeks_missed(
    row: RowMapping, now: datetime, terms: Terms, known: Mapping[int, Policy]
) -> Iterator[tuple[int, datetime]]:
    """(number, end) of each week since the leader's last step that passed and is not written down yet."""
    own = under(terms, row["policy_version"], known)
    week = row["noticed"] + 1
    while True:
        due = own.calendar.add(row["stepped_at"], own.policy.takeover.step_every_days * week).at
        if due >= now:
            return
        yield week, due
        week += 1
