"""Filing an appeal: by whom, against what, in time or not."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping

from mingjian.domain.appeal import CONTESTED, PARTY_OF, Against, AppealState, Party, office_for
from mingjian.domain.clock import Clock
from mingjian.domain.errors import NotFound, TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.level import Level
from mingjian.domain.limits import Limit
from mingjian.domain.roles import Role
from mingjian.domain.terms import Terms
from mingjian.domain.warning import WarningState
from mingjian.store import appeals, audit, orders, outbox, policies
from mingjian.supervise.appeals import letters
from mingjian.supervise.terms import under


def file(
    conn: Connection,
    clock: Clock,
    warning_id: str,
    against: Against,
    actor: str,
    role: Role,
    words: str,
    *,
    terms: Terms,
) -> RowMapping:
    """File an appeal in the caller's transaction; returns its row.

    R1 and R2 file for their unit, R3 registers a person's, R12 files its own. One that comes more than the policy's
    working days after the decision is kept as out of time, and its author is told. Raises NotFound, or
    TransitionError when nothing is there to be contested.
    """
    row = orders.lock_warning(conn, warning_id)
    if row is None:
        raise NotFound(_("没有预警或督办单 {id}", id=warning_id), hint=_("请核对编号"))
    order = orders.lock_order(conn, row["id"])
    if order is not None:
        terms = under(terms, order["policy_version"], policies.known(conn))
    party, step = _may_file(conn, row, against, actor, role, words)
    now, policy = clock.now(), terms.policy
    last_day = terms.calendar.add(step["at"], policy.appeals.file_within).at
    filed = appeals.add(
        conn,
        {
            "warning_id": row["id"],
            "against": against,
            "step_id": step["id"],
            "party": party,
            "unit_id": row["unit_id"],
            "filed_by": actor,
            "filed_at": now,
            "words": words.strip(),
            "office": office_for(step["role"] or ""),
            "due_at": terms.calendar.add(now, policy.days(Limit.APPEAL, Level(row["level"]))).at,
            "state": AppealState.FILED if now <= last_day else AppealState.OUT_OF_TIME,
        },
    )
    detail = {"warning": row["id"], "against": against, "party": party, "state": filed["state"], "role": role}
    audit.record(
        conn,
        at=now,
        actor=actor,
        action="file_appeal",
        object_kind=appeals.OBJECT,
        object_id=str(filed["id"]),
        detail=detail,
    )
    outbox.enqueue(conn, letters.filed(conn, filed, row), now)
    return filed


def _may_file(
    conn: Connection, row: RowMapping, against: Against, actor: str, role: Role, words: str
) -> tuple[Party, RowMapping]:
    contested, party = CONTESTED[against], PARTY_OF.get(role)
    if party is None or party not in contested.parties:
        raise _refused(_("您的角色不能{what}提出申诉", what=against.label))
    if not words.strip():
        raise _refused(_("须写明申诉理由"))
    if WarningState(row["status"]) not in contested.states:
        raise _refused(_("该预警目前没有可以申诉的结论"))
    step = appeals.contested_step(conn, row["id"], contested.steps)
    if step is None:
        raise _refused(_("该预警目前没有可以申诉的结论"))
    # A dispatcher registers for many citizens; each author's next appeal waits until the one before is decided.
    if role is not Role.R3 and appeals.filed_against(conn, step["id"], actor, party):
        raise _refused(_("对这一结论已提出过申诉"))
    return party, step


def _refused(why: str) -> TransitionError:
    return TransitionError(why, hint=_("请先查看预警的办理经过，再决定对哪一结论申诉"))
