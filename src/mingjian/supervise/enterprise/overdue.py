"""A promise not kept takes an issue from department to district level, once (catalogue §4.5)."""

from __future__ import annotations

from sqlalchemy import Engine

from mingjian.domain.clock import CITY_TZ, Clock
from mingjian.domain.enterprise import IssueStep
from mingjian.domain.roles import SYSTEM_ACTOR, Role
from mingjian.domain.terms import Terms
from mingjian.store import enterprise
from mingjian.supervise.enterprise.steps import take_step

BATCH = 100


def raise_overdue(engine: Engine, clock: Clock, terms: Terms) -> int:
    """Raise every issue whose promised day is over; returns how many. Each batch is a transaction of its own."""
    done = 0
    while True:
        with engine.begin() as conn:
            late = enterprise.claim_broken_promises(conn, clock.now().astimezone(CITY_TZ).date(), BATCH)
            for row in late:
                take_step(conn, clock, row["id"], IssueStep.RAISE, SYSTEM_ACTOR, Role.SYSTEM, terms=terms)
        done += len(late)
        if not late:
            return done
