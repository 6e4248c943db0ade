"""What must hold at the end of a run: nothing lost, nothing in two places, every message accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select, text

from mingjian.domain.message import MessageState
from mingjian.simulate.arrivals import MADE
from mingjian.store import invariants, outbox
from mingjian.store.invariants import Invariant
from mingjian.store.tables import outbox as letters
from mingjian.store.tables import warning

OWN = ("arrived", "in_one_place", "messages", "delivered", "wrong_requests", "planned")


@dataclass(frozen=True)
class Check:
    """One rule by name, and what breaks it; none, it holds."""

    name: str
    breaches: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.breaches


def of_store(conn: Connection) -> list[Check]:
    """The rules of the queue, each by name, and those of messages: all that the store can tell by itself."""
    broken = invariants.broken(conn)
    found = [Check(rule.value, [b.object_id for b in broken if b.rule is rule]) for rule in Invariant]
    account = outbox.accounted(conn)
    said = [] if account.holds else [str(account)]
    return [*found, Check("in_one_place", _in_two_places(conn)), Check("messages", said)]


def of_run(
    conn: Connection,
    arrived: int,
    taken: Mapping[str, int],
    let_through: Mapping[str, int],
    unplanned: int,
) -> list[Check]:
    """What only the run knows: `arrived` warnings, messages `taken` by their receiver, wrong requests let through,
    and open matters that nobody would have come back to."""
    # A matter that spreads over the districts gets a warning of its own from the service: nobody wrote that one.
    written = warning.c.fingerprint.startswith(MADE)
    there = conn.scalar(select(func.count()).where(written)) or 0
    sent = conn.scalar(select(func.count()).select_from(letters).where(outbox.IN_STATE[MessageState.SENT]))
    twice = [key for key, times in taken.items() if times > 1]
    lost = [] if len(taken) == sent else [f"{len(taken)} received, {sent} sent"]
    return [
        Check("arrived", [] if there == arrived else [f"{there} of {arrived}"]),
        Check("delivered", [*lost, *twice[: invariants.MOST]]),
        Check("wrong_requests", [f"{fault} x{n}" for fault, n in let_through.items()]),
        Check("planned", [str(unplanned)] if unplanned else []),
    ]


def _in_two_places(conn: Connection) -> list[str]:
    """A warning has one order at most, with one unit: the one that the warning itself names."""
    rows = conn.execute(
        text(
            "SELECT o.id FROM supervision_order o JOIN warning w ON w.id = o.warning_id"
            " WHERE w.unit_id IS DISTINCT FROM o.unit_id ORDER BY 1 LIMIT :most"
        ),
        {"most": invariants.MOST},
    )
    return list(rows.scalars())
