"""A leader who has taken over takes one step a week (catalogue §4.5); each week without one is noticed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping

from mingjian.domain.clock import Clock
from mingjian.domain.policy import Policy
from mingjian.domain.roles import SYSTEM_ACTOR, Role
from mingjian.domain.terms import Terms
from mingjian.store import audit, leaders, offices, orders, outbox, policies
from mingjian.store.orders import ORDER, Step
from mingjian.store.outbox import Letter
from mingjian.supervise.issue import said
from mingjian.supervise.terms import under

ACTION = "leader_idle"
BATCH = 500


def notice_idle(engine: Engine, clock: Clock, terms: Terms) -> int:
    """Write down every week in which a leader took no step, and remind the leader and R5; returns how many weeks.

    Each batch is a transaction; the weeks written stand in the order's history, so none is noticed twice.
    """
    done, after = 0, ""
    while True:
        with engine.begin() as conn:
            rows = leaders.led(conn, after, BATCH)
            if not rows:
                return done
            after = rows[-1]["order"]
            done += _notice(conn, clock.now(), terms, rows)


def _notice(conn: Connection, now: datetime, terms: Terms, rows: Sequence[RowMapping]) -> int:
    known = policies.known(conn)
    missed = [(row, week, due) for row in rows for week, due in _weeks_missed(row, now, terms, known)]
    if not missed:
        return 0
    people = leaders.of_units(conn, {row["unit_id"] for row, _week, _due in missed})
    deputies = offices.people_of(conn, [(Role.R5, row["district_code"]) for row, _week, _due in missed])
    steps, entries, letters = [], [], []
    for row, week, due in missed:
        state = row["state"]
        steps.append(
            Step(ORDER, row["order"], ACTION, state, state, SYSTEM_ACTOR, now, str(week), note=said(due))
        )
        entries.append(
            {
                "actor": SYSTEM_ACTOR,
                "action": ACTION,
                "object_kind": ORDER,
                "object_id": row["order"],
                "detail": {"week": week, "due": said(due)},
            }
        )
        told = [people.get(row["unit_id"]), *deputies.get((Role.R5, row["district_code"]), [])]
        letters += [_letter(row, week, due, one) for one in dict.fromkeys(told) if one]
    orders.add_steps(conn, steps)
    audit.record_many(conn, at=now, entries=entries)
    outbox.enqueue(conn, letters, now)
    return len(missed)


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


def _letter(row: RowMapping, week: int, due: datetime, recipient: str) -> Letter:
    payload = {
        "order": row["order"],
        "level": row["level"],
        "tier": row["tier"],
        "week": week,
        "due": said(due),
        "finish_due": said(row["finish_due"]),
    }
    key = f"{row['order']}:{ACTION}:{said(row['stepped_at'])}:{week}:{recipient}"
    return Letter(key, recipient, ACTION, payload)
