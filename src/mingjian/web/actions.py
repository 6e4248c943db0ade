"""The steps a reader may take on a warning: the one place where pages meet the supervision engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mingjian.domain.clock import Clock
from mingjian.domain.errors import NotFound
from mingjian.domain.evaluation import Side
from mingjian.domain.i18n import _
from mingjian.domain.policy import Policy
from mingjian.domain.roles import Role
from mingjian.domain.terms import Terms
from mingjian.domain.warning import BY_ACTION, Guard, WarningState, allowed_actions
from mingjian.store import co_handlers, queue
from mingjian.supervise.deputies import lent_roles
from mingjian.supervise.said import Actor, Said
from mingjian.supervise.service import act
from mingjian.web import labels
from mingjian.web.codes import Code, codes_of, dimensions_of
from mingjian.web.unannounced import seen_row
from mingjian.web.viewer import Office, Viewer

NEEDS_REASON = frozenset(
    {
        Guard.SAID_WHY,
        Guard.DRAFTED_BY_ANOTHER,
        Guard.REPORTED_WHOLE,
        Guard.CO_HANDLER_STANDS,
        Guard.VISITS_BACK,
        Guard.EXPLAINED,
        Guard.FP_APPROVER,
        Guard.DATED_DOCUMENT,
        Guard.TRANSFER_OBJECTED,
        Guard.EXTENSION_ASKED,
        Guard.NEXT_TIER_OFFICE,
        Guard.OWN_TIER_OFFICE,
        Guard.CLOSES_OWN_TIER,
        Guard.CODED_VERDICT,
        Guard.RECHECK_FAILED,
    }
)
SCORED = {Guard.VISITS_BACK: Side.PUBLIC, Guard.EVALUATES: Side.SUPERVISOR}
NEEDS_UNIT = frozenset(
    {
        Guard.UNIT_NAMED,
        Guard.TRANSFERS_LEFT,
        Guard.TRANSFER_OBJECTED,
        Guard.CO_HANDLER_PROPOSED,
        Guard.CO_HANDLER_NAMED,
        Guard.CO_HANDLER_STANDS,
    }
)
HANDLERS = frozenset({Role.R1, Role.R2})


@dataclass(frozen=True)
class Offered:
    """A step, its words, and what it asks for besides a note: a reason, a unit, scores by dimension."""

    action: str
    label: str
    needs_reason: bool
    needs_unit: bool
    needs_days: bool
    codes: list[Code]
    scores: list[Code]


def offered_now(
    conn: Connection, office: Office, viewer: Viewer, row: Mapping[Any, Any], tier: int | None
) -> list[Offered]:
    """`offered` for a matter as `queue.find` or `queue.reading` tells of it; `tier` is that of its order."""
    user, access, now = viewer.user, viewer.access, office.clock.now()
    # Nobody else fills another's role, and what nobody shares has no other unit.
    lent = lent_roles(conn, user.id, row["unit_id"], now, access.holders) if access.parts else []
    beside = row["shared"] and co_handlers.only_beside(conn, row["id"], user.unit_id, row["unit_id"])
    return offered(seen_row(row, access), viewer, office.content.policy, tier, lent, beside=beside)


def offered(
    row: Mapping[Any, Any],
    viewer: Viewer,
    policy: Policy,
    tier: int | None,
    lent: Sequence[Role] = (),
    *,
    beside: bool = False,
) -> list[Offered]:
    """Steps that the transition table allows this role in this state; other guards are asked on taking one.

    `tier` is that of the order, None before there is one; steps that belong to another office at this tier are left
    out. `lent` are roles that the reader may fill for absent colleagues. `beside`: the reader's unit handles the
    matter together with its lead, and hands in its own part only.
    """
    state = WarningState(row["status"])
    holders = viewer.access.holders
    own = [Role(viewer.user.role)] if holders is None or viewer.user.id in holders else []
    roles = [*own, *lent]
    actions = {action for role in roles for action in allowed_actions(state, role)}
    actions -= _of_other_offices(policy, tier, roles)
    if HANDLERS.isdisjoint(roles) or not beside:
        actions.discard("co_report")
    else:
        actions &= {"co_report"}
    steps = [step for step in BY_ACTION.values() if step.action in actions]
    return [
        Offered(
            step.action,
            labels.label(labels.ACTION, step.action),
            needs_reason=step.guard in NEEDS_REASON,
            needs_unit=step.guard in NEEDS_UNIT,
            needs_days=step.guard is Guard.EXTENSION_OPEN,
            codes=codes_of(step.action),
            scores=dimensions_of(SCORED[step.guard]) if step.guard in SCORED else [],
        )
        for step in steps
    ]


def _of_other_offices(policy: Policy, tier: int | None, roles: Sequence[Role]) -> set[str]:
    """Steps on the tier that none of these roles may take at this tier."""
    mine = {n for n, one in policy.tiers.items() if not set(roles).isdisjoint(one.offices)}
    barred = set()
    if tier is None or tier + 1 not in mine:
        barred.add("raise_tier")
    if tier not in mine or tier == 1:
        barred.add("lower_tier")
    if tier not in mine:
        barred |= {"close", "exempt"}
    return barred


def actor_of(viewer: Viewer) -> Actor:
    """The reader as somebody who takes a step."""
    user, access = viewer.user, viewer.access
    return Actor(user.id, Role(user.role), access.rechecks, access.holders)


def take(
    conn: Connection, clock: Clock, viewer: Viewer, terms: Terms, warning_id: str, action: str, words: Said
) -> None:
    """Take one step in the caller's transaction.

    Raises NotFound when the reader may not see the warning, TransitionError when table or guard say no.
    """
    if not queue.sees(conn, viewer.access.rows, warning_id):
        raise NotFound(_("没有这条预警，或不在您的查看范围内"), hint=_("请从预警列表重新进入"))
    act(conn, clock, warning_id, action, actor_of(viewer), words, terms=terms)
