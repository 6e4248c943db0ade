"""What must hold of the queue at every moment, whatever crashed: each rule one query, so a city of any size is checked.

Transactions keep these rules; nothing here mends a breach. Tests of crashes, the simulation and whoever doubts a
restored backup ask `broken`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, text

from mingjian.domain.order import STATE_OF
from mingjian.domain.warning import TRANSITIONS
from mingjian.store import audit
from mingjian.store.late import EVALUATION_LATE, PART_LATE
from mingjian.store.leaders import LEADER_IDLE

MOST = 20


class Invariant(StrEnum):
    """The rules, named after what is wrong where one does not hold."""

    STEPS_MISSING = "steps_missing"  # numbers of an object's steps have a gap or do not start at 1
    STEPS_UNLINKED = "steps_unlinked"  # a warning's step does not start where the one before ended
    STATE_UNEXPLAINED = "state_unexplained"  # the warning is not in the state its last step led to
    ORDER_ASTRAY = "order_astray"  # the order's state is not that of its warning, or the order is missing
    LIGHT_TWICE = "light_twice"  # one light came on twice for one deadline
    RUNG_TWICE = "rung_twice"  # one rung was taken twice for one deadline
    REMINDED_TWICE = "reminded_twice"  # of one leader's week, late part or late act of an evaluation
    STEP_NOT_AUDITED = "step_not_audited"  # steps and audit rows of one change are not one to one
    LETTER_ASTRAY = "letter_astray"  # a notice, a rung or a late part has no letter, or more than one
    LETTER_UNACCOUNTED = "letter_unaccounted"  # sent without an attempt
    CASE_IN_TWO_CAMPAIGNS = "case_in_two_campaigns"  # of one matter, both open
    CAMPAIGN_CLOSED_EARLY = "campaign_closed_early"  # closed, and a case nobody has called back
    CAMPAIGN_ASTRAY = "campaign_astray"  # open, while its order is closed
    CO_HANDLER_LEADS = "co_handler_leads"  # a unit takes part in the order that it leads
    CHAIN_BROKEN = "chain_broken"  # an audit row was edited, deleted or moved


@dataclass(frozen=True)
class Breach:
    """One rule that does not hold, and the object it does not hold for."""

    rule: Invariant
    object_id: str


def broken(conn: Connection, most: int = MOST) -> list[Breach]:
    """All breaches, at most `most` for each rule; empty when the queue is whole."""
    found = []
    for rule, query in _QUERIES.items():
        rows = conn.execute(text(f"{query} ORDER BY 1 LIMIT :most"), {**_WORDS, "most": most})
        found += [Breach(rule, str(row[0])) for row in rows]
    first = audit.verify(conn)
    return found if first is None else [*found, Breach(Invariant.CHAIN_BROKEN, str(first))]


# Dispatch writes one audit row for the warning's step and the order's `issue`; a step that sets a deadline anew
# keeps it in its own row's detail. All others have one of their own.
_REMINDERS = [LEADER_IDLE, PART_LATE, EVALUATION_LATE]
_AUDITED = [*(t.action for t in TRANSITIONS), "light", "remind", "raise", "recompute", *_REMINDERS]
_WORDS: dict[str, object] = {
    "reminders": _REMINDERS,
    "audited": _AUDITED,
    "states": [state.value for state in STATE_OF],
    "order_states": [order_state.value for order_state in STATE_OF.values()],
}

# A duplicate that was merged, and a clue that was referred, may never have come to an order.
_QUERIES: dict[Invariant, str] = {
    Invariant.STEPS_MISSING: """
        SELECT object_id FROM order_step GROUP BY object_kind, object_id
        HAVING min(seq) <> 1 OR max(seq) <> count(*)""",
    Invariant.STEPS_UNLINKED: """
        SELECT DISTINCT object_id FROM (
            SELECT object_id, from_state, lag(to_state) OVER (PARTITION BY object_id ORDER BY seq) AS before
            FROM order_step WHERE object_kind = 'warning') s
        WHERE before IS NOT NULL AND before <> from_state""",
    Invariant.STATE_UNEXPLAINED: """
        SELECT w.id FROM warning w JOIN (
            SELECT DISTINCT ON (object_id) object_id, to_state FROM order_step
            WHERE object_kind = 'warning' ORDER BY object_id, seq DESC) last ON last.object_id = w.id
        WHERE w.status <> last.to_state""",
    Invariant.ORDER_ASTRAY: """
        SELECT w.id FROM warning w
        LEFT JOIN unnest(CAST(:states AS text[]), CAST(:order_states AS text[])) AS due(status, state)
            ON due.status = w.status
        LEFT JOIN supervision_order o ON o.warning_id = w.id
        WHERE w.status NOT IN ('referred') AND o.state IS DISTINCT FROM due.state
            AND NOT (w.status = 'closed_merged' AND o.id IS NULL)""",
    Invariant.LIGHT_TWICE: """
        SELECT object_id FROM order_step WHERE object_kind = 'order' AND action = 'light'
        GROUP BY object_id, to_state, note HAVING count(*) > 1""",
    Invariant.RUNG_TWICE: """
        SELECT object_id FROM order_step WHERE object_kind = 'order' AND action IN ('remind', 'raise')
        GROUP BY object_id, reason, note HAVING count(*) > 1""",
    Invariant.REMINDED_TWICE: """
        SELECT object_id FROM order_step WHERE object_kind = 'order' AND action = ANY(:reminders)
        GROUP BY object_id, action, reason, note HAVING count(*) > 1""",
    Invariant.STEP_NOT_AUDITED: """
        SELECT COALESCE(s.object_id, a.object_id) FROM (
            SELECT object_kind, object_id, action, count(*) AS number FROM order_step
            WHERE action = ANY(:audited) GROUP BY object_kind, object_id, action) s
        FULL JOIN (
            SELECT object_kind, object_id, action, count(*) AS number FROM audit_log
            WHERE action = ANY(:audited) AND object_kind IN ('warning', 'order')
            GROUP BY object_kind, object_id, action) a
            USING (object_kind, object_id, action)
        WHERE s.number IS DISTINCT FROM a.number""",
    Invariant.LETTER_ASTRAY: """
        SELECT due.key FROM (
            SELECT object_id || CASE action WHEN 'issue' THEN ':issued' ELSE ':' || reason || ':' || note END AS key
            FROM order_step WHERE object_kind = 'order' AND action IN ('issue', 'remind', 'raise')
            UNION ALL
            SELECT object_id || ':co_part_late:' || reason || ':' || note || ':co_part_late:' || reason AS key
            FROM order_step WHERE object_kind = 'order' AND action = 'co_part_late') due
        LEFT JOIN (
            SELECT idempotency_key AS key FROM outbox) written ON written.key = due.key
        GROUP BY due.key HAVING count(written.key) <> 1""".replace(":", "\\:"),
    Invariant.LETTER_UNACCOUNTED: """
        SELECT idempotency_key FROM outbox WHERE sent_at IS NOT NULL AND attempts = 0""",
    Invariant.CASE_IN_TWO_CAMPAIGNS: """
        SELECT c.case_id FROM campaign_case c JOIN campaign p ON p.id = c.campaign_id AND p.state = 'open'
        GROUP BY p.matter, c.kind, c.case_id HAVING count(*) > 1""",
    Invariant.CAMPAIGN_CLOSED_EARLY: """
        SELECT DISTINCT p.id FROM campaign p JOIN campaign_case c ON c.campaign_id = p.id
        WHERE p.state = 'closed' AND c.called_back_at IS NULL""",
    Invariant.CAMPAIGN_ASTRAY: """
        SELECT p.id FROM campaign p JOIN supervision_order o ON o.warning_id = p.warning_id
        WHERE p.state = 'open' AND o.state = 'closed'""",
    Invariant.CO_HANDLER_LEADS: """
        SELECT c.warning_id FROM co_handler c JOIN supervision_order o ON o.warning_id = c.warning_id
        WHERE c.unit_id = o.unit_id AND c.state IN ('asked', 'reported')""",
}
