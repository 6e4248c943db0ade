"""The life of a warning: its states and the one table of steps that may be taken (catalogue §4.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mingjian.domain.errors import TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.limits import Limit
from mingjian.domain.roles import Role


class WarningState(StrEnum):
    """Where a warning stands.

    RECORDED is the resting place of a shadow model's warnings and of silenced ones; WAITING is the queue behind
    a unit's alert budget.
    """

    RECORDED = "recorded"
    WAITING = "waiting"
    NEW = "new"
    TRIAGED = "triaged"
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    ACCEPTED = "accepted"
    VERIFYING = "verifying"
    CONFIRMED = "confirmed"
    RECTIFYING = "rectifying"
    REPORTED = "reported"
    EVALUATING = "evaluating"
    CLOSED = "closed"
    RECHECK = "recheck"
    ARCHIVED = "archived"
    FP_PROPOSED = "fp_proposed"
    CLOSED_FP = "closed_fp"
    DATA_ERROR = "data_error"
    CLOSED_DATA = "closed_data"
    POLICY_GAP = "policy_gap"
    CLOSED_POLICY = "closed_policy"
    CLOSED_MERGED = "closed_merged"
    TRANSFER_PENDING = "transfer_pending"
    LEADER_TAKEOVER = "leader_takeover"
    SUSPENDED = "suspended"
    REFERRED = "referred"
    REOPENED = "reopened"


_S = WarningState

CLOSED_STATES = frozenset(
    {_S.CLOSED, _S.CLOSED_FP, _S.CLOSED_DATA, _S.CLOSED_POLICY, _S.CLOSED_MERGED, _S.ARCHIVED}
)
# Closed by people as put right: what the model then sees again by the same facts tells nothing new.
PUT_RIGHT = frozenset({_S.CLOSED, _S.RECHECK, _S.ARCHIVED})
# States in which somebody still has to do something about the matter itself.
WORKING_STATES = (
    _S.WAITING,
    _S.NEW,
    _S.TRIAGED,
    _S.DISPATCHED,
    _S.SIGNED,
    _S.ACCEPTED,
    _S.VERIFYING,
    _S.CONFIRMED,
    _S.RECTIFYING,
    _S.REPORTED,
    _S.EVALUATING,
    _S.FP_PROPOSED,
    _S.DATA_ERROR,
    _S.POLICY_GAP,
    _S.TRANSFER_PENDING,
    _S.REOPENED,
)
# What a person has found out about the matter, by the state it reached: the verdicts that measure a model.
CONFIRMED_STATES = frozenset(
    {_S.CONFIRMED, _S.RECTIFYING, _S.REPORTED, _S.EVALUATING, _S.CLOSED, _S.RECHECK, _S.ARCHIVED, _S.REFERRED}
)
REJECTED_STATES = frozenset({_S.CLOSED_FP, _S.CLOSED_DATA})
# The unit answers for these: leader take-over and suspension only make sense once a unit has the order.
ORDERED_STATES = tuple(s for s in WORKING_STATES if s not in (_S.WAITING, _S.NEW, _S.TRIAGED))
# The unit works against a deadline that may be moved.
EXTENDABLE = (_S.VERIFYING, _S.CONFIRMED, _S.RECTIFYING)
# The unit has still to hand its work in: what is found in addition can be part of it.
CARRIES_ON = frozenset({_S.DISPATCHED, _S.SIGNED, _S.ACCEPTED, _S.VERIFYING, _S.CONFIRMED, _S.RECTIFYING})
# Other units may be asked for a part while the lead works; in review and evaluation everything is in.
CO_HANDLED = (_S.DISPATCHED, _S.SIGNED, _S.ACCEPTED, _S.VERIFYING, _S.CONFIRMED, _S.RECTIFYING)
# Nobody has it in hand yet: what silences a matter may still take the warning back.
UNTOUCHED_STATES = frozenset({_S.RECORDED, _S.WAITING, _S.NEW})


class Guard(StrEnum):
    """A named condition on a step; `supervise.guards` holds one function for each."""

    NONE = "none"
    EVIDENCE_COMPLETE = "evidence_complete"
    UNIT_NAMED = "unit_named"
    LEAD_NAMED = "lead_named"
    NOTED = "noted"
    LIKE_SITES = "like_sites"
    SAID_WHY = "said_why"
    DRAFTED_BY_ANOTHER = "drafted_by_another"
    NOT_THE_HANDLER = "not_the_handler"
    VISITS_BACK = "visits_back"
    EVALUATES = "evaluates"
    EXPLAINED = "explained"
    FP_APPROVER = "fp_approver"
    MODEL_QUIET = "model_quiet"
    POLICY_ANSWERED = "policy_answered"
    REPORTED_WHOLE = "reported_whole"
    CO_HANDLER_PROPOSED = "co_handler_proposed"
    CO_HANDLER_NAMED = "co_handler_named"
    CO_PART_GIVEN = "co_part_given"
    CO_HANDLER_STANDS = "co_handler_stands"
    TRANSFERS_LEFT = "transfers_left"
    TRANSFERS_SPENT = "transfers_spent"
    OBJECTS_WITH_CLAUSE = "objects_with_clause"
    TRANSFER_OBJECTED = "transfer_objected"
    EXTENSION_OPEN = "extension_open"
    EXTENSIONS_SPENT = "extensions_spent"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_GRANTER = "extension_granter"
    NEXT_TIER_OFFICE = "next_tier_office"
    OWN_TIER_OFFICE = "own_tier_office"
    CLOSES_OWN_TIER = "closes_own_tier"
    DATED_DOCUMENT = "dated_document"
    CODED_VERDICT = "coded_verdict"
    RECHECK_PASSED = "recheck_passed"
    RECHECK_OVER = "recheck_over"
    RECHECK_FAILED = "recheck_failed"
    RECHECK_UPHELD = "recheck_upheld"


@dataclass(frozen=True)
class Transition:
    """One step: who may take it, from where, to where, on what condition, against which clock.

    `to` is None for a step that leads back to the state before the interruption, and for one that `stays`.
    """

    action: str
    from_states: tuple[WarningState, ...]
    to: WarningState | None
    roles: tuple[Role, ...]
    guard: Guard = Guard.NONE
    limit: Limit | None = None
    stays: bool = False


_R = Role
_SUPERVISORS = (_R.R4, _R.R5, _R.R6)

TRANSITIONS: tuple[Transition, ...] = (
    Transition("silence", (_S.WAITING, _S.NEW), _S.RECORDED, (_R.SYSTEM,)),
    Transition("wake", (_S.RECORDED,), _S.NEW, (_R.SYSTEM,)),
    Transition("wait", (_S.RECORDED,), _S.WAITING, (_R.SYSTEM,)),
    Transition("admit", (_S.WAITING,), _S.NEW, (_R.R4, _R.SYSTEM)),
    Transition("triage", (_S.NEW,), _S.TRIAGED, (_R.R4, _R.SYSTEM), Guard.EVIDENCE_COMPLETE, Limit.TRIAGE),
    Transition(
        "dispatch", (_S.TRIAGED,), _S.DISPATCHED, (_R.R3, _R.SYSTEM), Guard.UNIT_NAMED, Limit.DISPATCH
    ),
    Transition("assign", (_S.TRIAGED,), _S.TRIAGED, (_R.R3,), Guard.UNIT_NAMED, Limit.DISPATCH),
    # A duplicate says nothing about the model, so it ends in a state of its own, neither confirmed nor rejected.
    Transition(
        "merge",
        (_S.NEW, _S.TRIAGED, _S.DISPATCHED, _S.SIGNED, _S.ACCEPTED, _S.VERIFYING),
        _S.CLOSED_MERGED,
        (_R.R3, _R.SYSTEM),
        Guard.LEAD_NAMED,
    ),
    Transition("sign", (_S.DISPATCHED,), _S.SIGNED, (_R.R1,), Guard.NONE, Limit.SIGN),
    Transition("accept", (_S.SIGNED,), _S.ACCEPTED, (_R.R1,), Guard.NONE, Limit.ACCEPT),
    # The screen has no "refuse": it has "accept and propose co-handling" (catalogue §4.4.1).
    Transition(
        "accept_and_propose", (_S.SIGNED,), _S.ACCEPTED, (_R.R1,), Guard.CO_HANDLER_PROPOSED, Limit.ACCEPT
    ),
    Transition("start_verifying", (_S.ACCEPTED,), _S.VERIFYING, (_R.R1,), Guard.NOTED, Limit.CONTACT),
    Transition("draft_finding", (_S.VERIFYING,), _S.VERIFYING, (_R.R1,), Guard.NOTED, Limit.VERIFY),
    Transition("confirm", (_S.VERIFYING,), _S.CONFIRMED, (_R.R2,), Guard.DRAFTED_BY_ANOTHER, Limit.VERIFY),
    Transition("propose_fp", (_S.VERIFYING,), _S.FP_PROPOSED, (_R.R2,), Guard.CODED_VERDICT, Limit.VERIFY),
    Transition(
        "report_data_error", (_S.VERIFYING,), _S.DATA_ERROR, (_R.R2,), Guard.CODED_VERDICT, Limit.VERIFY
    ),
    Transition(
        "report_policy_gap", (_S.VERIFYING,), _S.POLICY_GAP, (_R.R2,), Guard.CODED_VERDICT, Limit.VERIFY
    ),
    Transition("plan", (_S.CONFIRMED,), _S.RECTIFYING, (_R.R2,), Guard.NOTED, Limit.PLAN),
    Transition("draft_report", (_S.RECTIFYING,), _S.RECTIFYING, (_R.R1,), Guard.NOTED, Limit.RECTIFY),
    Transition("report", (_S.RECTIFYING,), _S.REPORTED, (_R.R2,), Guard.REPORTED_WHOLE, Limit.RECTIFY),
    Transition("accept_report", (_S.REPORTED,), _S.EVALUATING, (_R.R4,), Guard.NOT_THE_HANDLER, Limit.REVIEW),
    Transition("return_report", (_S.REPORTED,), _S.RECTIFYING, (_R.R4,), Guard.SAID_WHY, Limit.REVIEW),
    Transition(
        "visit_back",
        (_S.EVALUATING,),
        _S.EVALUATING,
        (_R.R13, _R.R3),
        Guard.VISITS_BACK,
        Limit.EVALUATE,
    ),
    Transition("evaluate", (_S.EVALUATING,), _S.EVALUATING, _SUPERVISORS, Guard.EVALUATES, Limit.EVALUATE),
    Transition("close", (_S.EVALUATING,), _S.CLOSED, _SUPERVISORS, Guard.CLOSES_OWN_TIER, Limit.EVALUATE),
    # The public is still not satisfied, and the demand is outside law or unreasonable: closed with an explanation.
    Transition("exempt", (_S.EVALUATING,), _S.CLOSED, _SUPERVISORS, Guard.EXPLAINED, Limit.EVALUATE),
    Transition(
        "return_rectify",
        (_S.EVALUATING,),
        _S.RECTIFYING,
        (_R.R4, _R.SYSTEM),
        Guard.SAID_WHY,
        Limit.EVALUATE,
    ),
    Transition("recheck", (_S.CLOSED,), _S.RECHECK, (*_SUPERVISORS, _R.SYSTEM)),
    # A recheck's result: fit, with a later check still planned or as the last; partly put right; not true.
    Transition(
        "recheck_pass", (_S.RECHECK,), _S.CLOSED, (_R.R5, _R.R6), Guard.RECHECK_PASSED, Limit.RECHECK_RESULT
    ),
    Transition(
        "archive", (_S.RECHECK,), _S.ARCHIVED, (_R.R5, _R.R6), Guard.RECHECK_OVER, Limit.RECHECK_RESULT
    ),
    Transition(
        "recheck_partial",
        (_S.RECHECK,),
        _S.RECTIFYING,
        (_R.R5, _R.R6),
        Guard.RECHECK_FAILED,
        Limit.RECHECK_RESULT,
    ),
    Transition(
        "recheck_false",
        (_S.RECHECK,),
        _S.REOPENED,
        (_R.R5, _R.R6),
        Guard.RECHECK_FAILED,
        Limit.RECHECK_RESULT,
    ),
    Transition(
        "uphold_fp", (_S.CLOSED_FP,), _S.CLOSED_FP, (_R.R5, _R.R6), Guard.RECHECK_UPHELD, Limit.RECHECK_RESULT
    ),
    Transition(
        "overturn_fp",
        (_S.CLOSED_FP,),
        _S.REOPENED,
        (_R.R5, _R.R6),
        Guard.RECHECK_FAILED,
        Limit.RECHECK_RESULT,
    ),
    Transition(
        "reopen",
        (_S.CLOSED, _S.RECHECK, _S.ARCHIVED),
        _S.REOPENED,
        (_R.R5, _R.R6, _R.SYSTEM),
        Guard.SAID_WHY,
    ),
    # An appeal was upheld (catalogue §4.7): the finding was none, or the matter was not put right.
    Transition(
        "correct_label",
        (
            _S.CONFIRMED,
            _S.RECTIFYING,
            _S.REPORTED,
            _S.EVALUATING,
            _S.CLOSED,
            _S.RECHECK,
            _S.ARCHIVED,
            _S.LEADER_TAKEOVER,
            _S.SUSPENDED,
        ),
        _S.CLOSED_FP,
        (_R.SYSTEM,),
        Guard.SAID_WHY,
    ),
    Transition(
        "reopen_on_appeal",
        (_S.CLOSED, _S.RECHECK, _S.ARCHIVED, _S.CLOSED_FP),
        _S.REOPENED,
        (_R.SYSTEM,),
        Guard.SAID_WHY,
    ),
    Transition("verify_again", (_S.REOPENED,), _S.VERIFYING, (_R.R3, _R.R5, _R.R6, _R.SYSTEM)),
    Transition(
        "approve_fp",
        (_S.FP_PROPOSED,),
        _S.CLOSED_FP,
        _SUPERVISORS,
        Guard.FP_APPROVER,
        Limit.FALSE_POSITIVE,
    ),
    Transition(
        "reject_fp", (_S.FP_PROPOSED,), _S.VERIFYING, _SUPERVISORS, Guard.FP_APPROVER, Limit.FALSE_POSITIVE
    ),
    Transition("close_data", (_S.DATA_ERROR,), _S.CLOSED_DATA, (_R.R10,), Guard.MODEL_QUIET),
    Transition("close_policy", (_S.POLICY_GAP,), _S.CLOSED_POLICY, (_R.R5, _R.R6), Guard.POLICY_ANSWERED),
    Transition(
        "propose_transfer",
        (_S.SIGNED, _S.ACCEPTED, _S.VERIFYING),
        _S.TRANSFER_PENDING,
        (_R.R1, _R.R2),
        Guard.TRANSFERS_LEFT,
        Limit.ACCEPT,
    ),
    Transition(
        "take_transfer",
        (_S.TRANSFER_PENDING,),
        _S.ACCEPTED,
        (_R.R1, _R.SYSTEM),
        Guard.UNIT_NAMED,
        Limit.TRANSFER_ANSWER,
    ),
    Transition(
        "object_transfer",
        (_S.TRANSFER_PENDING,),
        None,
        (_R.R1, _R.R2),
        Guard.OBJECTS_WITH_CLAUSE,
        Limit.TRANSFER_ANSWER,
        stays=True,
    ),
    Transition(
        "rule_transfer",
        (_S.TRANSFER_PENDING,),
        _S.ACCEPTED,
        (_R.R3,),
        Guard.TRANSFER_OBJECTED,
        Limit.TRANSFER_RULING,
    ),
    Transition(
        "return_transfer", (_S.TRANSFER_PENDING,), None, (_R.R3,), Guard.SAID_WHY, Limit.TRANSFER_RULING
    ),
    Transition(
        "third_transfer",
        (_S.SIGNED, _S.ACCEPTED, _S.VERIFYING),
        _S.LEADER_TAKEOVER,
        (_R.R1, _R.R2),
        Guard.TRANSFERS_SPENT,
        Limit.DUTY_MEETING,
    ),
    Transition(
        "propose_co_handler",
        (_S.ACCEPTED, _S.VERIFYING, _S.CONFIRMED, _S.RECTIFYING),
        None,
        (_R.R1, _R.R2),
        Guard.CO_HANDLER_PROPOSED,
        stays=True,
    ),
    Transition("add_co_handler", CO_HANDLED, None, (_R.R3, _R.SYSTEM), Guard.CO_HANDLER_NAMED, stays=True),
    Transition(
        "co_report", CO_HANDLED, None, (_R.R1, _R.R2), Guard.CO_PART_GIVEN, Limit.CO_REPORT, stays=True
    ),
    Transition("release_co_handler", CO_HANDLED, None, (_R.R3,), Guard.CO_HANDLER_STANDS, stays=True),
    Transition("ask_extension", EXTENDABLE, None, (_R.R1, _R.R2), Guard.EXTENSION_OPEN, stays=True),
    Transition("third_extension", EXTENDABLE, None, (_R.R1, _R.R2), Guard.EXTENSIONS_SPENT, stays=True),
    Transition("grant_extension", EXTENDABLE, None, (_R.R3, _R.R5), Guard.EXTENSION_GRANTER, stays=True),
    Transition("refuse_extension", EXTENDABLE, None, (_R.R3, _R.R5), Guard.EXTENSION_ASKED, stays=True),
    Transition("raise_tier", ORDERED_STATES, None, (_R.R5, _R.R6), Guard.NEXT_TIER_OFFICE, stays=True),
    Transition("lower_tier", ORDERED_STATES, None, _SUPERVISORS, Guard.OWN_TIER_OFFICE, stays=True),
    Transition("take_over", ORDERED_STATES, _S.LEADER_TAKEOVER, (_R.R5, _R.SYSTEM), Guard.SAID_WHY),
    Transition(
        "leader_sign",
        (_S.LEADER_TAKEOVER,),
        None,
        (_R.R7,),
        limit=Limit.TAKEOVER_SIGN,
        stays=True,
    ),
    Transition(
        "hold_meeting",
        (_S.LEADER_TAKEOVER,),
        None,
        (_R.R7,),
        Guard.NOTED,
        Limit.TAKEOVER_MEETING,
        stays=True,
    ),
    Transition("leader_step", (_S.LEADER_TAKEOVER,), None, (_R.R7,), Guard.NOTED, stays=True),
    Transition("hand_back", (_S.LEADER_TAKEOVER,), None, (_R.R7,), Guard.LIKE_SITES, Limit.TAKEOVER_FINISH),
    Transition("suspend", ORDERED_STATES, _S.SUSPENDED, (_R.R3, _R.R5), Guard.DATED_DOCUMENT),
    Transition("resume", (_S.SUSPENDED,), None, (_R.R3, _R.R5, _R.SYSTEM)),
    Transition(
        "refer",
        (*WORKING_STATES, _S.LEADER_TAKEOVER, _S.SUSPENDED),
        _S.REFERRED,
        (_R.R5, _R.R6),
        Guard.SAID_WHY,
    ),
)

BY_ACTION: dict[str, Transition] = {t.action: t for t in TRANSITIONS}
BACK_ACTIONS = frozenset(t.action for t in TRANSITIONS if t.to is None and not t.stays)
# Steps that somebody may take at almost any time: that they are possible does not mean that a matter waits for them.
INTERVENTIONS = frozenset(
    {
        "take_over",
        "suspend",
        "refer",
        "merge",
        "recheck",
        "reopen",
        "propose_co_handler",
        "add_co_handler",
        "co_report",
        "release_co_handler",
    }
)
# What a step becomes when its number is used up: it is not refused, it has consequences (catalogue §4.3, §4.4).
SPENT = {"propose_transfer": "third_transfer", "ask_extension": "third_extension"}
# Steps into REOPENED (each is one reopening), and those by which a matter is closed for the first time or again.
REOPENINGS = frozenset(t.action for t in TRANSITIONS if t.to is WarningState.REOPENED)
CLOSINGS = frozenset({"close", "approve_fp", "exempt"})


def allowed_actions(state: WarningState, role: Role | None = None) -> list[str]:
    """Actions to choose from in this state (for this role), in the table's order.

    What a step becomes when its number is used up is nobody's choice and not among them.
    """
    chosen = [t for t in TRANSITIONS if t.action not in SPENT.values()]
    return [t.action for t in chosen if state in t.from_states and (role is None or role in t.roles)]


def transition(state: WarningState, action: str, role: Role) -> Transition:
    """The table's row for this step; TransitionError says what is allowed instead."""
    found = BY_ACTION.get(action)
    if found is None or state not in found.from_states:
        raise TransitionError(
            _("状态 {state} 下不能执行 {action}", state=state, action=action),
            hint=_("此时可执行：{actions}", actions=_listed(allowed_actions(state))),
        )
    if role not in found.roles:
        raise TransitionError(
            _("角色 {role} 不能执行 {action}", role=role, action=action),
            hint=_("须由这些角色执行：{roles}", roles=_listed(found.roles)),
        )
    return found


def next_state(
    state: WarningState, action: str, role: Role, before: WarningState | None = None
) -> WarningState:
    """The state after this step; raises TransitionError when state, action or role do not fit.

    `before` is the state that an interruption (transfer, take-over, suspension) left; only the steps that
    lead back need it.
    """
    step = transition(state, action, role)
    if step.stays:
        return state
    if step.to is not None:
        return step.to
    if before is None:
        raise TransitionError(
            _("找不到 {action} 要返回的状态", action=action), hint=_("请核对该预警的办理记录是否完整")
        )
    return before


def _listed(items: Iterable[str]) -> str:
    return "、".join(items) or _("无")
