"""What people do: one table of whose turn it is in which state, and one of what each step says.

A new step of the workflow is one line in each table; a step that is offered and stands in no line is counted as not
taken, and named in the report.
"""

from __future__ import annotations

from dataclasses import dataclass

from mingjian.domain.roles import Role
from mingjian.domain.warning import WarningState

R, S = Role, WarningState
MONITORS = (R.R4, R.R5, R.R6)  # asked in this order: the first to whom the step is offered takes it


@dataclass(frozen=True)
class Way:
    """A step that somebody may choose, those who may take it, and how often it is chosen beside the others.

    `seldom` marks steps whose weight a scenario multiplies, `stands_in` those that are fallen back on.
    """

    action: str
    roles: tuple[Role, ...]
    weight: float
    seldom: bool = False


@dataclass(frozen=True)
class Turn:
    """Whose turn it is: in this state, after one of these steps (after any, when none is named).

    `hours` is the median of working hours until somebody takes the step; the first way is what usually happens, and
    what is tried when the one drawn is not open. `at_once` is how often whoever took the step before takes this one too
    at the same sitting, where it is the same person's turn.
    """

    state: WarningState
    hours: float
    ways: tuple[Way, ...]
    after: frozenset[str] = frozenset()
    at_once: float = 0.0


def _seldom(action: str, weight: float, *roles: Role) -> Way:
    return Way(action, roles, weight, seldom=True)


# Steps by which an office may interrupt the work of a unit at almost any time.
_ASIDE = (
    _seldom("suspend", 0.2, R.R3, R.R5),
    _seldom("take_over", 0.1, R.R5),
    _seldom("raise_tier", 0.3, R.R5, R.R6),
    _seldom("lower_tier", 0.3, *MONITORS),
    _seldom("refer", 0.1, R.R5, R.R6),
)
_MERGE = Way("merge", (R.R3,), 0.0)  # chosen where the matter is a duplicate, not by chance
_VERDICTS = (
    Way("confirm", (R.R2,), 78.0),
    Way("propose_fp", (R.R2,), 14.0),
    Way("report_data_error", (R.R2,), 2.0, seldom=True),
    Way("report_policy_gap", (R.R2,), 1.0, seldom=True),
)


# Double evaluation: what the matrix does not allow yet is refused, and the next of these is tried.
_EVALUATE = Way("evaluate", MONITORS, 5)
_CLOSE = Way("close", MONITORS, 1)
_VISIT = Way("visit_back", (R.R13, R.R3), 0.01)
_EXEMPT = Way("exempt", MONITORS, 0.01)
_RETURN = _seldom("return_rectify", 0.03, R.R4)
# Other units are asked for a part while the lead works; the dispatcher settles what the lead proposes.
HELPED = (S.ACCEPTED, S.VERIFYING)
_SETTLE_HELP = (Way("add_co_handler", (R.R3,), 75), Way("release_co_handler", (R.R3,), 25))


def _then(*actions: str) -> frozenset[str]:
    return frozenset(actions)


