"""The repository of proposals to take a model back to shadow, and of the statuses that accepted ones set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mingjian.domain.errors import NotFound, TransitionError
from mingjian.domain.i18n import _
from mingjian.domain.model import Status
from mingjian.domain.review import ProposalState
from mingjian.domain.roles import SYSTEM_ACTOR, Role
from mingjian.store import audit, outbox
from mingjian.store.outbox import Letter
from mingjian.store.tables import app_user, shadow_proposal, status_override

OBJECT = "shadow_proposal"
_C = shadow_proposal.c


@dataclass(frozen=True)
class Answer:
    """What a model steward decided, when, and why."""

    state: ProposalState
    actor: str
    reason: str
    at: datetime
    today: date


def propose(
    conn: Connection, model: str, version: int, figures: Mapping[str, Any], at: datetime
) -> int | None:
    """Make a proposal and tell every model steward, in the caller's transaction; None when one is open already."""
    row = {"model": model, "model_version": version, "figures": dict(figures), "proposed_at": at}
    made = conn.scalar(
        upsert(shadow_proposal)
        .values(**row, state=ProposalState.OPEN)
        .on_conflict_do_nothing(
            index_elements=["model", "model_version"], index_where=_C.state == ProposalState.OPEN
        )
        .returning(_C.id)
    )
    if made is None:
        return None
    detail = {"model": model, "version": version, **figures}
    audit.record(
        conn,
        at=at,
        actor=SYSTEM_ACTOR,
        action="propose_shadow",
        object_kind=OBJECT,
        object_id=str(made),
        detail=detail,
    )
    stewards = list(
        conn.scalars(
            select(app_user.c.id).where(app_user.c.role == Role.R9, app_user.c.active).order_by(app_user.c.id)
        )
    )
    payload = {"proposal": made, "model": model, "version": version, **figures}
    letters = [
        Letter(f"proposal:{made}:{to}", to, "shadow_proposed", payload) for to in stewards or [Role.R9.value]
    ]
    outbox.enqueue(conn, letters, at)
    return int(made)


def last_of(conn: Connection) -> dict[tuple[str, int], RowMapping]:
    """The newest proposal of each model and version."""
    rows = select(shadow_proposal).distinct(_C.model, _C.model_version)
    ordered = rows.order_by(_C.model, _C.model_version, _C.id.desc())
    return {(r["model"], r["model_version"]): r for r in conn.execute(ordered).mappings()}


def all_of(conn: Connection, *, undecided: bool = False) -> list[RowMapping]:
    """Every proposal (or those to be decided), newest first."""
    rows = select(shadow_proposal).order_by(_C.id.desc())
    return list(conn.execute(rows.where(_C.state == ProposalState.OPEN) if undecided else rows).mappings())


def decide(conn: Connection, proposal_id: int, answer: Answer) -> RowMapping:
    """Accept or reject an open proposal, with its audit row; an accepted one sets the model's status from today.

    Raises NotFound for an unknown proposal, TransitionError when it is decided already, no reason is given, or the
    actor is no model steward.
    """
    row = (
        conn.execute(select(shadow_proposal).where(_C.id == proposal_id).with_for_update()).mappings().first()
    )
    if row is None:
        raise NotFound(_("没有建议 {id}", id=proposal_id), hint=_("用 mingjian review proposals 查看编号"))
    if row["state"] != ProposalState.OPEN:
        raise TransitionError(
            _("建议 {id} 已有决定", id=proposal_id), hint=_("用 mingjian review proposals 查看")
        )
    _check(conn, answer)
    conn.execute(
        update(shadow_proposal)
        .where(_C.id == proposal_id)
        .values(state=answer.state, decided_by=answer.actor, decided_at=answer.at, reason=answer.reason)
    )
    if answer.state is ProposalState.ACCEPTED:
        conn.execute(
            insert(status_override).values(
                model=row["model"],
                model_version=row["model_version"],
                status=Status.SHADOW,
                valid_from=answer.today,
                proposal_id=proposal_id,
            )
        )
    audit.record(
        conn,
        at=answer.at,
        actor=answer.actor,
        action=f"{answer.state}_shadow",
        object_kind=OBJECT,
        object_id=str(proposal_id),
        detail={"model": row["model"], "version": row["model_version"], "reason": answer.reason},
    )
    return row


def _check(conn: Connection, answer: Answer) -> None:
    role = conn.scalar(select(app_user.c.role).where(app_user.c.id == answer.actor, app_user.c.active))
    if role != Role.R9:
        raise TransitionError(
            _("{actor} 不是模型管理员，不能决定", actor=answer.actor), hint=_("由角色 R9 的人员决定")
        )
    if not answer.reason.strip():
        raise TransitionError(_("请写明理由"), hint=_("用 --reason 说明为什么这样决定"))


def statuses_at(conn: Connection, as_of: date) -> dict[tuple[str, int], Status]:
    """The statuses that hold on this day instead of those of the files, by model and version."""
    c = status_override.c
    rows = conn.execute(select(status_override).where(c.valid_from <= as_of))
    return {(r.model, r.model_version): Status(r.status) for r in rows}
