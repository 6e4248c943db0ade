"""What time alone brings beside an order's own lights and rungs: silence accepts a transfer, leaders are called, late acts reminded of."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import Engine

from mingjian.domain.clock import Clock
from mingjian.domain.terms import Terms
from mingjian.store import orders, policies
from mingjian.supervise.appeals import chase_overdue
from mingjian.supervise.consequences import TakeoverReason
from mingjian.supervise.enterprise import raise_overdue
from mingjian.supervise.late_evaluations import remind_late_evaluations
from mingjian.supervise.late_parts import remind_late_parts
from mingjian.supervise.led import notice_idle
from mingjian.supervise.said import SYSTEM, Said
from mingjian.supervise.service import act
from mingjian.supervise.terms import under

NO_ANSWER = "no_answer"


def follow_up(engine: Engine, clock: Clock, terms: Terms) -> dict[str, int]:
    """Settle unanswered transfers, call leaders, remind of what is late; returns {"transferred", "taken_over", …}.

    Each order is one transaction that looks again under its lock, so several may run at once, and a killed one
    leaves the rest to the next.
    """
    return {
        "transferred": _accept_silence(engine, clock, terms),
        "taken_over": _call_leaders(engine, clock, terms),
        "leaders_idle": notice_idle(engine, clock, terms),
        "parts_late": remind_late_parts(engine, clock),
        "evaluations_late": remind_late_evaluations(engine, clock, terms),
        "appeals_overdue": chase_overdue(engine, clock),
        "issues_raised": raise_overdue(engine, clock, terms),
    }


def _accept_silence(engine: Engine, clock: Clock, terms: Terms) -> int:
    with engine.connect() as conn:
        silent = orders.unanswered(conn, clock.now())
    done = 0
    for warning_id in silent:
        with engine.begin() as conn:
            if orders.lock_warning(conn, warning_id) and warning_id in orders.unanswered(
                conn, clock.now(), warning_id
            ):
                proposed = orders.proposed_unit(conn, warning_id)
                silence = Said(NO_ANSWER, unit_id=proposed)
                act(conn, clock, warning_id, "take_transfer", SYSTEM, silence, terms=terms)
                done += 1
    return done


def _call_leaders(engine: Engine, clock: Clock, terms: Terms) -> int:
    """An order overdue by more than the policy's working days; taking over sets a new end, so once a deadline."""
    now, counts = clock.now(), Counter[str]()
    with engine.connect() as conn:
        known = policies.known(conn)
        fewest = min(p.takeover.overdue_days for p in [terms.policy, *known.values()])
        late = orders.overdue(conn, now - timedelta(days=fewest))
    for row in late:
        days = under(terms, row["policy_version"], known).policy.takeover.overdue_days
        if terms.calendar.add(row["finish_due"], days).at >= now:
            continue
        with engine.begin() as conn:
            orders.lock_warning(conn, row["warning_id"])
            again = orders.overdue(conn, row["finish_due"], row["warning_id"])
            if again and again[0]["finish_due"] == row["finish_due"]:
                why = Said(TakeoverReason.OVERDUE)
                act(conn, clock, row["warning_id"], "take_over", SYSTEM, why, terms=terms)
                counts["taken_over"] += 1
    return counts["taken_over"]