TURNS: tuple[Turn, ...] = (
    Turn(S.WAITING, 16, (Way("admit", (R.R4,), 1),)),
    Turn(S.NEW, 4, (Way("triage", (R.R4,), 96), _MERGE, _seldom("refer", 0.3, R.R5, R.R6))),
    Turn(
        S.TRIAGED,
        1,
        (Way("dispatch", (R.R3,), 80), _seldom("assign", 5, R.R3)),
    ),
    Turn(S.DISPATCHED, 2, (Way("sign", (R.R1,), 98), _MERGE, *_ASIDE)),
    Turn(
        S.SIGNED,
        1,
        (
            Way("accept", (R.R1,), 95),
            _seldom("propose_transfer", 1.0, R.R1, R.R2),
            _seldom("accept_and_propose", 0.5, R.R1),
            _MERGE,
            *_ASIDE,
        ),
        at_once=0.7,
    ),
    *(Turn(state, 6, _SETTLE_HELP, _then("propose_co_handler", "accept_and_propose")) for state in HELPED),
    *(Turn(state, 12, (Way("co_report", (R.R1, R.R2), 1),), _then("add_co_handler")) for state in HELPED),
    Turn(
        S.ACCEPTED,
        5,
        (Way("start_verifying", (R.R1,), 97), _seldom("propose_transfer", 0.5, R.R2, R.R1), _MERGE, *_ASIDE),
        at_once=0.6,
    ),
    Turn(S.VERIFYING, 5, _VERDICTS, _then("draft_finding")),
    Turn(
        S.VERIFYING,
        4,
        (Way("grant_extension", (R.R3, R.R5), 80), Way("refuse_extension", (R.R3, R.R5), 20)),
        _then("ask_extension"),
    ),
    Turn(
        S.VERIFYING,
        14,
        (
            Way("draft_finding", (R.R1,), 92),
            _seldom("ask_extension", 1.5, R.R1, R.R2),
            _seldom("propose_transfer", 0.3, R.R1),
            _seldom("propose_co_handler", 0.5, R.R1, R.R2),
            _MERGE,
            *_ASIDE,
        ),
    ),
    Turn(S.CONFIRMED, 8, (Way("plan", (R.R2,), 97), *_ASIDE), at_once=0.7),
    Turn(
        S.RECTIFYING,
        4,
        (Way("grant_extension", (R.R3, R.R5), 80), Way("refuse_extension", (R.R3, R.R5), 20)),
        _then("ask_extension"),
    ),
    Turn(S.RECTIFYING, 4, (Way("report", (R.R2,), 98),), _then("draft_report")),
    Turn(
        S.RECTIFYING,
        36,
        (Way("draft_report", (R.R1,), 92), _seldom("ask_extension", 3, R.R1, R.R2), *_ASIDE),
    ),
    Turn(S.REPORTED, 8, (Way("accept_report", (R.R4,), 91), Way("return_report", (R.R4,), 6))),
    Turn(S.EVALUATING, 3, (_CLOSE, _VISIT, _EXEMPT, _RETURN), _then("evaluate"), at_once=0.9),
    Turn(S.EVALUATING, 4, (_EVALUATE, _CLOSE, _VISIT, _EXEMPT, _RETURN), _then("visit_back")),
    Turn(S.EVALUATING, 8, (Way("visit_back", (R.R13, R.R3), 97), _EVALUATE, _CLOSE, _EXEMPT, *_ASIDE)),
    Turn(S.FP_PROPOSED, 8, (Way("approve_fp", MONITORS, 80), Way("reject_fp", MONITORS, 20), *_ASIDE)),
    Turn(S.DATA_ERROR, 16, (Way("close_data", (R.R10,), 95), *_ASIDE)),
    Turn(S.POLICY_GAP, 24, (Way("close_policy", (R.R5, R.R6), 95), *_ASIDE)),
    Turn(
        S.TRANSFER_PENDING,
        4,
        (Way("rule_transfer", (R.R3,), 60), Way("return_transfer", (R.R3,), 40)),
        _then("object_transfer"),
    ),
    Turn(
        S.TRANSFER_PENDING,
        4,
        (
            Way("take_transfer", (R.R1,), 60),
            Way("object_transfer", (R.R1, R.R2), 30),
            Way("return_transfer", (R.R3,), 10),
        ),
    ),
    Turn(S.LEADER_TAKEOVER, 6, (Way("leader_sign", (R.R7,), 1),), _then("take_over", "third_transfer")),
    Turn(S.LEADER_TAKEOVER, 16, (Way("hold_meeting", (R.R7,), 97), *_ASIDE[-1:]), _then("leader_sign")),
    Turn(S.LEADER_TAKEOVER, 24, (Way("leader_step", (R.R7,), 1),), _then("hold_meeting")),
    Turn(
        S.LEADER_TAKEOVER,
        16,
        (Way("hand_back", (R.R7,), 70), Way("leader_step", (R.R7,), 30)),
        _then("leader_step"),
    ),
    Turn(S.LEADER_TAKEOVER, 8, (Way("leader_sign", (R.R7,), 1),)),
    Turn(S.SUSPENDED, 60, (Way("resume", (R.R3, R.R5), 97), *_ASIDE[-1:])),
    Turn(
        S.CLOSED,
        24,
        (Way("recheck", MONITORS, 0.02, seldom=True), Way("reopen", (R.R5, R.R6), 0.02, seldom=True)),
    ),
    Turn(
        S.RECHECK,
        12,
        (
            Way("archive", (R.R5, R.R6), 80),
            Way("recheck_pass", (R.R5, R.R6), 80),
            Way("recheck_partial", (R.R5, R.R6), 4, seldom=True),
            Way("recheck_false", (R.R5, R.R6), 1, seldom=True),
            Way("reopen", (R.R5, R.R6), 0.2, seldom=True),
        ),
    ),
    Turn(S.ARCHIVED, 24, (Way("reopen", (R.R5, R.R6), 0.1, seldom=True),)),
    Turn(
        S.CLOSED_FP,
        16,
        (Way("uphold_fp", (R.R5, R.R6), 90), Way("overturn_fp", (R.R5, R.R6), 4, seldom=True)),
    ),
    Turn(S.REOPENED, 4, (Way("verify_again", (R.R3, R.R5, R.R6), 1),)),
)
# A matter in one of these is taken up again only when chance, or a check that is due, says so.
SETTLED = frozenset({S.CLOSED, S.ARCHIVED, S.CLOSED_FP})
ENDED = frozenset({S.CLOSED_DATA, S.CLOSED_POLICY, S.CLOSED_MERGED, S.REFERRED, S.RECORDED})


def turn_of(state: WarningState, last: str) -> Turn | None:
    """The table's first line for this state after this step; None where nobody does anything."""
    return next((t for t in TURNS if t.state is state and (not t.after or last in t.after)), None)
